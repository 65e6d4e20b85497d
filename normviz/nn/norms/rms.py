"""Root Mean Square Normalization."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.dividing import Dividing, by_channel


class RMSNorm(Dividing):
    r"""Divide every example by its root mean square (Zhang & Sennrich 2019, eq. 4).

    $y = \gamma x / \sqrt{\frac{1}{n} \sum_i x_i^2 + \epsilon}$ over the channels and all positions: Layer Normalization
    without the mean. On vectors equal to torch.nn.RMSNorm. There is no beta.

    Attributes:
        gamma: learned scale, shape (channels,); None without ``affine`` (then 1).
    """

    def __init__(self, channels: int, affine: bool, eps: float = 1e-5) -> None:
        super().__init__()
        self.channels, self.eps = channels, eps
        self.gamma = nn.Parameter(torch.ones(channels)) if affine else None

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Normalize ``x``."""
        if x.ndim == 2 or self.gamma is None:
            return torch.nn.functional.rms_norm(x, x.shape[1:], self.gamma, self.eps)
        y = torch.nn.functional.rms_norm(x, x.shape[1:], None, self.eps)
        return y * by_channel(self.gamma, x)

    def values(self, shape: tuple[int, ...]) -> int:
        """Return channels times positions."""
        return math.prod(shape[1:])
