"""Dynamic tanh."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.base import Norm

ALPHA = 0.5


class DyT(Norm):
    r"""Squash instead of normalize: $y = \gamma \tanh(\alpha x) + \beta$ (Zhu et al. 2025, eq. 2).

    No statistics of any kind: every value is treated alone. $\alpha$ is one learned number, 0.5 at the start.

    Attributes:
        alpha: learned slope, shape (1,).
        gamma, beta: learned scale and shift, shape (features,); None without ``affine`` (then 1 and 0).
    """

    def __init__(self, features: int, affine: bool) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1,), ALPHA))
        self.gamma = nn.Parameter(torch.ones(features)) if affine else None
        self.beta = nn.Parameter(torch.zeros(features)) if affine else None

    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch features"]:
        """Squash ``x``."""
        y = torch.tanh(self.alpha * x)
        return (
            y
            if self.gamma is None or self.beta is None
            else torch.addcmul(self.beta, self.gamma, y)
        )
