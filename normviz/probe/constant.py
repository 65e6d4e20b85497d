"""Units that are the same whatever comes in, which a histogram pooled over all units cannot show."""

import math

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from torch import Tensor

from normviz.frames import Field, Values
from normviz.language import N_
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured
from normviz.probe.samples import SAMPLE
from normviz.probe.stacking import by_shape

#: A unit is constant if its deviation is at most this share of the layer's, over all units.
SAME = 1e-3
#: The first examples are looked at: so many at most and at least, within the sample's size.
MOST, FEWEST = 16, 2


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Declare the share of constant units."""
    return (
        Field(
            "constant_units",
            ("layer",),
            "f4",
            N_("Constant units"),
            N_("share of units"),
            f"units (channels) whose pre-activation has at most {SAME:g} of the standard deviation that the layer's "
            f"have together, over the first examples of the minibatch and all positions",
        ),
    )


def measure(measured: Measured) -> Values:
    """Measure it. With one value a unit it is not a number."""
    return {"constant_units": measured.constant.astype(np.float32)}


def first_of(layers: list[Tensor]) -> list[Tensor]:
    """Return what is looked at of each layer, without gradients."""
    return [layer.detach()[: _count(layer)] for layer in layers]


def _count(layer: Tensor) -> int:
    return max(FEWEST, min(MOST, SAMPLE // max(1, math.prod(layer.shape[1:]))))


def shares_on_host(layers: list[Tensor]) -> Float[np.ndarray, " layers"]:
    """Return the share of constant units of each layer. Layers of one shape are looked at together."""
    found = np.empty(len(layers))
    for indices in by_shape(layers):
        found[indices] = _shares(np.stack([layers[index].numpy() for index in indices]))
    return found


@np.errstate(over="ignore", invalid="ignore")
def _shares(
    stack: Float32[np.ndarray, "layers examples units *positions"],
) -> Float32[np.ndarray, " layers"]:
    """Take each unit's first value off, so that what is left has no rounding of its mean in it."""
    values = stack.reshape(*stack.shape[:3], math.prod(stack.shape[3:]))
    if values.shape[1] * values.shape[3] < FEWEST:
        return np.full(len(values), np.nan, np.float32)
    first = values[:, :1, :, :1]
    away = values - first
    mean = away.mean((1, 3))
    variances = np.square(away, out=away).mean((1, 3)) - np.square(mean)
    pooled = variances.mean(1) + (mean + first[:, 0, :, 0]).var(1)
    return (variances <= SAME**2 * pooled[:, None]).mean(1, dtype=np.float32)


def shares(stack: Float[Tensor, "layers examples units *positions"]) -> Float64[Tensor, " layers"]:
    """Return the same of layers of one shape, in float64, where the tensors are."""
    values = stack.double().reshape(*stack.shape[:3], math.prod(stack.shape[3:]))
    if values.shape[1] * values.shape[3] < FEWEST:
        return values.new_full((len(values),), float("nan"))
    first = values[:, :1, :, :1]
    variances, mean = torch.var_mean(values - first, (1, 3), correction=0)
    pooled = variances.mean(1) + (mean + first[:, 0, :, 0]).var(1, correction=0)
    return (variances <= SAME**2 * pooled[:, None]).double().mean(1)
