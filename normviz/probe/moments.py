"""Mean and standard deviation by layer, pooled over the minibatch and the units."""

import math

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from normviz.frames import Field, Values
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured

SAFE = 1e-16

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


def measure(measured: Measured) -> Values:
    """Measure all of them. Not-a-number and infinity pass through."""
    values = {}
    for name, tensors, factor in (
        ("pre", measured.tape.pre, 1),
        ("act", measured.tape.out, 1),
        ("grad", measured.grads, measured.batch),
    ):
        both = np.array([moments(tensor.detach()) for tensor in tensors], np.float32) * np.float32(
            factor
        )
        values[f"{name}_mean"], values[f"{name}_std"] = both.T
    return values


def moments(values: Float[Tensor, "..."]) -> tuple[float, float]:
    """Return mean and biased standard deviation, by two passes (mean first, then deviations from it).

    Where squares would vanish or overflow in float32, both are taken again in float64.
    """
    mean = values.mean()
    norm = torch.linalg.vector_norm(values - mean).item()
    if not SAFE < norm < 1 / SAFE:
        mean = values.double().mean()
        norm = torch.linalg.vector_norm(values.double() - mean).item()
    return mean.item(), norm / math.sqrt(values.numel())
