"""The cube of examples x channels x positions, seen from a corner: which values share a mean."""

import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import plotly.graph_objects as go

from normviz.charts.lessons.reading import Table, keep, written
from normviz.charts.lessons.style import PALE
from normviz.language import _
from normviz.lessons.family_cube import CHANNELS, EXAMPLES, HEIGHT, WIDTH, Kind, Sets, Values

Number = float | int
#: (along the examples, along the channels, up)
Point = tuple[Number, Number, Number]
POSITIONS = HEIGHT * WIDTH
#: the faces that are seen: the axis that they are at the end of, and the two that they span
FACES = ((0, 1, 2), (1, 0, 2), (2, 0, 1))
SIZES = (EXAMPLES, CHANNELS, POSITIONS)
_TINTS = ("rgba(0, 114, 178, 0.30)", "rgba(86, 180, 233, 0.12)")
_SOLID = ("#b34e00", "#d55e00", "#f08a3c")


def seen(point: Point) -> tuple[Number, Number]:
    """Return where a point is in the picture: examples go down to the left, channels down to the right."""
    n, c, up = point
    return (c - n) * math.cos(math.pi / 6), up - (c + n) / 2


def _square(face: int, at: Number, first: Number, second: Number) -> list[Point]:
    """Return the corners of the cell that begins at ``first``, ``second`` of a face."""
    fixed, one, two = FACES[face]
    corners: list[Point] = []
    for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)):
        point = [0.0, 0.0, 0.0]
        point[fixed], point[one], point[two] = at, first + a, second + b
        corners.append((point[0], point[1], point[2]))
    return corners


def _cells(low: Sequence[int], high: Sequence[int]) -> Iterator[tuple[int, list[Point], Point]]:
    """Yield face, corners and the cell itself of all that is seen of the block from ``low`` to ``high``."""
    for face, (fixed, one, two) in enumerate(FACES):
        for a in range(low[one], high[one]):
            for b in range(low[two], high[two]):
                cell = [0.0, 0.0, 0.0]
                cell[fixed], cell[one], cell[two] = high[fixed] - 1, a, b
                yield face, _square(face, high[fixed], a, b), (cell[0], cell[1], cell[2])


def _outline(squares: Iterable[list[Point]]) -> tuple[list[Number | None], list[Number | None]]:
    """Return x and y of closed squares with gaps between them."""
    x: list[Number | None] = []
    y: list[Number | None] = []
    for corners in squares:
        places = [seen(corner) for corner in (*corners, corners[0])]
        x += [*(place[0] for place in places), None]
        y += [*(place[1] for place in places), None]
    return x, y


def cube(kind: Kind, x: Values, n: int, c: int, groups: int) -> go.Figure:
    """Draw the cube with the set of example n and channel c solid in it; every cell says its set, mean and spread."""
    made = go.Figure()
    _solid(made, kind, n, c, groups)
    _glass(made, kind, kind.together(n, c, groups), groups)
    _said(made, kind, x, groups)
    _axes(made)
    made.update_layout(
        title={
            "text": f"<b>{_(kind.title)}</b>",
            "x": 0.5,
            "xanchor": "center",
            "font": {"size": 22},
        },
        height=340,
        margin={"l": 0, "r": 0, "t": 40, "b": 0},
        showlegend=False,
        hovermode="closest",
        hoverlabel={
            "font": {"size": 15, "color": "#ffffff"},
            "bgcolor": "#16202a",
            "align": "left",
        },
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    made.update_xaxes(visible=False, fixedrange=True, range=[-6.7, 7.9])
    made.update_yaxes(visible=False, fixedrange=True, scaleanchor="x", range=[-5.7, 4.3])
    return keep(made, _sets(kind, x, groups))


def _sets(kind: Kind, x: Values, groups: int) -> Table:
    """Return every set of values that share a mean, once."""
    sets = {}
    for n in range(EXAMPLES):
        for c in range(CHANNELS):
            sets.setdefault(kind.together(n, c, groups).tobytes(), (n, c))
    rows = []
    for n, c in sets.values():
        values = x[kind.together(n, c, groups)]
        rows.append(
            (
                kind.words(n, c, groups),
                str(values.size),
                written(values.mean()),
                written(values.std()),
            )
        )
    columns = _("values"), _("mean"), _("standard deviation")
    return Table(_(kind.title), _("share a mean"), columns, tuple(rows))


def _solid(made: go.Figure, kind: Kind, n: int, c: int, groups: int) -> None:
    """Draw the block of the values that share a mean."""
    places = np.argwhere(kind.together(n, c, groups)[:, :, 0, 0])
    low = [*places.min(axis=0).tolist(), 0]
    high = [*(places.max(axis=0) + 1).tolist(), POSITIONS]
    for face, colour in enumerate(_SOLID):
        _fill(made, (s for f, s, _ in _cells(low, high) if f == face), colour, "#ffffff")


def _glass(made: go.Figure, kind: Kind, solid: Sets, groups: int) -> None:
    """Draw the rest of the cube around what is solid; sets side by side have two tints."""
    for parity, colour in enumerate(_TINTS):
        cells = (
            corners
            for _face, corners, (n, c, _up) in _cells((0, 0, 0), SIZES)
            if kind.parity(int(n), int(c), groups) == parity and not solid[int(n), int(c)].any()
        )
        _fill(made, cells, colour, PALE)


def _fill(made: go.Figure, squares: Iterable[list[Point]], colour: str, edge: str) -> None:
    x, y = _outline(squares)
    made.add_scatter(
        x=x,
        y=y,
        mode="lines",
        fill="toself",
        fillcolor=colour,
        line={"color": edge, "width": 1},
        hoverinfo="skip",
    )


def _said(made: go.Figure, kind: Kind, x: Values, groups: int) -> None:
    """Put a mark that says which values share a mean on every cell that is seen."""
    places, words = [], []
    for _face, corners, (n, c, up) in _cells((0, 0, 0), SIZES):
        places.append(np.mean([seen(corner) for corner in corners], axis=0))
        words.append(_words(kind, x, (int(n), int(c), POSITIONS - 1 - int(up)), groups))
    made.add_scatter(
        x=[place[0] for place in places],
        y=[place[1] for place in places],
        mode="markers",
        marker={"size": 16, "opacity": 0},
        text=words,
        hovertemplate="%{text}<extra></extra>",
    )


def _words(kind: Kind, x: Values, cell: tuple[int, int, int], groups: int) -> str:
    n, c, position = cell
    together = x[kind.together(n, c, groups)]
    return _(
        "example {n}, channel {c}, position {position}: {value:.2f}<br>"
        "shares its mean with {size} values:<br>{words}<br>"
        "mean {mean:.2f}, standard deviation {std:.2f}"
    ).format(
        n=n + 1,
        c=c + 1,
        position=position + 1,
        value=x[n, c].flat[position],
        size=together.size,
        words=kind.words(n, c, groups),
        mean=together.mean(),
        std=together.std(),
    )


def _axes(made: go.Figure) -> None:
    """Name the three edges."""
    for words, point, anchor in (
        (_("N examples"), (EXAMPLES / 2, CHANNELS + 0.35, 0), "left"),
        (_("C channels"), (EXAMPLES + 0.35, CHANNELS / 2, 0), "right"),
        ("H × W", (EXAMPLES + 0.15, -0.15, POSITIONS / 2), "right"),
    ):
        x, y = seen(point)
        made.add_annotation(
            x=x, y=y, text=words, showarrow=False, xanchor=anchor, yanchor="top", font={"size": 16}
        )
