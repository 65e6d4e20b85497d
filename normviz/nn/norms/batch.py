"""Batch Normalization."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.running import RunningNorm


class BatchNorm(RunningNorm):
    r"""Normalize every feature over the minibatch (Ioffe & Szegedy 2015, algorithms 1 and 2).

    $y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$. While training, $\mu$ and $\sigma^2$ are those of the
    minibatch, with the biased variance (divided by m), and the running averages follow them as
    running <- (1 - momentum) running + momentum * value, where the variance is the unbiased one (divided by m - 1).
    In eval mode the running averages are used. Values, gradients and running averages equal torch.nn.BatchNorm1d's.

    A minibatch of one example has variance 0: the output is beta while training, and running_var stays as it was,
    because one example has no unbiased variance. (torch.nn.BatchNorm1d raises an error there.)

    Attributes:
        gamma, beta: learned scale and shift, shape (features,); None without ``affine`` (then 1 and 0).
        running_mean, running_var: shape (features,).
    """

    def __init__(
        self, features: int, affine: bool, eps: float = 1e-5, momentum: float = 0.1
    ) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma = nn.Parameter(torch.ones(features)) if affine else None
        self.beta = nn.Parameter(torch.zeros(features)) if affine else None
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_var", torch.ones(features))

    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch features"]:
        """Normalize ``x``; in training mode with its own statistics."""
        running = self.running_mean, self.running_var
        if self.training and not self.tracking:
            running = None, None
        elif self.training and len(x) == 1:
            self.running_mean.lerp_(x.detach()[0], self.momentum)
            running = None, None
        return torch.batch_norm(
            x, self.gamma, self.beta, *running, self.training, self.momentum, self.eps, False
        )
