"""Pictures of saturation: the curve with its nearly linear range, and the layers' means over the steps."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from normviz.charts.lessons.style import FIRST, PALE, SECOND, figure
from normviz.language import _
from normviz.lessons.recording import Recording
from normviz.lessons.saturation import HIGH, LOW, sigmoid

_REACH = 8.0
#: By depth, from violet to yellow-green, as the live view's layers.
_DEPTH = ("#5b2a86", "#2f6fa5", "#1f9e89", "#8cb82b")


def curve(mean: float, std: float) -> go.Figure:
    """Show the sigmoid, its tangent, the nearly linear range, and where a normal pre-activation falls on it."""
    z = np.linspace(-_REACH, _REACH, 401)
    drawn = figure(_("pre-activation z (value)"), _("activation (value)"), height=360)
    drawn.add_hrect(y0=LOW, y1=HIGH, fillcolor=PALE, opacity=0.25, line_width=0)
    drawn.add_annotation(
        x=-_REACH, y=0.5, text=_("nearly linear: 0.2 to 0.8"), showarrow=False, xanchor="left"
    )
    drawn.add_scatter(x=z, y=0.5 + z / 4, name=_("tangent"), line={"color": PALE, "dash": "dash"})
    drawn.add_scatter(x=z, y=sigmoid(z), name=_("sigmoid"), line={"color": FIRST, "width": 3})
    density = np.exp(-(((z - mean) / std) ** 2) / 2)
    drawn.add_scatter(
        x=z,
        y=0.45 * density,
        name=_("density of z (scaled)"),
        line={"color": SECOND, "width": 2},
        fill="tozeroy",
        fillcolor="rgba(213,94,0,0.2)",
    )
    drawn.update_yaxes(range=[-0.05, 1.05])
    drawn.update_xaxes(range=[-_REACH, _REACH])
    return drawn


def means(recording: Recording) -> go.Figure:
    """Show every layer's mean activation over the steps, with a band of one standard deviation; one row a lane."""
    titles = [
        f"{lane.name}: {recording.title(index)}"
        for index, lane in enumerate(recording.schema.lanes)
    ]
    rows = recording.lanes
    drawn = make_subplots(
        rows, 1, subplot_titles=titles, shared_xaxes=True, vertical_spacing=0.24 / rows
    )
    drawn.update_layout(figure("", "", height=140 + 210 * rows).layout)
    drawn.update_annotations(font={"size": 14})
    for lane in range(recording.lanes):
        steps, mean = recording.series("act_mean", lane)
        _steps, std = recording.series("act_std", lane)
        for layer in range(mean.shape[1]):
            color = _DEPTH[round(layer / max(1, mean.shape[1] - 1) * (len(_DEPTH) - 1))]
            for trace in _band(
                steps,
                mean[:, layer],
                std[:, layer],
                color,
                _("layer {layer}").format(layer=layer + 1),
                lane == 0,
            ):
                drawn.add_trace(trace, row=lane + 1, col=1)
    drawn.update_xaxes(title=_("step (minibatches)"), row=rows)
    drawn.update_yaxes(title=_("mean ± std"))
    drawn.update_layout(legend={"y": 1 + 45 / (210 * rows)}, margin={"t": 80})
    return drawn


def _band(
    steps: np.ndarray, mean: np.ndarray, std: np.ndarray, color: str, name: str, named: bool
) -> list[go.Scatter]:
    edge = {
        "x": steps,
        "line": {"width": 0},
        "showlegend": False,
        "hoverinfo": "skip",
        "legendgroup": name,
    }
    return [
        go.Scatter(y=mean + std, **edge),
        go.Scatter(y=mean - std, fill="tonexty", fillcolor=f"{color}40", **edge),
        go.Scatter(
            x=steps,
            y=mean,
            name=name,
            legendgroup=name,
            showlegend=named,
            line={"color": color, "width": 3},
        ),
    ]
