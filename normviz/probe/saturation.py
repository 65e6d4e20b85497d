"""Saturated activations and dead units."""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Float32
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
    dead = [
        dead_share(phi.detach()) if measured.activation.can_die else 0.0
        for phi in measured.tape.phi
    ]
    return {"saturated": saturated_shares(measured), "dead": np.array(dead, np.float32)}


def saturated_shares(measured: Measured) -> Float32[np.ndarray, " layers"]:
    """Return the share of saturated values of each layer, by their slopes or by the values themselves."""
    activation = measured.activation
    if activation.flat:
        slopes = activation.derivative(torch.from_numpy(measured.sorted_pre)).abs()
        return (slopes < activation.flat).float().mean(1).numpy()
    shares = [share_outside(row, *activation.unsaturated) for row in measured.sorted_phi]
    return np.array(shares, np.float32)


def share_outside(ordered: Float32[np.ndarray, " values"], low: float, high: float) -> float:
    """Return the share of sorted values that are below ``low`` or above ``high``."""
    below = ordered.searchsorted(_rounded(low, np.inf))
    above = len(ordered) - ordered.searchsorted(_rounded(high, -np.inf), "right")
    return (below + above) / len(ordered)


@lru_cache
def _rounded(limit: float, direction: float) -> np.float32:
    """Return the float32 number nearest to the limit in this direction, so that no value changes sides."""
    near = np.float32(limit)
    beyond = float(near) < limit if direction > 0 else float(near) > limit
    return np.nextafter(near, np.float32(direction)) if beyond else near


def dead_share(phi: Float[Tensor, "batch width"]) -> float:
    """Return the share of units (columns) that are 0 for every example."""
    return (phi.abs().amax(0) == 0).float().mean().item()
