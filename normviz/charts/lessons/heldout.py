"""Held-out accuracy over the steps of a recorded run, a colour a lane; dashed with batch statistics."""

import numpy as np
import plotly.graph_objects as go

from normviz.charts.lessons.style import FIRST, FOURTH, SECOND, THIRD, figure
from normviz.lessons import heldout
from normviz.lessons.recording import Recording

_COLORS = (FIRST, SECOND, THIRD, FOURTH)
_WAYS = {heldout.EVAL: ("solid", ""), heldout.BATCH: ("dot", ", batch statistics")}


def over_steps(recording: Recording) -> go.Figure:
    """Show every lane's held-out accuracy in eval mode, and with batch statistics where that is another number."""
    drawn = figure("step", "share right, held out", 420)
    for lane, color in zip(range(recording.lanes), _COLORS, strict=False):
        shown = [recording.series(field, lane) for field in _WAYS]
        apart = not np.array_equal(shown[0][1], shown[1][1], equal_nan=True)
        for (steps, values), (dash, words) in zip(shown[: 1 + apart], _WAYS.values(), strict=False):
            known = np.isfinite(values)
            drawn.add_scatter(
                x=steps[known],
                y=values[known],
                name=_title(recording, lane) + words,
                mode="lines+markers",
                line={"color": color, "dash": dash, "width": 3},
            )
    drawn.update_yaxes(range=[0, 1.02])
    return drawn


def _title(recording: Recording, lane: int) -> str:
    info = recording.schema.lanes[lane]
    return ", ".join(
        [info.name, *(part.split(": ")[-1] for part in info.title.split(", ") if part)]
    )
