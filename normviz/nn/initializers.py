"""Initial weights, drawn in place from an explicit generator.

All of the random ones scale the same standard normal numbers, so two lanes that differ in initialization alone start
from the same directions.
"""

import math

import torch
from jaxtyping import Float
from torch import Generator, Tensor

Weight = Float[Tensor, "fan_out fan_in"]


def _normal(weight: Weight, std: float, generator: Generator) -> None:
    with torch.no_grad():
        weight.normal_(0.0, 1.0, generator=generator).mul_(std)


def zeros(weight: Weight, generator: Generator) -> None:
    """W = 0: all units of a layer are alike and stay alike."""
    torch.nn.init.zeros_(weight)


def small(weight: Weight, generator: Generator) -> None:
    """N(0, 0.01²), as in the CS231n notes."""
    _normal(weight, 0.01, generator)


def unit(weight: Weight, generator: Generator) -> None:
    """N(0, 1), as in the CS231n notes."""
    _normal(weight, 1.0, generator)


def xavier(weight: Weight, generator: Generator) -> None:
    """N(0, 2 / (fan_in + fan_out)), Glorot & Bengio 2010, eq. 12, in its normal form."""
    _normal(weight, math.sqrt(2.0 / sum(weight.shape)), generator)


def he(weight: Weight, generator: Generator) -> None:
    """N(0, 2 / fan_in), He et al. 2015, eq. 10."""
    _normal(weight, math.sqrt(2.0 / weight.shape[1]), generator)
