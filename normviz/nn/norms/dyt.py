"""Dynamic tanh."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.base import Norm
from normviz.nn.norms.dividing import scaled

ALPHA = 0.5


class DyT(Norm):
    r"""Squash instead of normalize: $y = \gamma \tanh(\alpha x) + \beta$ (Zhu et al. 2025, eq. 2).

    No statistics of any kind: every value is treated alone. $\alpha$ is one learned number, 0.5 at the start.

    Attributes:
        alpha: learned slope, shape (1,).
        gamma, beta: learned scale and shift, shape (channels,); None without ``affine`` (then 1 and 0).
    """

    def __init__(self, channels: int, affine: bool) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1,), ALPHA))
        self.gamma = nn.Parameter(torch.ones(channels)) if affine else None
        self.beta = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Squash ``x``."""
        return scaled(torch.tanh(self.alpha * x), self.gamma, self.beta)
