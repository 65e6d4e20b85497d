"""The record of a run: its frames, bounded, evenly spread over its life, with the telling early steps kept."""

from collections.abc import Iterator

from normviz.frames import is_milestone

TAIL = 64


class Record:
    """Frames in order of emission, thinned as they grow.

    Kept are every ``stride``-th frame (the stride doubles whenever more than ``capacity`` would be), the milestone
    steps, the newest :data:`TAIL` frames and the last one.

    Attributes:
        latest: the newest (seq, step, data), or None.
        nbytes: size of all frames kept.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity, self._stride = capacity, 1
        self._kept: dict[int, tuple[int, bytes]] = {}
        self._pinned = 0
        self.latest: tuple[int, int, bytes] | None = None
        self.nbytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def append(self, seq: int, step: int, data: bytes) -> None:
        """Keep the newest frame; ``seq`` must be larger than any before."""
        self._kept[seq] = step, data
        self.nbytes += len(data)
        self.latest = seq, step, data
        self._pinned += is_milestone(step)
        self._drop(seq - TAIL)
        if len(self._kept) - self._pinned > self._capacity + TAIL:
            self._stride *= 2
            for old in [s for s in self._kept if s <= seq - TAIL]:
                self._drop(old)

    def _drop(self, seq: int) -> None:
        if seq in self._kept and seq % self._stride and not is_milestone(self._kept[seq][0]):
            self.nbytes -= len(self._kept.pop(seq)[1])

    def frames(self) -> list[tuple[int, int, bytes]]:
        """Return all kept frames as (seq, step, data), in order."""
        return [(seq, step, data) for seq, (step, data) in self._kept.items()]

    def between(self, after: int, before: int) -> Iterator[bytes]:
        """Yield the kept frames with ``after < seq < before``, in order."""
        return (data for seq, (_, data) in self._kept.items() if after < seq < before)

    def until(self, step: int) -> list[tuple[int, bytes]]:
        """Return the kept frames up to a step, in order, each with its step."""
        return [(at, data) for at, data in self._kept.values() if at <= step]
