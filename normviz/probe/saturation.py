"""Saturated activations and dead units."""

import numpy as np
from jaxtyping import Float
from torch import Tensor

from normviz.frames import Field, Values
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Declare the saturated share of activations and the dead share of units."""
    return (
        Field(
            "saturated",
            ("layer",),
            "f4",
            "Saturated",
            "share of activations",
            f"{activation.definition}; over the first examples of the minibatch",
        ),
        Field(
            "dead",
            ("layer",),
            "f4",
            "Dead units",
            "share of units",
            "units whose activation is 0 on the whole minibatch",
        ),
    )


def measure(measured: Measured) -> Values:
    """Measure both on the output of the nonlinearity; units of an activation that cannot die are not looked at."""
    low, high = measured.activation.unsaturated
    saturated = [share_outside(row, low, high) for row in measured.sorted_phi]
    dead = [
        dead_share(phi.detach()) if measured.activation.can_die else 0.0
        for phi in measured.tape.phi
    ]
    return {"saturated": np.array(saturated, np.float32), "dead": np.array(dead, np.float32)}


def share_outside(ordered: Float[np.ndarray, " values"], low: float, high: float) -> float:
    """Return the share of sorted values that are below ``low`` or above ``high``."""
    below = ordered.searchsorted(low)
    above = len(ordered) - ordered.searchsorted(high, "right")
    return (below + above) / len(ordered)


def dead_share(phi: Float[Tensor, "batch width"]) -> float:
    """Return the share of units (columns) that are 0 for every example."""
    return (phi.abs().amax(0) == 0).float().mean().item()
