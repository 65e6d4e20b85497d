"""Held-out accuracy of a recorded run: it is measured at some steps only, and a lane may have diverged before."""

import math

import numpy as np

from normviz.language import _
from normviz.lessons.recording import Recording

EVAL, BATCH = "heldout_accuracy", "heldout_batch_accuracy"


def last(recording: Recording, lane: int, field: str = EVAL, until: int | None = None) -> float:
    """Return the last value that was measured up to a step; NaN where there is none or the lane has diverged."""
    steps, values = recording.series(field, lane)
    known = values[np.isfinite(values) & (steps <= (steps[-1] if until is None else until))]
    return float(known[-1]) if len(known) and recording.alive(lane, until) else math.nan


def title(recording: Recording, lane: int) -> str:
    """Name a lane by its letter and by what makes it differ."""
    name, differs = recording.schema.lanes[lane].name, recording.title(lane)
    return f"**{name}** ({differs})" if differs else f"**{name}**"


def said(recording: Recording, lane: int, until: int | None = None) -> str:
    """Say what a lane has reached in eval mode, and with batch statistics where these differ."""
    eval_mode, batch = (last(recording, lane, field, until) for field in (EVAL, BATCH))
    if math.isnan(eval_mode):
        return _("{title} has diverged.").format(title=title(recording, lane))
    words = (
        _("{title}: {eval_mode:.1%} of the held-out images are right in eval mode.")
        if batch == eval_mode
        else _(
            "{title}: {eval_mode:.1%} of the held-out images are right in eval mode, {batch:.1%} with batch statistics."
        )
    )
    return words.format(title=title(recording, lane), eval_mode=eval_mode, batch=batch)
