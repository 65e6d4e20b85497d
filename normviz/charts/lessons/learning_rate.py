"""Pictures of the learning rate: what companions do to an example, and the four networks' losses."""

import math

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from normviz.charts.lessons.style import FIRST, FOURTH, PALE, SECOND, THIRD, figure, logarithmic
from normviz.language import _
from normviz.lessons.learning_rate import TRAINS, UNTIL
from normviz.lessons.recording import Recording

_DASHES = ("solid", "dash", "solid", "dash")
_MARKS = ("circle", "square", "triangle-up", "diamond")


def companions(normalized: NDArray[np.float64], value: float) -> go.Figure:
    """Show where one example lands, in many batches; the line is where it would be without companions."""
    drawn = figure(_("normalized z of the example, standard deviations"), _("batches"), height=320)
    drawn.add_histogram(
        x=normalized,
        xbins={"start": -6, "end": 6, "size": 0.1},
        marker={"color": FIRST},
        showlegend=False,
    )
    drawn.add_vline(x=value, line={"color": SECOND, "width": 3, "dash": "dash"})
    drawn.update_xaxes(range=[min(-3.0, value - 2), max(3.0, value + 2)])
    return drawn


def losses(recording: Recording) -> go.Figure:
    """Show the minibatch loss of all lanes over the steps, with the line below which a network trains."""
    drawn = logarithmic(figure(_("minibatches"), _("loss of the minibatch, nats"), height=420))
    colors = (FIRST, SECOND, THIRD, FOURTH)
    for lane, rate in enumerate(each.lr for each in recording.config.lanes()):
        steps, values = recording.series("loss", lane)
        seen = (steps <= UNTIL) & np.isfinite(values) & (values < 1e6)
        norm = recording.config.lanes()[lane].norm
        how = {"none": _("without"), "batch": _("with BatchNorm")}.get(norm, norm)
        drawn.add_scatter(
            x=steps[seen],
            y=values[seen],
            name=f"{'ABCD'[lane]}: {how}, {rate:g}",
            mode="lines+markers",
            line={"color": colors[lane], "width": 3, "dash": _DASHES[lane]},
            marker={"symbol": _MARKS[lane], "size": 8},
        )
    drawn.add_hline(y=TRAINS, line={"color": PALE, "dash": "dot", "width": 2})
    drawn.add_annotation(
        text=_("below: it trains"),
        x=0,
        xref="paper",
        xanchor="left",
        y=math.log10(TRAINS),
        yanchor="top",
        showarrow=False,
    )
    return drawn
