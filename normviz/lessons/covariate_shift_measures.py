"""What the runs on covariate shift are judged by: accuracy, unsteadiness, shift of gradients, smoothness."""

import math
import warnings

import numpy as np
from numpy.typing import NDArray

from normviz.lessons.recording import Recording

#: A measurement of the shift at this step or later counts; the first ones are of an untrained network.
FROM = 10


def named(recording: Recording, lane: int) -> str:
    """Return a lane's letter and what makes it differ, in bold."""
    return f"**{'ABCD'[lane]}** ({recording.title(lane)})"


def accuracy(recording: Recording, lane: int, step: int) -> float:
    """Return the share of held-out examples that is right, with batch statistics and without noise."""
    if not recording.alive(lane, step):
        return math.nan
    return float(recording.value("heldout_batch_accuracy", lane, step))


def jump(recording: Recording, lane: int, until: int) -> float:
    """Return how far the mean of z moves from one measured minibatch to the next, averaged over layers and steps."""
    steps, means = recording.series("pre_mean", lane)
    seen = means[steps <= until]
    return float(np.abs(np.diff(seen, axis=0)).mean()) if len(seen) > 1 else math.nan


def measured(recording: Recording, field: str, lane: int, until: int) -> NDArray[np.float64]:
    """Return a quantity of the meter once for each step at which it was measured, shape (times, ...)."""
    steps, when = recording.series("shift_step", lane)
    values = recording.series(field, lane)[1].astype(np.float64)
    seen = np.flatnonzero((steps <= until) & (when >= FROM))
    new = seen[np.unique(when[seen], return_index=True)[1]]
    return values[new]


def relative_shift(recording: Recording, lane: int, until: int) -> float:
    """Return the gradient's shift over the gradient's norm, the median over the layers from the second on and steps."""
    if not recording.alive(lane, until):
        return math.nan
    shift = measured(recording, "grad_shift", lane, until)[:, 1:]
    size = measured(recording, "dw_frobenius", lane, until)[:, 1:]
    return _median(np.divide(shift, size, out=np.full_like(shift, math.nan), where=size > 0))


def cosine(recording: Recording, lane: int, until: int) -> float:
    """Return the mean cosine of G and G' over the layers from the second on and the steps."""
    found = measured(recording, "grad_cosine", lane, until)
    found = found[np.isfinite(found)]
    return float(found.mean()) if found.size and recording.alive(lane, until) else math.nan


def typical(recording: Recording, field: str, lane: int, until: int) -> float:
    """Return the geometric mean over the steps of a positive quantity along the gradient."""
    found = measured(recording, field, lane, until)
    found = found[np.isfinite(found) & (found > 0)]
    if not found.size or not recording.alive(lane, until):
        return math.nan
    return float(np.exp(np.log(found).mean()))


def _median(values: NDArray[np.float64]) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # nothing was measured
        return float(np.nanmedian(values)) if values.size else math.nan
