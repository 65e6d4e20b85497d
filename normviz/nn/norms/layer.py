"""Layer Normalization."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.base import Norm


class LayerNorm(Norm):
    r"""Normalize every example over the features of the layer (Ba, Kiros & Hinton 2016, eq. 3 and 4).

    $y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$ with mean and biased variance over the features; the
    same while training and in eval mode, whatever the batch size. Equal to torch.nn.LayerNorm.

    Attributes:
        gamma, beta: learned scale and shift, shape (features,); None without ``affine`` (then 1 and 0).
    """

    def __init__(self, features: int, affine: bool, eps: float = 1e-5) -> None:
        super().__init__()
        self.features, self.eps = features, eps
        self.gamma = nn.Parameter(torch.ones(features)) if affine else None
        self.beta = nn.Parameter(torch.zeros(features)) if affine else None

    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch features"]:
        """Normalize ``x``."""
        return torch.nn.functional.layer_norm(x, (self.features,), self.gamma, self.beta, self.eps)
