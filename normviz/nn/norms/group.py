"""Group Normalization."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.dividing import Dividing


def divisor(features: int, groups: int) -> int:
    """Return the largest number of groups up to ``groups`` into which the features divide evenly."""
    return max(g for g in range(1, min(features, groups) + 1) if features % g == 0)


class GroupNorm(Dividing):
    r"""Normalize every example over each group of neighbouring channels (Wu & He 2018, eq. 1 and 7).

    $y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$ with mean and biased variance over the channels of a
    group and all positions; the same while training and in eval mode, whatever the batch size. Equal to
    torch.nn.GroupNorm. One group is Layer Normalization, as many groups as channels Instance Normalization. Where
    ``groups`` does not divide the channels, the largest smaller number that does is taken.

    A group of one value (vectors, as many groups as units) has variance 0: the output is beta.

    Attributes:
        groups: number of groups in use.
        gamma, beta: learned scale and shift by channel, shape (channels,); None without ``affine`` (then 1 and 0).
    """

    def __init__(self, channels: int, affine: bool, groups: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.groups, self.eps = divisor(channels, groups), eps
        self.gamma = nn.Parameter(torch.ones(channels)) if affine else None
        self.beta = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Normalize ``x``."""
        return torch.group_norm(x, self.groups, self.gamma, self.beta, self.eps, False)

    def values(self, shape: tuple[int, ...]) -> int:
        """Return channels of a group times positions."""
        return math.prod(shape[1:]) // self.groups
