"""Mean and standard deviation by layer, pooled over the minibatch and the units."""

import math
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Float32
from torch import Tensor

from normviz.frames import Field, Values
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured

Row = Float32[np.ndarray, " n"]

#: Sums of squares between this and its inverse are far from float32's limits.
SAFE = 1e-32

_NAMES = {
    "pre": ("Pre-activation", ""),
    "act": ("Activation", ""),
    "grad": ("Gradient with respect to pre-activation", "loss per unit of z"),
}


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Declare mean and standard deviation of pre-activations, activations and gradients."""
    return tuple(
        Field(
            f"{name}_{moment}",
            ("layer",),
            "f4",
            f"{label}, {words}",
            unit,
            f"{words} over the minibatch and the units{estimator}",
        )
        for name, (label, unit) in _NAMES.items()
        for moment, words, estimator in (
            ("mean", "mean", ""),
            ("std", "standard deviation", " (biased: divided by n)"),
        )
    )


@np.errstate(over="ignore", invalid="ignore")
def measure(measured: Measured) -> Values:
    """Measure all of them. Not-a-number and infinity pass through."""
    values = {}
    scratch = np.empty(measured.tape.pre[0].numel(), np.float32)
    for name, tensors, factor in (
        ("pre", measured.tape.pre, 1),
        ("act", measured.tape.out, 1),
        ("grad", measured.grads, measured.batch),
    ):
        both = np.array([_moments(tensor.detach(), scratch) for tensor in tensors], np.float32)
        values[f"{name}_mean"], values[f"{name}_std"] = (both * np.float32(factor)).T
    return values


@np.errstate(over="ignore", invalid="ignore")
def moments(values: Float[Tensor, "..."]) -> tuple[float, float]:
    """Return mean and biased standard deviation, by two passes (mean first, then deviations from it).

    Where squares would vanish or overflow in float32, both are taken again in float64.
    """
    return _moments(values, np.empty(values.numel(), np.float32))


def _moments(values: Float[Tensor, "..."], scratch: Row) -> tuple[float, float]:
    n, flat = values.numel(), values.numpy().ravel()
    mean = float(flat.dot(_ones(n))) / n
    away = np.subtract(flat, np.float32(mean), out=scratch)
    square = float(away.dot(away))
    if not SAFE < square < 1 / SAFE:
        mean = values.double().mean().item()
        square = (values.double() - mean).square().sum().item()
    return mean, math.sqrt(square / n)


@lru_cache(maxsize=8)
def _ones(n: int) -> Row:
    """Return ones, to sum with the linear algebra library's fast dot product."""
    return np.ones(n, np.float32)
