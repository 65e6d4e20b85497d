"""What is measured now and then and stays in every frame until the next time."""

from collections.abc import Sequence

import numpy as np

from normviz.lessons.recording import Recording


def measurements(recording: Recording, lane: int, field: str) -> tuple[Sequence[int], np.ndarray]:
    """Return the steps at which a lane's normalizations were looked at, and a field there; none without such a look."""
    try:
        _, at = recording.series("norms_step", lane)
    except KeyError:
        return (), np.empty((0, 0))
    _, values = recording.series(field, lane)
    found = {int(step): value for step, value in zip(at, values, strict=True)}
    return tuple(found), np.stack(list(found.values())).astype(float)
