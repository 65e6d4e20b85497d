"""A lesson's figure in words and numbers, for who does not see it: what each line does, and tables of the points."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, cast

import numpy as np
import plotly.graph_objects as go

from normviz.language import _

#: Rows of a table; of more places some are shown, evenly, the first and the last among them.
MOST_ROWS = 12
#: Where a figure keeps tables of its own, because its lines are outlines and their points mean nothing.
_META = "normviz.tables"
_RAISED = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Table:
    """Numbers to read: a caption, what the rows are, the columns' names, and rows whose first cell is their name."""

    caption: str
    head: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Line:
    """A line, or bars, of a figure: ``y`` at each place ``x``; places are numbers or names."""

    name: str
    x: tuple[Any, ...]
    y: tuple[float, ...]
    axes: tuple[str, str]

    @property
    def finite(self) -> list[tuple[Any, float]]:
        """The points whose height is a number."""
        return [(x, y) for x, y in zip(self.x, self.y, strict=True) if math.isfinite(y)]

    @property
    def ordered(self) -> bool:
        """Tell a course from points in the plane: its places are names, or numbers that rise."""
        numbers = [x for x in self.x if isinstance(x, float)]
        return len(numbers) < len(self.x) or all(a < b for a, b in pairwise(numbers))


def keep(figure: go.Figure, *tables: Table) -> go.Figure:
    """Give a figure tables of its own; they are shown in the place of its lines' points."""
    found = [(each.caption, each.head, each.columns, each.rows) for each in tables]
    figure.update_layout(meta={_META: found})
    return figure


def words(figure: go.Figure) -> list[str]:
    """Return a sentence a line: where it begins and ends, its highest and its lowest place."""
    if _own(figure):
        return []
    return [_sentence(each) for each in lines(figure) if each.finite]


def tables(figure: go.Figure) -> list[Table]:
    """Return the figure's numbers: a table for each pair of axes that has courses, and one of the scattered points."""
    if own := _own(figure):
        return own
    found = list(lines(figure))
    courses = [each for each in found if each.ordered]
    made = [
        _table(axes, [each for each in courses if each.axes == axes])
        for axes in dict.fromkeys(each.axes for each in courses)
    ]
    clouds = [each for each in found if not each.ordered and each.finite]
    return made + ([_summary(clouds)] if clouds else [])


def lines(figure: go.Figure) -> Iterator[Line]:
    """Yield what a figure draws with numbers that say something, in its order."""
    for trace in cast(Iterable[Any], figure.data):
        if trace.type in ("scatter", "bar") and trace.hoverinfo != "skip" and trace.y is not None:
            x, y = _values(trace.x, len(trace.y)), _heights(trace.y)
            axes = _title(figure, "x", trace), _title(figure, "y", trace)
            yield Line(plain(trace.name or "") or axes[1], x, y, axes)
        elif trace.type == "histogram" and trace.x is not None:
            yield _drawn(figure, trace)


def _own(figure: go.Figure) -> list[Table]:
    meta: Any = figure.layout["meta"]
    found = meta.get(_META, ()) if isinstance(meta, dict) else ()
    return [
        Table(c, h, tuple(names), tuple(tuple(row) for row in rows)) for c, h, names, rows in found
    ]


def _drawn(figure: go.Figure, trace: Any) -> Line:  # noqa: ANN401 - Plotly's traces have no types
    """Return a histogram as shares of its values in ten bins."""
    values = np.asarray(trace.x, float)
    counts, edges = np.histogram(values[np.isfinite(values)], 10)
    shares = counts / max(1, counts.sum())
    middles = tuple(float(each) for each in (edges[1:] + edges[:-1]) / 2)
    axes = _title(figure, "x", trace), _("share of the values")
    return Line(plain(trace.name or "") or axes[1], middles, tuple(shares.tolist()), axes)


def _values(places: Iterable[Any] | None, count: int) -> tuple[Any, ...]:
    """Return places as floats where they are numbers, else as names."""
    if places is None:
        return tuple(float(i) for i in range(count))
    return tuple(plain(each) if isinstance(each, str) else _number(each) for each in places)


