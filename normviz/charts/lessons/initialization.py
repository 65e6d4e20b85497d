"""Pictures of initialization: histograms up and down ten layers, the sweep over scales, and what a run has shown."""

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from normviz.charts.lessons.reading import Table, keep, written
from normviz.charts.lessons.style import FIRST, FOURTH, PALE, SECOND, THIRD, figure, logarithmic
from normviz.language import N_, _
from normviz.lessons.initialization import HE, LAYERS, SMALL, stds
from normviz.lessons.initialization_signal import CASES, Signal, Sweep
from normviz.lessons.recording import Recording

_COLORS = (FIRST, SECOND, THIRD, FOURTH)
_BINS = 60
_SMALLEST = 1e-30


def forward(signal: Signal, activation: str) -> go.Figure:
    """Show the histogram of every layer's activations, layer 1 on top."""
    high = (
        1.0
        if activation == "tanh"
        else max(1e-3, *(np.quantile(each, 0.99) for each in signal.forward))
    )
    low = -high if activation == "tanh" else 0.0
    return _ridges(signal.forward, float(low), float(high), _("activation (value)"), FIRST)


def backward(signal: Signal) -> go.Figure:
    """Show the histogram of the magnitude of every layer's gradients on a logarithmic axis, layer 1 on top."""
    logs = [np.log10(np.maximum(abs(each[each != 0]), _SMALLEST)) for each in signal.backward]
    known = np.concatenate([*logs, [-2.0, 1.0]])
    low, high = np.quantile(known, [0.001, 0.999])
    return _ridges(
        logs,
        float(low) - 0.5,
        float(high) + 0.5,
        _("log₁₀ |gradient|, 1 enters at the top"),
        SECOND,
    )


def _ridges(
    layers: Sequence[NDArray[np.float64]], low: float, high: float, x: str, color: str
) -> go.Figure:
    drawn = figure(x, _("layer"), height=430)
    edges = np.linspace(low, high, _BINS + 1)
    middles = (edges[1:] + edges[:-1]) / 2
    for layer, values in enumerate(layers, 1):
        counts = np.histogram(np.clip(values, low, high), edges)[0].astype(float)
        heights = 0.85 * counts / counts.max() if counts.any() else counts
        base = {"x": middles, "hoverinfo": "skip", "showlegend": False, "mode": "lines"}
        drawn.add_scatter(y=np.full(_BINS, layer), line={"color": PALE, "width": 1}, **base)
        drawn.add_scatter(
            y=layer - heights,
            line={"color": color, "width": 1.5, "shape": "hvh"},
            fill="tonexty",
            **base,
        )
    places = list(range(1, len(layers) + 1))
    drawn.update_yaxes(
        range=[len(layers) + 0.3, -0.1], tickvals=places, showgrid=False, zeroline=False
    )
    drawn.update_xaxes(range=[low, high])
    drawn.update_layout(margin={"t": 20})
    rows = tuple(
        (str(layer), written(float(np.mean(values))), written(float(np.std(values))))
        for layer, values in enumerate(layers, 1)
    )
    return keep(drawn, Table(x, _("layer"), (_("mean"), _("standard deviation")), rows))


def sweeps(tanh: Sweep, relu: Sweep, which: str, at: float) -> go.Figure:
    """Show what is left of the signal after ten layers over the weights' scale; ``which``: forward or backward."""
    y = {
        "forward": _("std of layer 10's activations"),
        "backward": _("std of layer 1's gradients"),
    }[which]
    drawn = logarithmic(figure(_("weights' std · √fan-in"), y, height=400))
    for name, found, color in (("tanh", tanh, FIRST), ("ReLU", relu, SECOND)):
        values = np.maximum(getattr(found, which), _SMALLEST)
        drawn.add_scatter(x=found.scales, y=values, name=name, line={"color": color, "width": 3})
    for name, (_words, scale) in CASES.items():
        if scale and name != "ReLU, Xavier":
            drawn.add_vline(x=scale, line={"color": PALE, "dash": "dot"})
            drawn.add_annotation(
                x=math.log10(scale),  # a logarithmic axis places words by their logarithm
                y=-13,
                text=name.removeprefix("ReLU, "),
                textangle=-90,
                yanchor="bottom",
                xanchor="left" if name == "ReLU, He" else "right",
                showarrow=False,
            )
    if at:
        drawn.add_vline(x=at, line={"color": THIRD, "width": 3})
    ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50]
    drawn.update_xaxes(
        type="log",
        tickvals=ticks,
        ticktext=[f"{tick:g}" for tick in ticks],
        range=np.log10([0.05, 50]),
    )
    drawn.update_yaxes(range=[-14, 14])
    return drawn


def shown(recording: Recording) -> go.Figure:
    """Show standard deviations by layer before the first step, or of equal weights the units' histograms."""
    if recording.config.lane.init in ("zeros", "constant"):
        return units(recording)
    drawn = logarithmic(
        figure(_("layer"), _("standard deviation before the first step"), height=420)
    )
    for lane, color in zip(range(recording.lanes), _COLORS, strict=False):
        info = recording.schema.lanes[lane]
        for field, words, dash in (
            ("act", N_("{lane}, activations"), "solid"),
            ("grad", N_("{lane}, gradients"), "dot"),
        ):
            drawn.add_scatter(
                x=LAYERS,
                y=stds(recording, lane, field),
                name=_(words).format(lane=f"{info.name} {recording.title(lane)}"),
                mode="lines+markers",
                line={"color": color, "width": 3, "dash": dash},
            )
        printed = {"small": SMALL, "he": HE}.get(recording.config.lanes()[lane].init)
        if printed:
            drawn.add_scatter(
                x=LAYERS,
                y=printed,
                name=_("slides of 2017"),
                mode="markers",
                marker={"color": color, "symbol": "circle-open", "size": 13, "line": {"width": 2}},
            )
    drawn.update_layout(legend={"y": -0.2, "yanchor": "top"}, height=520, margin={"t": 20})
    return drawn


def units(recording: Recording) -> go.Figure:
    """Show the histograms of single units of the first layer, one line a unit; equal units are one line."""
    drawn = figure(
        _("pre-activation of a unit of layer 1 (value)"), _("share of the minibatch"), height=400
    )
    for lane, color in zip(range(recording.lanes), _COLORS, strict=False):
        info, bins = recording.schema.lanes[lane], recording.field("unit_hist", lane).bins
        if bins is None:
            continue
        edges = bins.edges()
        for unit, counts in enumerate(recording.value("unit_hist", lane)[0]):
            drawn.add_scatter(
                x=(edges[1:] + edges[:-1]) / 2,
                y=counts / 255,
                name=f"{info.name} {recording.title(lane)}",
                legendgroup=info.name,
                showlegend=unit == 0,
                opacity=0.7,
                line={"color": color, "width": 2},
            )
    return drawn
