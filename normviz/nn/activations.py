"""Activations, each with its derivative, the range its histogram shows and its definition of saturated."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from normviz.language import N_

Values = Float[Tensor, "..."]

#: Activations without a value of their own to saturate at are saturated where their slope is below this.
FLAT = 0.05
LEAK = 0.01


@dataclass(frozen=True)
class Activation:
    """A nonlinearity and how it is looked at.

    A value is saturated if it is not within ``unsaturated``, or, where ``flat`` is not 0, if the slope it was computed
    with is below ``flat`` in magnitude. ``definition`` says the same in words.

    Attributes:
        function: elementwise, any shape.
        derivative: its slope as a function of the pre-activation; at a kink the one that torch's autograd takes.
        bounds: lowest and highest activation that its histogram shows.
        definition: what saturated means, in words.
        unsaturated: an activation below the first or above the second number is saturated.
        flat: a slope nearer to zero is saturated; 0 where values decide.
        centre: the activation at pre-activation 0, to which a network with tiny weights collapses.
        can_die: whether a unit can be 0 for every input.
        rectifies: whether all negative pre-activations count as saturated, so that half of the values usually are.
        increasing: whether a larger pre-activation never gives a smaller activation, rounding included.
    """

    function: Callable[[Values], Values]
    derivative: Callable[[Values], Values]
    bounds: tuple[float, float]
    definition: str
    unsaturated: tuple[float, float] = (-math.inf, math.inf)
    flat: float = 0.0
    centre: float = 0.0
    can_die: bool = False
    rectifies: bool = False
    increasing: bool = True


def _sigmoid_slope(z: Values) -> Values:
    a = torch.sigmoid(z)
    return a * (1 - a)


def _leaky_relu(z: Values) -> Values:
    return functional.leaky_relu(z, LEAK)


def _leaky_relu_slope(z: Values) -> Values:
    return torch.ones_like(z).masked_fill(z <= 0, LEAK)


def _gelu_slope(z: Values) -> Values:
    density = torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi)
    return torch.special.ndtr(z) + z * density


def _silu_slope(z: Values) -> Values:
    a = torch.sigmoid(z)
    return a * (1 + z * (1 - a))


SIGMOID = Activation(
    torch.sigmoid,
    _sigmoid_slope,
    (0.0, 1.0),
    N_("sigmoid outside [0.05, 0.95]"),
    unsaturated=(0.05, 0.95),
    centre=0.5,
)
TANH = Activation(
    torch.tanh,
    lambda z: 1 - torch.tanh(z).square(),
    (-1.0, 1.0),
    N_("|tanh| > 0.97"),
    unsaturated=(-0.97, 0.97),
)
RELU = Activation(
    torch.relu,
    lambda z: (z > 0).to(z),
    (0.0, 6.0),
    N_("ReLU output is 0"),
    unsaturated=(math.ulp(0.0), math.inf),
    can_die=True,
    rectifies=True,
)
#: Maas et al. 2013, eq. 2.
LEAKY_RELU = Activation(
    _leaky_relu,
    _leaky_relu_slope,
    (-0.5, 7.5),
    N_("leaky ReLU slope < 0.05 (it is 0.01 for z ≤ 0)"),
    flat=FLAT,
    rectifies=True,
)
#: Clevert et al. 2016, eq. 15, with alpha = 1.
ELU = Activation(
    functional.elu,
    lambda z: z.clamp(max=0).exp(),
    (-1.0, 7.0),
    N_("ELU slope < 0.05 (output below -0.95)"),
    flat=FLAT,
)
#: Hendrycks & Gimpel 2016: the exact form, with the normal distribution function.
GELU = Activation(
    functional.gelu,
    _gelu_slope,
    (-0.5, 7.5),
    N_("|GELU slope| < 0.05 (z < -2.35, or -0.88 to -0.65: its minimum)"),
    flat=FLAT,
    increasing=False,
)
#: Elfwing et al. 2018; Ramachandran et al. 2017 call it Swish.
SILU = Activation(
    functional.silu,
    _silu_slope,
    (-0.5, 7.5),
    N_("|SiLU slope| < 0.05 (z < -4.08, or -1.56 to -1.08: its minimum)"),
    flat=FLAT,
    increasing=False,
)
#: Bergstra et al. 2009. It increases, but its float32 values do not: neighbours may swap in the last digit.
SOFTSIGN = Activation(
    functional.softsign,
    lambda z: (1 + z.abs()).square().reciprocal(),
    (-1.0, 1.0),
    N_("softsign slope < 0.05 (|output| > 0.78)"),
    flat=FLAT,
    increasing=False,
)
#: Collobert 2004.
HARD_TANH = Activation(
    functional.hardtanh,
    lambda z: (z.abs() < 1).to(z),
    (-1.0, 1.0),
    N_("|hard tanh| = 1"),
    unsaturated=(math.nextafter(-1.0, 0.0), math.nextafter(1.0, 0.0)),
)
LINEAR = Activation(lambda z: z, torch.ones_like, (-6.0, 6.0), N_("linear units never saturate"))
