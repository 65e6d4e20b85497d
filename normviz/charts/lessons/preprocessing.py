"""Pictures of preprocessing: points and hyperplanes, shares by dimension, and the descent into a bowl."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float, Float64

from normviz.charts.lessons.style import FIRST, FOURTH, PALE, SECOND, THIRD, figure, logarithmic
from normviz.language import _
from normviz.lessons.preprocessing_bowl import Bowl

#: which part of both axes is shown of prepared points, and of raw ones
SPREAD, PIXELS = (-4.2, 4.2), (-0.55, 1.1)
#: what is left of the loss on the contours, in decades
DECADES = np.arange(-4, 3.01, 0.5)
#: updates of a path that are drawn
DRAWN = 400
#: so many are drawn with large dots
FEW = 60
COLOURS = (PALE, SECOND, THIRD, FIRST, FOURTH)


def planes(
    points: Float[np.ndarray, "points 2"],
    normals: Float64[np.ndarray, "planes 2"],
    cuts: Bool[np.ndarray, " planes"],
    names: tuple[str, str],
    span: tuple[float, float],
) -> go.Figure:
    """Draw the points and the line of every hyperplane through the origin; ``cuts`` are of use, the others not."""
    made = figure(*names, height=470)
    for useful, words, colour, width in (
        (False, _("misses: nearly all points on one side"), PALE, 1.2),
        (True, _("cuts: at least 1 point in 20 on each side"), SECOND, 2),
    ):
        x, y = _lines(normals[cuts == useful], 3 * max(map(abs, span)))
        made.add_scatter(
            x=x,
            y=y,
            mode="lines",
            name=words,
            hoverinfo="skip",
            line={"color": colour, "width": width},
        )
    made.add_scatter(
        x=points[:, 0],
        y=points[:, 1],
        mode="markers",
        name=_("an image"),
        marker={"color": FIRST, "size": 7},
        hovertemplate="%{x:.2f}, %{y:.2f}<extra></extra>",
    )
    made.update_xaxes(range=span, zeroline=True, zerolinewidth=2, constrain="domain")
    made.update_yaxes(
        range=span, zeroline=True, zerolinewidth=2, scaleanchor="x", constrain="domain"
    )
    return made


def _lines(normals: Float64[np.ndarray, "planes 2"], length: float) -> tuple[list[float], ...]:
    """Return x and y of the lines at right angles to these vectors, with gaps between them."""
    turned = np.stack([-normals[:, 1], normals[:, 0]], axis=1)
    ends = length * turned / np.linalg.norm(turned, axis=1, keepdims=True)
    broken = np.stack([-ends, ends, np.full_like(ends, np.nan)], axis=1).reshape(-1, 2)
    return broken[:, 0].tolist(), broken[:, 1].tolist()


def shares(
    dimensions: Sequence[int],
    measured: Mapping[str, Sequence[float]],
    theory: Sequence[float],
    orthant: Sequence[float],
) -> go.Figure:
    """Draw the share of useful hyperplanes by dimension, raw and centred, and the theory's; all in per cent."""
    made = figure(_("pixels d"), _("share, %"), height=430)
    made.update_layout(margin_t=90)
    for (words, values), colour in zip(measured.items(), (SECOND, FIRST), strict=True):
        made.add_scatter(
            x=dimensions,
            y=[100 * value for value in values],
            name=_("{words}: measured").format(words=words),
            mode="markers",
            marker={"color": colour, "size": 12},
        )
    for words, values, colour, dash in (
        (_("raw: theory"), theory, SECOND, "solid"),
        (_("space with all coordinates positive"), orthant, PALE, "dot"),
    ):
        made.add_scatter(
            x=dimensions,
            y=[100 * value for value in values],
            name=words,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2.5},
        )
    made.update_xaxes(type="log", tickvals=dimensions, ticktext=[f"{d:,}" for d in dimensions])
    made.update_yaxes(range=[-4, 104])
    return made


def descent(bowl: Bowl, eta: float, updates: int, steps: str) -> go.Figure:
    """Draw the loss over both weights, lines a factor of 3 apart, and the way of so many updates from weights 0."""
    made = figure(_("weight w₁"), _("weight w₂"), height=430)
    way = bowl.path(eta, min(updates, DRAWN))
    middle, half = _window(bowl)
    grid = [np.linspace(m - half, m + half, 141) for m in middle]
    left = bowl.left(np.stack(np.meshgrid(*grid), axis=-1))
    made.add_contour(
        x=grid[0],
        y=grid[1],
        z=np.log10(np.maximum(left, 1e-12)),
        contours={"start": DECADES[0], "end": DECADES[-1], "size": 0.5, "coloring": "lines"},
        colorscale=[[0, FIRST], [1, PALE]],
        line={"width": 1.5},
        showscale=False,
        hoverinfo="skip",
    )
    made.add_scatter(
        x=way[:, 0],
        y=way[:, 1],
        name=steps,
        mode="lines+markers",
        line={"color": SECOND, "width": 2},
        marker={"size": 6 if len(way) <= FEW else 3},
        customdata=np.stack([np.arange(len(way)), 100 * bowl.left(way)], axis=1),
        hovertemplate=_("update {step}: {left} % of the loss left").format(
            step="%{customdata[0]}", left="%{customdata[1]:.3g}"
        )
        + "<extra></extra>",
    )
    made.add_scatter(
        x=[bowl.lowest[0]],
        y=[bowl.lowest[1]],
        name=_("lowest point"),
        mode="markers",
        marker={"symbol": "x", "size": 13, "color": THIRD},
        hovertemplate=_("lowest point") + "<extra></extra>",
    )
    made.update_xaxes(range=[grid[0][0], grid[0][-1]], constrain="domain")
    made.update_yaxes(range=[grid[1][0], grid[1][-1]], scaleanchor="x", constrain="domain")
    return made


def _window(bowl: Bowl) -> tuple[Float64[np.ndarray, " 2"], float]:
    """Return the middle of weights 0 and the lowest point, and half of a square with room around both."""
    return bowl.lowest / 2, 0.85 * float(np.abs(bowl.lowest).max())


def courses(
    updates: Sequence[float], left: Mapping[str, Sequence[float]], goal: float
) -> go.Figure:
    """Draw what is left of the loss over the updates, one line a preparation, and the goal; in per cent."""
    made = logarithmic(figure(_("updates"), _("left of the loss, %")))
    for index, (words, values) in enumerate(left.items()):
        made.add_scatter(
            x=[1 + update for update in updates],
            y=[100 * max(value, 1e-9) if math.isfinite(value) else None for value in values],
            name=words,
            mode="lines",
            line={"color": COLOURS[index], "dash": "dash" if index == 4 else "solid", "width": 3},
        )
    made.add_hline(y=100 * goal, line={"dash": "dot", "color": PALE, "width": 2})
    ticks = [update for update in (0, 1, 10, 100, 1000) if update <= updates[-1]]
    made.update_xaxes(
        type="log",
        tickvals=[1 + update for update in ticks],
        ticktext=[f"{update:,}" for update in ticks],
        range=[-0.02, math.log10(1 + updates[-1])],
    )
    made.update_yaxes(range=[math.log10(goal) + 1, 2.3], dtick=1)
    return made
