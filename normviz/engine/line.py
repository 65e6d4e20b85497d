"""Who trains and who waits: so many runs at the same time, the others in line, first come first served."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass

from normviz.engine.run import Place, Run


class LineFull(RuntimeError):
    """As many runs wait as the settings allow."""


@dataclass
class _Held:
    """A run that trains, and since when (seconds of the event loop's clock)."""

    run: Run
    since: float


class Line:
    """At most ``capacity`` runs train and ``length`` wait; a run trains for at most ``longest`` seconds at a time.

    ``clock`` gives the seconds that all this is measured in; a jump of the wall clock must not move it.
    """

    def __init__(
        self, capacity: int, length: int, longest: float, clock: Callable[[], float]
    ) -> None:
        self._capacity, self._length, self._longest, self._clock = capacity, length, longest, clock
        self._training: dict[str, _Held] = {}
        self._waiting: dict[str, Run] = {}

    @property
    def waiting(self) -> tuple[Run, ...]:
        """Those who wait, the next one first."""
        return tuple(self._waiting.values())

    @property
    def training(self) -> int:
        """How many train."""
        return len(self._training)

    def enter(self, run: Run) -> bool:
        """Let a run train if there is room, else wait; return whether it trains.

        Raises:
            LineFull: it would have to wait, and too many do.
        """
        if run.id in self._training:
            return True
        if run.id in self._waiting:
            return False
        if len(self._training) < self._capacity:
            self._training[run.id] = _Held(run, self._clock())
            return True
        if len(self._waiting) >= self._length:
            raise LineFull(
                f"Runs that train: {self._capacity} of {self._capacity}; that wait: "
                f"{self._length} of {self._length}. Try again in a while."
            )
        self._waiting[run.id] = run
        return False

    def leave(self, run: Run) -> list[Run]:
        """Let go of a run, wherever it is; return those who may train instead."""
        self._training.pop(run.id, None)
        self._waiting.pop(run.id, None)
        called = list[Run]()
        while self._waiting and len(self._training) < self._capacity:
            following = self._waiting.pop(next(iter(self._waiting)))
            self._training[following.id] = _Held(following, self._clock())
            called.append(following)
        return called

    def overdue(self) -> list[Run]:
        """Return those who have trained for as long as they may."""
        now = self._clock()
        return [held.run for held in self._training.values() if now - held.since >= self._longest]

    def places(self) -> list[tuple[Run, Place]]:
        """Return everybody's place in the line with an estimate of the seconds until their turn.

        It takes every run to train to its last step at its present rate, or for as long as it may, and those who wait
        to train for as long as those who train now do altogether, at the mean.
        """
        ends = [self._left(held) for held in self._training.values()]
        whole = [self._whole(held) for held in self._training.values()]
        mean = sum(whole) / len(whole) if whole else 0.0
        heapq.heapify(ends)
        found = list[tuple[Run, Place]]()
        for index, run in enumerate(self._waiting.values(), 1):
            turn = heapq.heappop(ends) if ends else 0.0
            heapq.heappush(ends, turn + mean)
            found.append((run, Place(index, len(self._waiting), turn)))
        return found

    def _left(self, held: _Held) -> float:
        run, longest = held.run, self._longest - (self._clock() - held.since)
        steps = run.config.steps - run.step
        return max(0.0, min(longest, steps / run.rate if run.rate else longest))

    def _whole(self, held: _Held) -> float:
        run = held.run
        return min(self._longest, run.config.steps / run.rate if run.rate else self._longest)
