"""Pictures of gamma and beta: one unit before and after, and how both move in every layer."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from normviz.charts.lessons.style import FIRST, PALE, SECOND, figure
from normviz.language import _
from normviz.lessons.gamma_beta import RELU, SIGMOID, Unit
from normviz.lessons.measured import measurements
from normviz.lessons.recording import Recording
from normviz.lessons.saturation import sigmoid

#: By depth, from violet to yellow-green, as the live view's layers.
_DEPTH = ("#5b2a86", "#2f6fa5", "#1f9e89", "#8cb82b")
_REACH = 6.0
_BINS = 60


def unit(x: Unit, y: Unit, rectified: bool) -> go.Figure:
    """Show the distributions of a unit's input and of what gamma and beta make of it, below the activation's curve."""
    drawn = figure(_("value (z)"), _("share of values"), height=400)
    edges = np.linspace(-_REACH, _REACH, _BINS + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    for name, values, color in ((_("x, before BatchNorm"), x, PALE), ("y = γ x̂ + β", y, SECOND)):
        counts, _edges = np.histogram(values, edges)
        drawn.add_bar(
            x=centres,
            y=counts / len(values),
            name=name,
            marker={"color": color},
            opacity=0.65,
            width=2 * _REACH / _BINS,
        )
    z = np.linspace(-_REACH, _REACH, 241)
    curve = np.maximum(z, 0) if rectified else sigmoid(z)
    drawn.add_scatter(
        x=z,
        y=curve,
        yaxis="y2",
        name="ReLU" if rectified else _("sigmoid"),
        line={"color": FIRST, "width": 3},
    )
    drawn.update_layout(
        barmode="overlay",
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "title": {"text": _("activation")},
            "showgrid": False,
            "range": [0, _REACH if rectified else 1.05],
            "tickmode": "linear",
            "dtick": 1 if rectified else 0.2,
        },
        margin={"r": 60, "t": 80},
    )
    drawn.update_xaxes(range=[-_REACH, _REACH])
    return drawn


def paths(recording: Recording) -> go.Figure:
    """Show the median gamma and beta of every layer over the steps, sigmoid solid and ReLU dashed."""
    drawn = make_subplots(
        2,
        1,
        vertical_spacing=0.12,
        subplot_titles=(_("γ, median by layer"), _("β, median by layer")),
    )
    drawn.update_layout(figure("", "", height=760).layout)
    drawn.update_annotations(font={"size": 16})
    for row, field in enumerate(("gamma_pct", "beta_pct"), 1):
        for lane, name, dash in ((SIGMOID, _("sigmoid"), "solid"), (RELU, "ReLU", "dash")):
            steps, values = measurements(recording, lane, field)
            for layer in range(values.shape[1] if len(steps) else 0):
                shade = _DEPTH[round(layer / max(1, values.shape[1] - 1) * (len(_DEPTH) - 1))]
                drawn.add_scatter(
                    x=steps,
                    y=values[:, layer, 2],
                    name=_("{name}, layer {layer}").format(name=name, layer=layer + 1),
                    showlegend=row == 1,
                    line={"color": shade, "width": 3, "dash": dash},
                    row=row,
                    col=1,
                )
    drawn.update_xaxes(title=_("step (minibatches)"), row=2)
    drawn.update_yaxes(title="γ", row=1)
    drawn.update_yaxes(title="β", row=2)
    drawn.update_layout(legend={"y": -0.12, "yanchor": "top"}, margin={"b": 180})
    return drawn
