"""A matrix in the plane: the unit circle, what the matrix makes of it, and the directions of power iteration."""

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from normviz.charts.lessons.style import FIRST, PALE, SECOND, figure
from normviz.language import _
from normviz.lessons.spectral_gan import Iteration

_ANGLE = np.linspace(0, 2 * np.pi, 181)
_CIRCLE = np.stack([np.cos(_ANGLE), np.sin(_ANGLE)])


def plane(weight: Float[np.ndarray, "2 2"], found: Iteration) -> go.Figure:
    """Show the circle, its image under W and under W divided by the estimate, and the last direction with its image."""
    drawn = figure(_("first component"), _("second component"), 460)
    curves = (
        (_("unit circle, v"), _CIRCLE, PALE, "solid"),
        (_("its image, W v"), weight @ _CIRCLE, FIRST, "solid"),
        (
            _("divided by the estimate"),
            weight @ _CIRCLE / max(found.sigmas[-1], 1e-12),
            SECOND,
            "dash",
        ),
    )
    for name, (x, y), color, dash in curves:
        drawn.add_scatter(
            x=x, y=y, name=name, mode="lines", line={"color": color, "width": 3, "dash": dash}
        )
    direction = found.directions[-1]
    for end, color in ((direction, PALE), (weight @ direction, FIRST)):
        drawn.add_scatter(
            x=[0, end[0]],
            y=[0, end[1]],
            mode="lines+markers",
            marker={"symbol": "arrow", "size": 16, "angleref": "previous", "color": color},
            line={"color": color, "width": 3},
            showlegend=False,
        )
    reach = 1.1 * max(1.0, float(np.linalg.norm(weight, 2)))
    drawn.update_xaxes(range=[-reach, reach], zeroline=False, constrain="domain")
    drawn.update_yaxes(range=[-reach, reach], zeroline=False, scaleanchor="x")
    return drawn
