"""Run a figure over several seeds and judge every row."""

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from normviz.reproduce import FIGURES
from normviz.reproduce.figure import Entry, Figure, Numbers, Row

#: called with the parts done and the parts in all
Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Judged:
    """A row with what came out.

    Attributes:
        values: one number a seed; a single one where it is of all seeds together.
        inside: whether they are inside the band; None where there is no band.
    """

    row: Row
    values: tuple[float, ...]
    inside: bool | None

    @property
    def mean(self) -> float:
        """Mean over the seeds."""
        return statistics.fmean(self.values)

    @property
    def sd(self) -> float | None:
        """Standard deviation over the seeds (divided by n - 1); None for a single number."""
        if len(self.values) < 2:
            return None
        squares = math.fsum((value - self.mean) ** 2 for value in self.values)
        return math.sqrt(squares / (len(self.values) - 1))


@dataclass(frozen=True)
class Outcome:
    """All that came out of a figure.

    Attributes:
        samples: the numbers of every seed.
        pooled: the numbers of all seeds together.
    """

    name: str
    entry: Entry
    figure: Figure
    seeds: tuple[int, ...]
    samples: tuple[Numbers, ...]
    pooled: Numbers

    def values(self, key: str) -> tuple[float, ...]:
        """Return what was measured under a key.

        Raises:
            KeyError: no part measures it.
        """
        if key in self.pooled:
            return (self.pooled[key],)
        return tuple(sample[key] for sample in self.samples)

    def rows(self) -> tuple[Judged, ...]:
        """Judge all rows of the figure."""
        return tuple(self._judged(row) for row in self.figure.rows)

    def _judged(self, row: Row) -> Judged:
        values = self.values(row.key)
        return Judged(row, values, row.band.holds(values) if row.band else None)

    @property
    def inside(self) -> bool:
        """Whether no row is outside its band."""
        return all(judged.inside is not False for judged in self.rows())


def run(name: str, seeds: Sequence[int], tick: Tick = lambda done, total: None) -> Outcome:
    """Measure a figure with every seed. Same seeds, same numbers, on one machine with one thread.

    Raises:
        KeyError: there is no figure of that name.
        ValueError: no seed was given.
    """
    if not seeds:
        raise ValueError("seeds: none given; allowed: one or more")
    entry = FIGURES[name]
    figure = entry.load()
    total, done = len(seeds) * len(figure.parts), 0

    def advance() -> None:
        nonlocal done
        done += 1
        tick(done, total)

    tick(0, total)
    samples = tuple(figure.measure(seed, advance) for seed in seeds)
    return Outcome(name, entry, figure, tuple(seeds), samples, figure.pool(samples))
