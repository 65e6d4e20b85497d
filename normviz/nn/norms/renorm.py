"""Batch Renormalization."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.running import RunningNorm


class BatchRenorm(RunningNorm):
    r"""Correct the minibatch's statistics towards the running ones (Ioffe 2017, algorithm 1).

    While training, $y = \gamma \left( \frac{x - \mu_B}{\sigma_B} r + d \right) + \beta$ with
    $r = \mathrm{clip}(\sigma_B / \sigma, 1 / r_{max}, r_{max})$ and
    $d = \mathrm{clip}((\mu_B - \mu) / \sigma, -d_{max}, d_{max})$, through which no gradient flows; $\sigma_B$ is the
    root of the biased variance plus eps. With $r_{max} = 1$ and $d_{max} = 0$ this is Batch Normalization. For the
    first ``warmup`` steps it is just that; then the limits grow linearly over as many steps more to their values, as in
    the paper. Eval mode uses the running averages, which follow the minibatch's mean and $\sigma_B$ with the momentum.

    A minibatch of one example: $\sigma_B = \sqrt\epsilon$ and the output is $d$ times gamma plus beta, so what the
    clipped $d$ lets through.

    Attributes:
        gamma, beta: learned scale and shift, shape (features,); None without ``affine`` (then 1 and 0).
        running_mean, running_std: shape (features,).
        steps: training passes so far.
    """

    running_mean: Tensor
    running_std: Tensor
    steps: Tensor

    def __init__(
        self,
        features: int,
        affine: bool,
        eps: float = 1e-5,
        momentum: float = 0.1,
        r_max: float = 3.0,
        d_max: float = 5.0,
        warmup: int = 100,
    ) -> None:
        super().__init__()
        self.eps, self.momentum, self.r_max, self.d_max, self.warmup = (
            eps,
            momentum,
            r_max,
            d_max,
            warmup,
        )
        self.gamma = nn.Parameter(torch.ones(features)) if affine else None
        self.beta = nn.Parameter(torch.zeros(features)) if affine else None
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_std", torch.ones(features))
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def limits(self) -> tuple[float, float]:
        """Return r_max and d_max of this step."""
        grown = (
            1.0
            if not self.warmup
            else min(1.0, max(0.0, (int(self.steps) - self.warmup) / self.warmup))
        )
        return 1.0 + grown * (self.r_max - 1.0), grown * self.d_max

    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch features"]:
        """Normalize ``x``; in training mode with its own, corrected statistics."""
        y = self._corrected(x) if self.training else (x - self.running_mean) / self.running_std
        return (
            y
            if self.gamma is None or self.beta is None
            else torch.addcmul(self.beta, self.gamma, y)
        )

    def _corrected(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch features"]:
        mean = x.mean(0)
        std = ((x - mean).square().mean(0) + self.eps).sqrt()
        r_max, d_max = self.limits()
        r = (std.detach() / self.running_std).clamp(1 / r_max, r_max)
        d = ((mean.detach() - self.running_mean) / self.running_std).clamp(-d_max, d_max)
        if self.tracking:
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_std.lerp_(std.detach(), self.momentum)
            self.steps += 1
        return (x - mean) / std * r + d
