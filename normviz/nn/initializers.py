"""Initial weights, drawn in place from an explicit generator.

All of the normal ones scale the same standard normal numbers, and all of the uniform ones the same uniform numbers, so
two lanes that differ in initialization alone start from the same directions. Each random one takes a ``gain`` that its
weights are multiplied with.
"""

import math

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from normviz.nn.lsuv import LSUV

Weight = Float[Tensor, "fan_out fan_in *kernel"]


def fans(weight: Weight) -> tuple[int, int]:
    """Return fan_in and fan_out; a convolution's are channels times positions of the kernel, as torch counts them."""
    positions = math.prod(weight.shape[2:])
    return weight.shape[1] * positions, weight.shape[0] * positions


def _normal(weight: Weight, std: float, generator: Generator) -> None:
    with torch.no_grad():
        weight.normal_(0.0, 1.0, generator=generator).mul_(std)


def _uniform(weight: Weight, bound: float, generator: Generator) -> None:
    with torch.no_grad():
        weight.uniform_(-1.0, 1.0, generator=generator).mul_(bound)


def zeros(weight: Weight, generator: Generator) -> None:
    """W = 0: all units of a layer are alike and stay alike."""
    torch.nn.init.zeros_(weight)


def constant(weight: Weight, generator: Generator, init_std: float) -> None:
    """W = s: as zeros, all units of a layer are alike and stay alike."""
    torch.nn.init.constant_(weight, init_std)


def small(weight: Weight, generator: Generator, gain: float = 1.0) -> None:
    """N(0, 0.01²), as in the CS231n notes."""
    _normal(weight, gain * 0.01, generator)


def unit(weight: Weight, generator: Generator, gain: float = 1.0) -> None:
    """N(0, 1), as in the CS231n notes."""
    _normal(weight, gain * 1.0, generator)


def normal(weight: Weight, generator: Generator, init_std: float, gain: float = 1.0) -> None:
    """N(0, s²)."""
    _normal(weight, gain * init_std, generator)


def uniform(weight: Weight, generator: Generator, init_std: float, gain: float = 1.0) -> None:
    """U(-s, s), whose standard deviation is s / sqrt(3)."""
    _uniform(weight, gain * init_std, generator)


def lecun(weight: Weight, generator: Generator, gain: float = 1.0) -> None:
    """N(0, 1 / fan_in), LeCun et al. 1998, eq. 16."""
    _normal(weight, gain * math.sqrt(1.0 / fans(weight)[0]), generator)


def xavier(weight: Weight, generator: Generator, gain: float = 1.0) -> None:
    """N(0, 2 / (fan_in + fan_out)), Glorot & Bengio 2010, eq. 12, in its normal form."""
    _normal(weight, gain * math.sqrt(2.0 / sum(fans(weight))), generator)


def xavier_uniform(weight: Weight, generator: Generator, gain: float = 1.0) -> None:
    """U(-r, r) with r² = 6 / (fan_in + fan_out), Glorot & Bengio 2010, eq. 16."""
    _uniform(weight, gain * math.sqrt(6.0 / sum(fans(weight))), generator)


def he(weight: Weight, generator: Generator, gain: float = 1.0) -> None:
    """N(0, 2 / fan_in), He et al. 2015, eq. 10."""
    _normal(weight, gain * math.sqrt(2.0 / fans(weight)[0]), generator)


def he_uniform(weight: Weight, generator: Generator, gain: float = 1.0) -> None:
    """U(-r, r) with r² = 6 / fan_in: the variance of He et al. 2015, eq. 10."""
    _uniform(weight, gain * math.sqrt(6.0 / fans(weight)[0]), generator)


def orthogonal(weight: Weight, generator: Generator, gain: float = 1.0) -> None:
    """Orthonormal columns or rows, whichever are fewer, uniformly distributed (Saxe et al. 2014).

    A convolution's weight is taken as the matrix (channels out, the rest). It is the Q of a QR decomposition of
    standard normal numbers, with the signs that make R's diagonal positive.
    """
    torch.nn.init.orthogonal_(weight, gain, generator=generator)


#: Orthogonal weights, scaled to the data once the network is there.
lsuv = LSUV(orthogonal)
