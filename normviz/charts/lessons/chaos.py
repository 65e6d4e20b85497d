"""The phase map of tanh networks, with a network as a dot."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from normviz.charts.lessons.reading import Table, keep, written
from normviz.charts.lessons.style import figure
from normviz.language import _
from normviz.lessons.chaos import (
    BIASES,
    WEIGHTS,
    accuracy,
    critical_line,
    phase_map,
    weights_of,
)
from normviz.lessons.chaos_batchnorm import UNTIL
from normviz.lessons.chaos_growth import growth
from normviz.lessons.recording import Recording

_MARKS = ("circle", "square", "triangle-up", "diamond")
#: Blue below 1, white at 1, orange above: tell apart with any colour vision.
_SCALE = ((0.0, "#0072b2"), (0.5, "#ffffff"), (1.0, "#d55e00"))


def phases(dots: Sequence[tuple[float, float, str]]) -> go.Figure:
    """Show chi_1 over sigma_w² and sigma_b², the line where it is 1, and networks as dots with their words."""
    drawn = figure(
        _("σ_w², variance of the weights times fan-in"), _("σ_b², variance of the biases"), 440
    )
    drawn.add_heatmap(
        x=WEIGHTS,
        y=BIASES,
        z=np.log2(phase_map()),
        zmin=-1.5,
        zmax=1.5,
        colorscale=_SCALE,
        colorbar={
            "title": {"text": "χ₁"},
            "tickvals": [-1, 0, 1],
            "ticktext": ["½", "1", "2"],
        },
        customdata=phase_map(),
        hovertemplate="σ_w² %{x:.2f}, σ_b² %{y:.3f}: χ₁ = %{customdata:.2f}<extra></extra>",
    )
    drawn.add_scatter(
        x=critical_line(),
        y=BIASES,
        mode="lines",
        line={"color": "#16202a", "width": 4},
        showlegend=False,
    )
    ground = "rgba(255, 255, 255, 0.85)"
    words = {"font": {"size": 16, "color": "#16202a"}, "bgcolor": ground, "showarrow": False}
    drawn.add_annotation(x=1.15, y=0.24, text=_("ordered:<br>vanishing"), **words)
    drawn.add_annotation(x=6.5, y=0.24, text=_("chaotic:<br>exploding"), **words)
    drawn.add_annotation(x=2.6, y=0.28, text="χ₁ = 1", xanchor="left", **words)
    for number, (weights, biases, text) in enumerate(dots):
        place = min(weights, float(WEIGHTS[-1]))
        drawn.add_scatter(
            x=[place],
            y=[biases],
            mode="markers",
            marker={
                "symbol": _MARKS[number % 4],
                "size": 18,
                "color": "#ffffff",
                "line": {"color": "#16202a", "width": 3},
            },
            cliponaxis=False,
            showlegend=False,
        )
        aside = 60 if weights < WEIGHTS[-1] * 0.7 else -60
        at = {"x": place, "y": biases, "ax": aside, "ay": -115 + 38 * number}
        drawn.add_annotation(
            text=text, **at, **words | {"showarrow": True, "arrowcolor": "#16202a"}
        )
    drawn.update_xaxes(range=[float(WEIGHTS[0]), float(WEIGHTS[-1])])
    drawn.update_yaxes(range=[0, float(BIASES[-1])])
    return keep(drawn, _slopes(), *_networks(dots))


def _slopes() -> Table:
    """Return chi_1 at some places of the map."""
    down, across = (
        np.linspace(0, len(each) - 1, 6).round().astype(int) for each in (BIASES, WEIGHTS)
    )
    values = phase_map()
    rows = tuple((written(BIASES[i]), *(written(values[i, j]) for j in across)) for i in down)
    return Table("χ₁", "σ_b² ↓, σ_w² →", tuple(written(WEIGHTS[j]) for j in across), rows)


def _networks(dots: Sequence[tuple[float, float, str]]) -> tuple[Table, ...]:
    rows = tuple((text, written(weights), written(biases)) for weights, biases, text in dots)
    return (Table(_("Networks"), _("network"), ("σ_w²", "σ_b²"), rows),) if rows else ()


def trained(recording: Recording) -> go.Figure:
    """Show the lanes of a run as dots, with what they have learned; for BatchNorm's run, the growth by layer."""
    if recording.config.lane.norm != "none":
        return _growth(recording)
    dots = [
        (weights_of(recording, lane), 0.0, f"{'ABCD'[lane]}: {_share(accuracy(recording, lane))}")
        for lane in range(recording.lanes)
    ]
    return phases(dots)


def _share(right: float) -> str:
    return _("{right:.0%} right").format(right=right) if math.isfinite(right) else _("diverged")


def _growth(recording: Recording) -> go.Figure:
    """Show the factor a layer over the first steps, a line a lane."""
    drawn = figure(_("steps taken"), _("factor of the squared gradient a layer"), 380)
    for lane in range(recording.lanes):
        steps = [step for step in recording.steps if step <= UNTIL]
        drawn.add_scatter(
            x=steps,
            y=[growth(recording, lane, step) for step in steps],
            name=f"{'ABCD'[lane]}: {recording.title(lane)}",
            mode="lines+markers",
            line={
                "width": 3,
                "dash": ("solid", "dash")[lane % 2],
                "color": ("#0072b2", "#d55e00")[lane % 2],
            },
            marker={"symbol": _MARKS[lane], "size": 11},
        )
    return drawn
