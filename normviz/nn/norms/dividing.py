"""What normalizations that divide by the root of a variance have in common."""

from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from normviz.nn.norms.base import Norm


class Dividing(Norm):
    r"""A normalization that divides by $\sqrt{v + \epsilon}$, where v is a variance (or a mean square) of its input.

    Where v and eps are 0 it divides by 0: what comes out is not a number, and the run ends. (While training
    torch's BatchNorm takes 1/0 as 0 there.) The variance of a single value is always 0.

    Attributes:
        eps: the epsilon.
        alone: the rule of the note that says what is left where every v is that of a single value.
    """

    alone: ClassVar[str] = "one_value"
    eps: float

    def values(self, shape: tuple[int, ...]) -> int:
        """Return how many values every v is taken over, for input of this shape, (batch, channels, *positions)."""
        raise NotImplementedError


def by_channel(
    values: Float[Tensor, " channels"], x: Float[Tensor, "batch channels *positions"]
) -> Float[Tensor, "channels *ones"]:
    """Return one number a channel in a shape that is broadcast over examples and positions of ``x``."""
    return values.view(-1, *[1] * (x.ndim - 2))


def scaled(
    y: Float[Tensor, "batch channels *positions"], gamma: Tensor | None, beta: Tensor | None
) -> Float[Tensor, "batch channels *positions"]:
    """Return gamma y + beta, channel by channel; ``y`` where there is neither."""
    if gamma is None or beta is None:
        return y
    return torch.addcmul(by_channel(beta, y), by_channel(gamma, y), y)