def _heights(values: Iterable[Any]) -> tuple[float, ...]:
    return tuple(_number(each) for each in values)


def _number(value: Any) -> float:  # noqa: ANN401 - None in gaps, NumPy's scalars, numbers
    return math.nan if value is None else float(value)


def plain(text: str) -> str:
    """Return a text of a figure without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def _title(figure: go.Figure, which: str, trace: Any) -> str:  # noqa: ANN401 - as above
    axis = getattr(trace, f"{which}axis") or which
    found: Any = figure.layout[f"{which}axis{axis[1:]}"]
    return plain(found["title"]["text"] or "") or which


def written(value: Any) -> str:  # noqa: ANN401 - a number or a name
    """Write a place or a height with three significant digits."""
    if isinstance(value, str):
        return value
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    leading, _e, exponent = f"{value:.3g}".replace("-", "−").partition("e")
    if not exponent:
        return leading
    power = exponent.removeprefix("+").replace("−0", "−").lstrip("0")
    return f"{leading}·10{power.translate(_RAISED)}"


def _sentence(line: Line) -> str:
    points = line.finite
    if not line.ordered:
        return _("{name}: {count} points around {x} and {y} ({x_axis}, {y_axis}).").format(
            name=line.name,
            count=len(points),
            x_axis=line.axes[0],
            y_axis=line.axes[1],
            x=written(float(np.nanmean([x for x, _y in points]))),
            y=written(float(np.mean([y for _x, y in points]))),
        )
    if len(points) == 1:
        return _("{name}: {y} at {x} ({x_axis}).").format(
            name=line.name, y=written(points[0][1]), x=written(points[0][0]), x_axis=line.axes[0]
        )
    high, low = max(points, key=lambda point: point[1]), min(points, key=lambda point: point[1])
    return _(
        "{name}, by {x_axis}: from {y_first} at {x_first} to {y_last} at {x_last}; highest {y_high} at {x_high}, "
        "lowest {y_low} at {x_low}."
    ).format(
        name=line.name,
        x_axis=line.axes[0],
        x_first=written(points[0][0]),
        y_first=written(points[0][1]),
        x_last=written(points[-1][0]),
        y_last=written(points[-1][1]),
        x_high=written(high[0]),
        y_high=written(high[1]),
        x_low=written(low[0]),
        y_low=written(low[1]),
    )


def _table(axes: tuple[str, str], courses: Sequence[Line]) -> Table:
    """Return one row a place, of the places of all courses; a course without this place has an empty cell."""
    places = list(dict.fromkeys(x for line in courses for x in line.x))
    if all(isinstance(x, float) for x in places):
        places.sort()
    known = [dict(zip(line.x, line.y, strict=True)) for line in courses]
    rows = [
        (written(x), *(written(each[x]) if x in each else "" for each in known))
        for x in _some(places)
    ]
    caption = _("{y_axis}, by {x_axis}").format(y_axis=axes[1], x_axis=axes[0])
    return Table(caption, axes[0], tuple(line.name for line in courses), tuple(rows))


def _some(places: list[Any]) -> list[Any]:
    if len(places) <= MOST_ROWS:
        return places
    chosen = np.linspace(0, len(places) - 1, MOST_ROWS).round().astype(int)
    return [places[i] for i in chosen]


def _summary(clouds: Sequence[Line]) -> Table:
    """Return how many points there are, and where: mean and range along both axes."""
    rows = []
    for line in clouds:
        xs, ys = ([point[i] for point in line.finite] for i in range(2))
        cells = [
            f"{written(float(np.mean(each)))} ({written(min(each))} … {written(max(each))})"
            for each in (xs, ys)
        ]
        rows.append((line.name, str(len(xs)), *cells))
    columns = (
        _("points"),
        _("{axis}: mean and range").format(axis=clouds[0].axes[0]),
        _("{axis}: mean and range").format(axis=clouds[0].axes[1]),
    )
    return Table(_("Points in the plane"), _("what"), columns, tuple(rows))
