"""Saturated activations and dead units."""

import math
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor

from normviz.frames import Field, Values
from normviz.language import N_
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured
from normviz.probe.samples import Row


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Declare the saturated share of activations and the dead share of units."""
    return (
        Field(
            "saturated",
            ("layer",),
            "f4",
            N_("Saturated"),
            N_("share of activations"),
            f"{activation.definition}; over the first examples of the minibatch",
        ),
        Field(
            "dead",
            ("layer",),
            "f4",
            N_("Dead units"),
            N_("share of units"),
            "units (channels) whose activation is 0 on the whole minibatch",
        ),
    )


def measure(measured: Measured) -> Values:
    """Measure both on the output of the nonlinearity; units of an activation that cannot die are not looked at.

    In a layer without examples they are not a number.
    """
    sizes = np.array(measured.sorted_pre.sizes)
    dead = measured.dead if measured.activation.can_die else np.zeros(len(sizes))
    return {
        "saturated": saturated_shares(measured),
        "dead": np.where(sizes, dead, np.nan).astype(np.float32),
    }


def saturated_shares(measured: Measured) -> Float32[np.ndarray, " layers"]:
    """Return the share of saturated values of each layer, by their slopes or by the values themselves."""
    activation, samples = measured.activation, measured.sorted_pre
    if activation.flat:
        slopes = activation.derivative(torch.from_numpy(samples.values)).abs()
        saturated = samples.split((slopes < activation.flat).numpy())
        shares = [np.count_nonzero(row) / len(row) if len(row) else math.nan for row in saturated]
    else:
        rows = measured.sorted_phi.rows
        shares = [share_outside(row, *activation.unsaturated) for row in rows]
    return np.array(shares, np.float32)


def share_outside(ordered: Row, low: float, high: float) -> float:
    """Return the share of sorted values that are below ``low`` or above ``high``; not a number without values."""
    if not len(ordered):
        return math.nan
    below = ordered.searchsorted(_rounded(low, np.inf))
    above = len(ordered) - ordered.searchsorted(_rounded(high, -np.inf), "right")
    return (below + above) / len(ordered)


@lru_cache
def _rounded(limit: float, direction: float) -> np.float32:
    """Return the float32 number nearest to the limit in this direction, so that no value changes sides."""
    near = np.float32(limit)
    beyond = float(near) < limit if direction > 0 else float(near) > limit
    return np.nextafter(near, np.float32(direction)) if beyond else near


def dead_share(phi: Float[Tensor, "batch units *positions"]) -> float:
    """Return the share of units, or channels, that are 0 for every example at every position."""
    if not len(phi):
        return math.nan
    others = tuple(axis for axis in range(phi.ndim) if axis != 1)
    alive, units = np.count_nonzero(phi.numpy().any(axis=others)), phi.shape[1]
    return (units - alive) / units
