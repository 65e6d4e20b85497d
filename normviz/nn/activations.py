"""Activations, each with the range its histogram shows and its definition of saturated."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Activation:
    """A nonlinearity and how it is looked at.

    Attributes:
        function: elementwise, any shape.
        bounds: lowest and highest activation that its histogram shows.
        unsaturated: an activation below the first or above the second number is saturated.
        definition: what saturated means, in words.
        centre: the activation at pre-activation 0, to which a network with tiny weights collapses.
        can_die: whether a unit can be 0 for every input.
        increasing: whether a larger pre-activation never gives a smaller activation.
    """

    function: Callable[[Float[Tensor, "..."]], Float[Tensor, "..."]]
    bounds: tuple[float, float]
    unsaturated: tuple[float, float]
    definition: str
    centre: float = 0.0
    can_die: bool = False
    increasing: bool = True


SIGMOID = Activation(
    torch.sigmoid, (0.0, 1.0), (0.05, 0.95), "sigmoid outside [0.05, 0.95]", centre=0.5
)
TANH = Activation(torch.tanh, (-1.0, 1.0), (-0.97, 0.97), "|tanh| > 0.97")
RELU = Activation(
    torch.relu, (0.0, 6.0), (math.ulp(0.0), math.inf), "ReLU output is 0", can_die=True
)
