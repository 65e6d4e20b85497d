"""Batch Renormalization."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.dividing import by_channel, scaled
from normviz.nn.norms.running import RunningNorm


class BatchRenorm(RunningNorm):
    r"""Correct the minibatch's statistics towards the running ones (Ioffe 2017, algorithm 1).

    While training, $y = \gamma \left( \frac{x - \mu_B}{\sigma_B} r + d \right) + \beta$ with
    $r = \mathrm{clip}(\sigma_B / \sigma, 1 / r_{max}, r_{max})$ and
    $d = \mathrm{clip}((\mu_B - \mu) / \sigma, -d_{max}, d_{max})$, through which no gradient flows; $\sigma_B$ is the
    root of the biased variance plus eps. With $r_{max} = 1$ and $d_{max} = 0$ this is Batch Normalization. For the
    first ``warmup`` steps it is just that; then the limits grow linearly over as many steps more to their values, as in
    the paper. Eval mode uses the running averages, which follow the minibatch's mean and $\sigma_B$ with the momentum.

    One value a channel (a minibatch of one vector): $\sigma_B = \sqrt\epsilon$ and the output is $d$ times gamma plus
    beta, so what the clipped $d$ lets through. Its eval mode always uses the running averages it trains with.

    Attributes:
        gamma, beta: learned scale and shift, shape (channels,); None without ``affine`` (then 1 and 0).
        running_mean, running_std: shape (channels,).
        steps: training passes so far.
    """

    alone = "one_example_renorm"
    running_mean: Tensor
    running_std: Tensor
    steps: Tensor

    def __init__(
        self,
        channels: int,
        affine: bool,
        eps: float = 1e-5,
        momentum: float = 0.1,
        r_max: float = 3.0,
        d_max: float = 5.0,
        warmup: int = 100,
    ) -> None:
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.r_max, self.d_max, self.warmup = r_max, d_max, warmup
        self.gamma = nn.Parameter(torch.ones(channels)) if affine else None
        self.beta = nn.Parameter(torch.zeros(channels)) if affine else None
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_std", torch.ones(channels))
        self.register_buffer("steps", torch.zeros(()))

    def limits(self) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
        """Return r_max and d_max of this step; nothing is brought over from the device for it."""
        over = (self.steps - self.warmup) / max(self.warmup, 1)
        grown = over.clamp(0, 1) if self.warmup else torch.ones_like(over)
        return 1 + grown * (self.r_max - 1), grown * self.d_max

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Normalize ``x``; in training mode with its own, corrected statistics."""
        if not x.numel():
            return x
        if self.training:
            return scaled(self._corrected(x), self.gamma, self.beta)
        mean, std = by_channel(self.running_mean, x), by_channel(self.running_std, x)
        return scaled((x - mean) / std, self.gamma, self.beta)

    def _corrected(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        over = [axis for axis in range(x.ndim) if axis != 1]
        mean = x.mean(over)
        centred = x - by_channel(mean, x)
        std = (centred.square().mean(over) + self.eps).sqrt()
        r_max, d_max = self.limits()
        r = (std.detach() / self.running_std).clamp(1 / r_max, r_max)
        d = ((mean.detach() - self.running_mean) / self.running_std).clamp(-d_max, d_max)
        if self.tracking:
            self.running_mean.lerp_(mean.detach(), self.momentum)
            self.running_std.lerp_(std.detach(), self.momentum)
            self.steps += 1
        return centred / by_channel(std, x) * by_channel(r, x) + by_channel(d, x)
