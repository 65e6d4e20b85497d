"""Local Response Normalization."""

import torch
from jaxtyping import Float
from torch import Tensor

from normviz.nn.norms.base import Norm


class LocalResponseNorm(Norm):
    r"""Divide every value by the activity of its neighbouring channels (Krizhevsky et al. 2012, section 3.3).

    $y_i = x_i / (k + \frac{\alpha}{n} \sum_{j} x_j^2)^{\beta}$ over the n channels around i (of an even
    n one more before i than behind it), at each position by itself. The defaults are the paper's n = 5, k = 2 and
    beta = 0.75, and alpha with torch's convention that it is divided by n: the paper's 1e-4 is 5e-4 here. Equal to
    torch.nn.LocalResponseNorm. Nothing is learned; ``affine`` has no effect.
    """

    def __init__(
        self,
        channels: int,
        affine: bool,
        lrn_n: int = 5,
        lrn_k: float = 2.0,
        lrn_alpha: float = 5e-4,
        lrn_beta: float = 0.75,
    ) -> None:
        super().__init__()
        self.n, self.k, self.alpha, self.beta = lrn_n, lrn_k, lrn_alpha, lrn_beta

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Normalize ``x``; vectors are channels at one position."""
        spread = x.unsqueeze(-1) if x.ndim == 2 else x
        y = torch.nn.functional.local_response_norm(spread, self.n, self.alpha, self.beta, self.k)
        return y.view_as(x)
