"""How the gradient grows from layer to layer, as measured in a run."""

import math

from normviz.lessons.recording import Recording

#: Layers at the lower end that are left out: there the input's own correlations are still settling.
SETTLING = 5


def growth(recording: Recording, lane: int, step: int) -> float:
    """Return the factor by which the squared gradient with respect to z changes a layer, going down.

    It is the geometric mean from the last hidden layer down to the sixth; not a number in a network of fewer layers
    than eight, or where a gradient is 0.
    """
    std = recording.value("grad_std", lane, step).astype(float)
    layers = len(std) - 1 - SETTLING
    if layers < 2 or not (std[SETTLING] > 0 and std[-1] > 0):
        return math.nan
    return float((std[SETTLING] / std[-1]) ** (2 / layers))
