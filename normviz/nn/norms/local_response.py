"""Local Response Normalization."""

import torch
from jaxtyping import Float
from torch import Tensor

from normviz.nn.norms.base import Norm


class LocalResponseNorm(Norm):
    r"""Divide every value by the activity of its neighbouring channels (Krizhevsky et al. 2012, section 3.3).

    $y_i = x_i / (k + \frac{\alpha}{n} \sum_{j} x_j^2)^{\beta}$ over the n channels around i, with the paper's n = 5,
    k = 2 and beta = 0.75, and torch's convention that alpha is divided by n (the paper's 1e-4 is 5e-4 here). Equal to
    torch.nn.LocalResponseNorm. Nothing is learned; ``affine`` has no effect.
    """

    def __init__(
        self,
        channels: int,
        affine: bool,
        size: int = 5,
        alpha: float = 5e-4,
        beta: float = 0.75,
        k: float = 2.0,
    ) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Normalize ``x``; vectors are channels at one position."""
        spread = x.unsqueeze(-1) if x.ndim == 2 else x
        y = torch.nn.functional.local_response_norm(
            spread, self.size, self.alpha, self.beta, self.k
        )
        return y.view_as(x)
