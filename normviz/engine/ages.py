"""How old frames are when they reach the web process."""

import time
from bisect import bisect_left

from normviz.frames import stamp

#: Upper ends of the classes that frames are counted in, in seconds; the last one has no end.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Ages:
    """Counts frames by their age.

    Attributes:
        count: how many there have been.
        seconds: their ages altogether.
    """

    def __init__(self) -> None:
        self.count, self.seconds = 0, 0.0
        self._classes = [0] * (len(BOUNDS) + 1)

    def add(self, data: bytes) -> None:
        """Count an encoded frame that has just come. A clock that has been put back makes it 0 seconds old."""
        age = max(0.0, time.time() - stamp(data))
        self.count, self.seconds = self.count + 1, self.seconds + age
        self._classes[bisect_left(BOUNDS, age)] += 1

    def counts(self) -> tuple[int, ...]:
        """Return how many frames were at most as old as each of :data:`BOUNDS`, and how many there were."""
        total, counts = 0, list[int]()
        for each in self._classes:
            total += each
            counts.append(total)
        return tuple(counts)
