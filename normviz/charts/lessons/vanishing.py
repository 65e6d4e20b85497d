"""Pictures of vanishing and exploding: a power, and the eleven gradients beside the published ones."""

import plotly.graph_objects as go

from normviz.charts.lessons.style import FIRST, PALE, SECOND, figure, logarithmic
from normviz.language import _
from normviz.lessons.recording import Recording
from normviz.lessons.vanishing import ITERATION, MATRICES, PUBLISHED, power


def powers(base: float, depth: int) -> go.Figure:
    """Show base ** k over k = 0 ... depth on a logarithmic axis, with 1 as a line."""
    values = power(base, depth)
    drawn = logarithmic(figure(_("number of layers n"), "wⁿ", height=320))
    drawn.add_hline(y=1, line={"color": PALE, "dash": "dot"})
    drawn.add_scatter(
        y=values, mode="lines+markers", line={"color": FIRST, "width": 3}, showlegend=False
    )
    drawn.update_yaxes(range=[-12, 12])
    return drawn


def beside_published(recording: Recording) -> go.Figure:
    """Show the gradients of both lanes at iteration 50, and the published ones as rings."""
    drawn = logarithmic(
        figure(
            _("weight matrix, first to last"),
            _("spectral norm of dW, loss per unit of weight"),
            420,
        )
    )
    for lane, color in zip(range(recording.lanes), (FIRST, SECOND), strict=False):
        norms = recording.value("dw_spectral", lane, ITERATION - 1)
        title = recording.title(lane)
        places = list(range(1, len(norms) + 1))
        drawn.add_scatter(
            x=places,
            y=norms,
            name=_("this run: {title}").format(title=title),
            line={"color": color, "width": 3},
        )
        drawn.add_scatter(
            x=MATRICES,
            y=PUBLISHED[lane],
            name=_("published 2015: without") if lane == 0 else _("published 2015: with BatchNorm"),
            mode="markers",
            marker={"color": color, "symbol": "circle-open", "size": 12, "line": {"width": 2}},
        )
    return drawn
