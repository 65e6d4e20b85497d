"""The picture of covariate shift: how a layer's mean moves, beside how the network learns."""

import numpy as np
import plotly.graph_objects as go

from normviz.charts.lessons.style import FIRST, SECOND, THIRD, figure
from normviz.language import _
from normviz.lessons.covariate_shift import means
from normviz.lessons.recording import Recording

_DASHES = ("solid", "dash", "dot")


def unsteady(recording: Recording) -> go.Figure:
    """Show the mean of z of the middle layer over the steps, a line a lane."""
    drawn = figure(_("minibatches"), _("mean of z, middle hidden layer"), height=380)
    for lane, color in zip(range(recording.lanes), (FIRST, SECOND, THIRD), strict=False):
        steps, values = means(recording, lane)
        seen = np.isfinite(values)
        drawn.add_scatter(
            x=steps[seen],
            y=values[seen],
            name=f"{'ABCD'[lane]}: {recording.title(lane)}",
            mode="lines",
            line={"color": color, "width": 3, "dash": _DASHES[lane]},
        )
    return drawn
