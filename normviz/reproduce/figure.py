"""What a published figure is: parts that measure numbers, and rows that say what was published and what is allowed."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pkgutil import resolve_name

from normviz.language import _

#: what a part measures with one seed; names are the rows' and the lines' keys
Numbers = dict[str, float]
Real = float | int


@dataclass(frozen=True)
class Entry:
    """One line of the list of figures.

    Attributes:
        title: what the figure shows.
        source: where it was published.
        target: where its :class:`Figure` is, ``"package.module:attribute"``.
    """

    title: str
    source: str
    target: str

    def load(self) -> "Figure":
        """Import and return the figure."""
        return resolve_name(self.target)


@dataclass(frozen=True)
class Band:
    """What counts as the published result.

    Attributes:
        low: smallest value that is inside.
        high: largest value that is inside.
        reason: where the limits come from.
        every_seed: whether every seed must be inside; otherwise the mean over the seeds.
    """

    low: Real
    high: Real
    reason: str
    every_seed: bool = True

    def holds(self, values: Sequence[Real]) -> bool:
        """Tell whether the values of all seeds are inside; one that is not a number is outside."""
        judged = values if self.every_seed else [math.fsum(values) / len(values)]
        return all(self.low <= value <= self.high for value in judged)

    def __str__(self) -> str:
        """Write the limits, as ``0.58 to 0.7``."""
        if math.isinf(self.high):
            return f">= {self.low:g}"
        if math.isinf(self.low):
            return f"<= {self.high:g}"
        return _("{low:g} to {high:g}").format(low=self.low, high=self.high)


def at_least(low: Real, reason: str) -> Band:
    """Return the band of all numbers from ``low`` up, for every seed."""
    return Band(low, math.inf, reason)


def at_most(high: Real, reason: str) -> Band:
    """Return the band of all numbers up to ``high``, for every seed."""
    return Band(-math.inf, high, reason)


@dataclass(frozen=True)
class Row:
    """One line of a figure's table.

    Attributes:
        key: the measured number.
        label: what it is, with its unit if it has one.
        published: the number or the words of the source; None where it gives none.
        band: what is allowed; None for a number that is shown and not judged.
    """

    key: str
    label: str
    published: Real | str | None = None
    band: Band | None = None


@dataclass(frozen=True)
class Line:
    """One curve of a panel: the means over the seeds of the numbers ``keys`` at the places ``x``.

    Attributes:
        published: the source's values at the same places, or empty.
    """

    label: str
    x: Sequence[Real]
    keys: Sequence[str]
    published: Sequence[Real] = ()


@dataclass(frozen=True)
class Panel:
    """One chart of a figure."""

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    log: bool = False


@dataclass(frozen=True)
class Plane:
    """Points of the first seed, with two coordinates; both axes have one scale.

    Attributes:
        title: what is drawn.
        points: what the points are.
        keys: the numbers of each point, horizontal and vertical.
        marks: places to compare them with.
        marked: what these places are.
        notes: numbers of the same seed that belong to the picture, by what they are.
    """

    title: str
    points: str
    keys: Sequence[tuple[str, str]]
    marks: Sequence[tuple[Real, Real]]
    marked: str
    notes: Mapping[str, str]


@dataclass(frozen=True)
class Figure:
    """A published figure.

    Attributes:
        about: set-up and reading in a few sentences.
        parts: independent measurements, by name; each takes a seed. All keys of a figure differ.
        rows: the table, in order.
        panels: the charts.
        planes: pictures of points, before the charts.
        compare: what follows from the numbers of all parts of one seed.
        pool: what follows from the numbers of all seeds together.
    """

    about: str
    parts: Mapping[str, Callable[[int], Numbers]]
    rows: Sequence[Row]
    panels: Sequence[Panel] = ()
    planes: Sequence[Plane] = ()
    compare: Callable[[Numbers], Numbers] = lambda numbers: {}
    pool: Callable[[Sequence[Numbers]], Numbers] = lambda samples: {}

    def measure(self, seed: int, done: Callable[[], None] = lambda: None) -> Numbers:
        """Run all parts with one seed; ``done`` is called after each."""
        numbers: Numbers = {}
        for part in self.parts.values():
            numbers |= part(seed)
            done()
        return numbers | self.compare(numbers)
