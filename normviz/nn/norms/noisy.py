"""Batch Normalization with noise behind it."""

import torch
from jaxtyping import Float
from torch import Tensor

from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.dividing import by_channel


class NoisyBatchNorm(BatchNorm):
    r"""BatchNorm whose output is shifted and scaled at random, anew in every step (Santurkar et al. 2018, appendix A).

    While training every value x becomes $x s + m$ with, for each channel and step, a mean and a width drawn at random:
    $\mu^t \sim U(-n_\mu, n_\mu)$, $\sigma^t \sim U(1, n_\sigma)$, and for each example and position
    $m \sim U(\mu^t - r_\mu, \mu^t + r_\mu)$, $s \sim N(\sigma^t, r_\sigma)$, so the distribution that the next layer
    receives shifts severely and unpredictably: the paper's "noisy BatchNorm", with its constants $n_\mu = 0.5$,
    $n_\sigma = 1.25$, $r_\mu = 0.1$, $r_\sigma = 0.1$. In eval mode it is Batch Normalization.

    The noise comes from a generator of this module's own, so nothing else is disturbed by it.
    """

    n_mean, n_std, r_mean, r_std = 0.5, 1.25, 0.1, 0.1

    def __init__(
        self, channels: int, affine: bool, eps: float = 1e-5, momentum: float = 0.1
    ) -> None:
        super().__init__(channels, affine, eps, momentum)
        self.noise = torch.Generator()

    def seed(self, noise: torch.Generator) -> None:
        """Draw the noise from this generator."""
        self.noise = noise

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Normalize, then disturb; without tracking (evaluation with batch statistics) undisturbed."""
        y = super().forward(x)
        if not (self.training and self.tracking):
            return y
        mean = by_channel((torch.rand(x.shape[1], generator=self.noise) * 2 - 1) * self.n_mean, x)
        std = by_channel(1 + torch.rand(x.shape[1], generator=self.noise) * (self.n_std - 1), x)
        shift = mean + (torch.rand(x.shape, generator=self.noise) * 2 - 1) * self.r_mean
        scale = std + torch.randn(x.shape, generator=self.noise) * self.r_std
        return y * scale.to(y) + shift.to(y)
