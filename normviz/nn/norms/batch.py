"""Batch Normalization."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.running import RunningNorm


class BatchNorm(RunningNorm):
    r"""Normalize every channel over the minibatch and its positions (Ioffe & Szegedy 2015, algorithms 1 and 2).

    $y = \gamma (x - \mu) / \sqrt{\sigma^2 + \epsilon} + \beta$. While training, $\mu$ and $\sigma^2$ are those of the
    m values of a channel (examples times positions), with the biased variance (divided by m), and the running averages
    follow them as running <- (1 - momentum) running + momentum * value, where the variance is the unbiased one (divided
    by m - 1). In eval mode the running averages are used, or what :mod:`normviz.nn.norms.population` has put in their
    place. Values, gradients and running averages equal torch.nn.BatchNorm1d's and BatchNorm2d's.

    One value a channel (a minibatch of one vector) has variance 0: the output is beta while training, and running_var
    stays as it was, because one value has no unbiased variance. (torch.nn.BatchNorm1d raises an error there.) No value
    at all passes through and moves nothing. Where variance and eps are both 0 the output is beta while training.

    Attributes:
        gamma, beta: learned scale and shift, shape (channels,); None without ``affine`` (then 1 and 0).
        running_mean, running_var: shape (channels,).
        averaged: how many minibatches are in the running averages while population statistics are estimated; None at
            all other times.
    """

    def __init__(
        self, channels: int, affine: bool, eps: float = 1e-5, momentum: float = 0.1
    ) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.averaged: int | None = None
        self.gamma = nn.Parameter(torch.ones(channels)) if affine else None
        self.beta = nn.Parameter(torch.zeros(channels)) if affine else None
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Normalize ``x``; in training mode with its own statistics."""
        if not x.numel():
            return x
        running, rate = (self.running_mean, self.running_var), self.momentum
        if self.training:
            rate = self._rate()
            one = self.values(x.shape) == 1
            if one and rate:
                self.running_mean.lerp_(x.detach().flatten(), rate)
            if one or not rate:
                running = None, None
        return torch.batch_norm(
            x, self.gamma, self.beta, *running, self.training, rate, self.eps, False
        )

    def _rate(self) -> float:
        """Return how far this minibatch moves the running averages."""
        if self.averaged is not None:
            self.averaged += 1
            return 1 / self.averaged
        return self.momentum if self.tracking else 0.0
