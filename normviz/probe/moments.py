"""Mean and standard deviation by layer, pooled over the minibatch, the units and their positions."""

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from torch import Tensor

from normviz.frames import Field, Values
from normviz.language import N_
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured, Moments
from normviz.probe.samples import Row

#: So many values are looked at in one go: they stay in the processor's cache between the two passes.
BLOCK = 2**16
#: Sums of squares between this and its inverse are far from float32's limits.
SAFE = 1e-32

_NAMES = {
    "pre": (N_("Pre-activation, mean"), N_("Pre-activation, standard deviation"), ""),
    "act": (N_("Activation, mean"), N_("Activation, standard deviation"), ""),
    "grad": (
        N_("Gradient with respect to pre-activation, mean"),
        N_("Gradient with respect to pre-activation, standard deviation"),
        N_("loss per unit of z"),
    ),
}


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Declare mean and standard deviation of pre-activations, activations and gradients."""
    return tuple(
        Field(
            f"{name}_{moment}",
            ("layer",),
            "f4",
            label,
            unit,
            f"{words} over the minibatch and the units{estimator}",
        )
        for name, (mean, std, unit) in _NAMES.items()
        for moment, label, words, estimator in (
            ("mean", mean, "mean", ""),
            ("std", std, "standard deviation", " (biased: divided by n)"),
        )
    )


@np.errstate(over="ignore", invalid="ignore")
def measure(measured: Measured) -> Values:
    """Measure all of them. Not-a-number and infinity pass through; a layer without examples has not-a-number."""
    values = {}
    for name, of, factor in (
        ("pre", "pre", 1),
        ("act", "out", 1),
        ("grad", "grad", measured.batch),
    ):
        both = measured.moments(of).astype(np.float32) * np.float32(factor)
        values[f"{name}_mean"], values[f"{name}_std"] = both.T
    return values


def moments(values: Float[Tensor, "..."]) -> tuple[float, float]:
    """Return mean and biased standard deviation, by two passes (mean first, then deviations from it).

    Where squares would vanish or overflow in float32, both are taken again in float64.
    """
    mean, std = of_layers([values], scratch([values]))[0].tolist()
    return mean, std


def scratch(layers: list[Tensor]) -> Row:
    """Return room to work in for :func:`of_layers`; getting it anew each time would cost a tenth of the work."""
    return np.empty(min(BLOCK, max(layer.numel() for layer in layers)), np.float32)


@np.errstate(over="ignore", invalid="ignore")
def of_layers(layers: list[Tensor], scratch: Row) -> Moments:
    """Return mean and biased standard deviation of each layer; they may differ in shape."""
    return np.array([_moments(layer, scratch) for layer in layers])


def _moments(values: Float[Tensor, "..."], scratch: Row) -> tuple[float, float]:
    flat = values.numpy().ravel(order="K")
    n = flat.size
    if not n:
        return math.nan, math.nan
    blocks = [flat] if n <= BLOCK else [flat[i : i + BLOCK] for i in range(0, n, BLOCK)]
    mean = square = 0.0
    for block in blocks:
        mean += float(block.dot(_ones()[: len(block)])) / n
    for block in blocks:
        away = np.subtract(block, np.float32(mean), out=scratch[: len(block)])
        square += float(away.dot(away))
    if not SAFE < square < 1 / SAFE:
        mean = values.double().mean().item()
        square = (values.double() - mean).square().sum().item()
    return mean, math.sqrt(square / n)


@lru_cache
def _ones() -> Row:
    """Return ones, to sum with the linear algebra library's fast dot product."""
    return np.ones(BLOCK, np.float32)
