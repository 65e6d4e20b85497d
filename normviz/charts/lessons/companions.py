"""What BatchNorm makes of one value among different companions, as a histogram."""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from normviz.charts.lessons.style import FIRST, SECOND, figure
from normviz.language import _


def spread(x: float, outputs: Float[np.ndarray, " draws"]) -> go.Figure:
    """Show the outputs of one value in many minibatches, and the value itself: what all the data would make of it."""
    drawn = figure(_("output of BatchNorm for this value"), _("share of minibatches"), 340)
    drawn.add_histogram(
        x=outputs,
        xbins={"start": -4.05, "end": 4.05, "size": 0.1},
        histnorm="probability",
        marker={"color": FIRST},
        name=_("one minibatch each"),
    )
    drawn.add_vline(x=x, line={"color": SECOND, "width": 3, "dash": "dash"})
    drawn.add_annotation(
        x=x,
        y=1.0,
        yref="paper",
        yanchor="bottom",
        text=_("with the statistics of all data"),
        showarrow=False,
        font={"color": SECOND, "size": 15},
    )
    drawn.update_xaxes(range=[-4.1, 4.1])
    return drawn
