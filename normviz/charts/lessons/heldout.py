"""Held-out accuracy over the steps of a recorded run, a colour a lane; dashed with batch statistics."""

import numpy as np
import plotly.graph_objects as go

from normviz.charts.lessons.style import FIRST, FOURTH, SECOND, THIRD, figure
from normviz.language import N_, _
from normviz.lessons import heldout
from normviz.lessons.recording import Recording

_COLORS = (FIRST, SECOND, THIRD, FOURTH)
_WAYS = {heldout.EVAL: ("solid", "{lane}"), heldout.BATCH: ("dot", N_("{lane}, batch statistics"))}


def over_steps(recording: Recording) -> go.Figure:
    """Show every lane's held-out accuracy in eval mode, and with batch statistics where that is another number."""
    drawn = figure(_("step"), _("share right, held out"), 420)
    for lane, color in zip(range(recording.lanes), _COLORS, strict=False):
        shown = [recording.series(field, lane) for field in _WAYS]
        apart = not np.array_equal(shown[0][1], shown[1][1], equal_nan=True)
        for (steps, values), (dash, words) in zip(shown[: 1 + apart], _WAYS.values(), strict=False):
            known = np.isfinite(values)
            drawn.add_scatter(
                x=steps[known],
                y=values[known],
                name=_(words).format(lane=_title(recording, lane)),
                mode="lines+markers",
                line={"color": color, "dash": dash, "width": 3},
            )
    drawn.update_yaxes(range=[0, 1.02])
    return drawn


def _title(recording: Recording, lane: int) -> str:
    parts = [recording.schema.lanes[lane].name, recording.title(lane, short=True)]
    return _(", ").join(filter(None, parts))
