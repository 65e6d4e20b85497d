"""Pictures of training and inference: three estimates over the steps, and the gap at any step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from normviz.charts.lessons.style import FIRST, PALE, SECOND, THIRD, figure
from normviz.language import N_, _
from normviz.lessons.inference import Accuracies, accuracies
from normviz.lessons.inference_estimates import Estimates
from normviz.lessons.measured import measurements
from normviz.lessons.recording import Recording

#: How each estimate is drawn, in the order of the recorded triples.
_ESTIMATES = (
    (N_("minibatch"), PALE, 1.5),
    (N_("running averages"), SECOND, 3),
    (N_("population"), FIRST, 3),
)
_MODES = (N_("training mode"), N_("eval mode"))


def course(recording: Recording) -> go.Figure:
    """Show one unit's mean by all estimates, their distances, and both modes with a slider over the steps."""
    titles = (
        _("Mean of one unit of layer 1"),
        _("Distance from the population’s mean, layer 1"),
        _("Held-out accuracy at one step"),
    )
    drawn = make_subplots(3, 1, vertical_spacing=0.12, subplot_titles=titles)
    drawn.update_layout(figure("", "", height=1080).layout)
    drawn.update_annotations(font={"size": 16})
    for lane in range(recording.lanes):
        if recording.config.lanes()[lane].statistics == "running":
            _running(drawn, recording, lane)
    _others(drawn, recording)
    _flips(drawn, recording)
    drawn.update_xaxes(title=_("step (minibatches)"), row=1)
    drawn.update_xaxes(title=_("step (minibatches)"), row=2)
    drawn.update_yaxes(title=_("mean of z"), row=1)
    drawn.update_yaxes(
        title=_("σ of the population"), type="log", exponentformat="power", dtick=1, row=2
    )
    drawn.update_layout(legend={"y": 1.04}, margin={"b": 40, "t": 150})
    return drawn


def _running(drawn: go.Figure, recording: Recording, lane: int) -> None:
    """Draw a lane's running average of one unit, and the distance of all."""
    line = {"color": SECOND, "width": 3, "dash": "dash" if lane else "solid"}
    name = _("running, ρ = {momentum:g}").format(momentum=recording.config.lanes()[lane].momentum)
    steps, typical = measurements(recording, lane, "typical_mean")
    _steps, apart = measurements(recording, lane, "mean_apart_running")
    if len(steps):
        drawn.add_scatter(x=steps, y=typical[:, 0, 1], name=name, line=line, row=1, col=1)
        drawn.add_scatter(
            x=steps, y=apart[:, 0], name=name, line=line, showlegend=False, row=2, col=1
        )


def _others(drawn: go.Figure, recording: Recording) -> None:
    """Draw the minibatch's and the population's mean, which do not depend on the momentum."""
    steps, typical = measurements(recording, 0, "typical_mean")
    if not len(steps):
        return
    _steps, apart = measurements(recording, 0, "mean_apart_batch")
    for (name, color, width), values in zip(
        (_ESTIMATES[0], _ESTIMATES[2]), (typical[:, 0, 0], typical[:, 0, 2]), strict=True
    ):
        line = {"color": color, "width": width}
        drawn.add_scatter(x=steps, y=values, name=_(name), line=line, row=1, col=1)
    line = {"color": PALE, "width": 2}
    drawn.add_scatter(
        x=steps, y=apart[:, 0], name=_("minibatch"), line=line, showlegend=False, row=2, col=1
    )


def _flips(drawn: go.Figure, recording: Recording) -> None:
    """Draw both modes of every lane as bars, and a slider over the steps at which they were evaluated."""
    lanes = [accuracies(recording, lane) for lane in range(recording.lanes)]
    steps = lanes[0].steps
    names = [_name(recording, lane) for lane in range(recording.lanes)]
    first = len(drawn.data)
    for mode, color in zip(_MODES, (THIRD, SECOND), strict=True):
        drawn.add_bar(
            x=names,
            name=_(mode),
            marker={"color": color},
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            row=3,
            col=1,
        )
    frames = [_bars(lanes, int(step)) for step in steps]
    drawn.update_xaxes(tickangle=0, row=3)
    drawn.update_yaxes(title=_("right, share of examples"), range=[0, 1.15], row=3)
    if not frames:
        return
    start = max(0, int(np.searchsorted(steps, 50, "right")) - 1)
    for trace, bars in enumerate(frames[start]):
        drawn.data[first + trace].update(bars)
    drawn.frames = [
        go.Frame(data=bars, traces=[first, first + 1], name=str(step))
        for step, bars in zip(steps, frames, strict=True)
    ]
    drawn.update_layout(sliders=[_slider([int(step) for step in steps], start)])


def _name(recording: Recording, lane: int) -> str:
    config = recording.config.lanes()[lane]
    what = _("population") if config.statistics == "population" else f"ρ = {config.momentum:g}"
    return f"{'ABCD'[lane]}<br>{what}"


def _bars(lanes: Sequence[Accuracies], step: int) -> list[dict[str, Any]]:
    values = [
        [getattr(lane, mode)[lane.at(step)] for lane in lanes] for mode in ("training", "inference")
    ]
    return [
        {"y": shares, "text": [f"{share:.0%}" for share in shares], "type": "bar"}
        for shares in values
    ]


def _slider(steps: Sequence[int], active: int) -> dict[str, Any]:
    now = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}}
    return {
        "active": active,
        "currentvalue": {"prefix": _("step") + " ", "font": {"size": 16}},
        "pad": {"t": 50},
        "steps": [
            {"label": str(step), "method": "animate", "args": [[str(step)], now]} for step in steps
        ],
    }


def estimates(mean: Estimates, variance: Estimates, truth: tuple[float, float]) -> go.Figure:
    """Show three estimates of a mean and of a variance over the steps, and what is estimated."""
    drawn = make_subplots(1, 2, subplot_titles=(_("mean"), _("variance")), horizontal_spacing=0.1)
    drawn.update_layout(figure("", "", height=380).layout)
    for column, (moment, wanted) in enumerate(zip((mean, variance), truth, strict=True), 1):
        steps = np.arange(1, len(moment.batch) + 1)
        curves = moment.batch, moment.running, moment.population
        for values, (name, color, width) in zip(curves, _ESTIMATES, strict=True):
            drawn.add_scatter(
                x=steps,
                y=values,
                name=_(name),
                showlegend=column == 1,
                line={"color": color, "width": width},
                row=1,
                col=column,
            )
        drawn.add_hline(y=wanted, line={"dash": "dot"}, row=1, col=column)  # pyright: ignore[reportArgumentType]
    drawn.update_xaxes(title=_("minibatches"))
    drawn.update_yaxes(title=_("estimate"), col=1)
    drawn.update_layout(legend={"y": -0.3, "yanchor": "top"}, margin={"b": 130})
    return drawn
