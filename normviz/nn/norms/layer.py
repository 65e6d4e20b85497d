"""Layer Normalization."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.dividing import Dividing


class LayerNorm(Dividing):
    r"""Normalize every example over the whole layer (Ba, Kiros & Hinton 2016, eq. 3 and 4).

    $y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$ with mean and biased variance over the channels and all
    positions; the same while training and in eval mode, whatever the batch size. Gamma and beta are by channel, so on
    vectors it equals torch.nn.LayerNorm, and on channels with positions torch.nn.GroupNorm with one group.

    Attributes:
        gamma, beta: learned scale and shift, shape (channels,); None without ``affine`` (then 1 and 0).
    """

    def __init__(self, channels: int, affine: bool, eps: float = 1e-5) -> None:
        super().__init__()
        self.channels, self.eps = channels, eps
        self.gamma = nn.Parameter(torch.ones(channels)) if affine else None
        self.beta = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Normalize ``x``."""
        if x.ndim > 2:
            return torch.group_norm(x, 1, self.gamma, self.beta, self.eps, False)
        return torch.nn.functional.layer_norm(x, (self.channels,), self.gamma, self.beta, self.eps)

    def values(self, shape: tuple[int, ...]) -> int:
        """Return channels times positions."""
        return math.prod(shape[1:])
