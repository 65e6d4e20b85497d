"""Root Mean Square Normalization."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.base import Norm


class RMSNorm(Norm):
    r"""Divide every example by its root mean square (Zhang & Sennrich 2019, eq. 4).

    $y = \gamma x / \sqrt{\frac{1}{n} \sum_i x_i^2 + \epsilon}$: Layer Normalization without the mean. Equal to
    torch.nn.RMSNorm. There is no beta.

    Attributes:
        gamma: learned scale, shape (features,); None without ``affine`` (then 1).
    """

    def __init__(self, features: int, affine: bool, eps: float = 1e-5) -> None:
        super().__init__()
        self.features, self.eps = features, eps
        self.gamma = nn.Parameter(torch.ones(features)) if affine else None

    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch features"]:
        """Normalize ``x``."""
        return torch.nn.functional.rms_norm(x, (self.features,), self.gamma, self.eps)
