"""A ring of eight Gaussians in the plane, a small GAN on it, and what is measured of both its networks.

The ring is that of Metz et al. 2017 (unrolled GANs), the way to count modes that of Srivastava et al. 2017 (VEEGAN).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn
from torch.nn.functional import leaky_relu, softplus

from normviz.nn.initializers import he
from normviz.nn.linear import Linear
from normviz.nn.network import generator

MODES, RADIUS, SPREAD = 8, 2.0, 0.05
NOISE, WIDTH, BATCH = 2, 128, 64
LR, BETAS, SLOPE = 1e-3, (0.5, 0.999), 0.1
POINTS = 1000
#: as everywhere in normviz: a sigmoid outside [0.05, 0.95] is saturated
SATURATED = math.log(0.95 / 0.05)
_ANGLES = 2 * math.pi * torch.arange(MODES) / MODES
CENTRES = RADIUS * torch.stack([_ANGLES.cos(), _ANGLES.sin()], 1)

Points = Float[Tensor, "points 2"]


def ring(count: int, draw: Generator) -> Points:
    """Draw points of the ring: a mode each, all equally likely, and a Gaussian around it."""
    modes = torch.randint(MODES, (count,), generator=draw)
    return CENTRES[modes] + SPREAD * torch.randn(count, 2, generator=draw)


class Perceptron(nn.Module):
    """Layers of one kind with leaky ReLU between them (or ReLU: slope 0), He's weights, biases 0.

    Leaky ReLU changes by no more than its input does, so the product of the matrices' spectral norms bounds how much
    the output can change: it is a Lipschitz constant.
    """

    def __init__(
        self, sizes: Sequence[int], kind: type[Linear], slope: float, seed: int, name: str
    ) -> None:
        super().__init__()
        self.slope = slope
        self.linears = [kind((fan_out, fan_in)) for fan_in, fan_out in pairwise(sizes)]
        for index, layer in enumerate(self.linears):
            he(layer.weight.data, generator(seed, name, index))
            nn.init.zeros_(layer.bias)
            layer.settle()
            self.add_module(str(index), layer)

    def forward(self, x: Float[Tensor, "batch inputs"]) -> Float[Tensor, "batch outputs"]:
        """Return the last layer's output."""
        *hidden, output = self.linears
        for layer in hidden:
            x = leaky_relu(layer(x), self.slope)
        return output(x)

    @torch.no_grad()
    def bound(self) -> float:
        """Return the product of the spectral norms (exact, by SVD) of the matrices that are used in eval mode."""
        self.eval()
        return math.prod(
            float(torch.linalg.matrix_norm(layer.effective(), 2)) for layer in self.linears
        )

    def settle(self) -> None:
        """Let a power iteration catch up with the weights as they are now."""
        for layer in self.linears:
            layer.settle()


@dataclass(frozen=True)
class Networks:
    """A generator, points from noise, and a discriminator, log-odds that a point is of the ring."""

    generate: Perceptron
    discriminate: Perceptron

    def generated(self, count: int, draw: Generator) -> Points:
        """Return points of the generator for Gaussian noise."""
        return self.generate(torch.randn(count, NOISE, generator=draw))


def networks(kind: type[Linear], seed: int) -> Networks:
    """Return both; the discriminator's layers are of the given kind, the generator's are plain."""
    return Networks(
        Perceptron([NOISE, WIDTH, WIDTH, 2], Linear, 0.0, seed, "generator"),
        Perceptron([2, WIDTH, WIDTH, WIDTH, 1], kind, SLOPE, seed, "discriminator"),
    )


def training(nets: Networks, seed: int, looks: Sequence[int]) -> Iterator[int]:
    """Train with Adam, one step of the discriminator and one of the generator in turn; yield at the given steps.

    Both losses are Goodfellow et al.'s (2014), the generator's the one that does not saturate,
    -log sigmoid(log-odds of its points).
    """
    real, noise = generator(seed, "ring"), generator(seed, "noise")
    first, second = (_adam(net) for net in (nets.discriminate, nets.generate))
    for step in range(1, looks[-1] + 1):
        nets.discriminate.train()
        with torch.no_grad():
            fake = nets.generated(BATCH, noise)
        odds = nets.discriminate(torch.cat([ring(BATCH, real), fake]))
        _take(first, softplus(-odds[:BATCH]).mean() + softplus(odds[BATCH:]).mean())
        _take(second, softplus(-nets.discriminate(nets.generated(BATCH, noise))).mean())
        if step in looks:
            yield step


def _adam(net: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(net.parameters(), LR, BETAS, fused=True)


def _take(optimizer: torch.optim.Optimizer, loss: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def slopes(net: Perceptron, points: Points) -> Float[Tensor, " points"]:
    """Return the length of the log-odds' gradient at every point: a Lipschitz constant is no smaller."""
    points = points.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(net(points).sum(), points)
    return gradient.norm(dim=1)


def good(points: Points) -> Float[Tensor, " modes"]:
    """Return for each mode the share of the points that are of high quality: within three standard deviations of it."""
    distance, mode = torch.cdist(points, CENTRES).min(1)
    near = mode[distance < 3 * SPREAD]
    return near.bincount(minlength=MODES) / len(points)


def around(points: Points, parts: int) -> Float[Tensor, " parts"]:
    """Return the share of the points in each of so many equal angles, the first one around the first mode."""
    angle = torch.atan2(points[:, 1], points[:, 0]) / (2 * math.pi) * parts
    return (angle.round().long() % parts).bincount(minlength=parts) / len(points)


def measured(nets: Networks, seed: int) -> dict[str, float]:
    """Describe both networks on the same points at every look: of the ring, generated, and on lines between them.

    ``stretch`` is the largest difference of log-odds over the largest distance, of ring and generated points.
    """
    draw = generator(seed, "look")
    real, fake = ring(POINTS, draw), nets.generated(POINTS, draw).detach()
    share = torch.rand(POINTS, 1, generator=draw)
    bound = nets.discriminate.bound()
    slope = slopes(nets.discriminate, torch.cat([real, fake, share * real + (1 - share) * fake]))
    both = torch.cat([real, fake])
    odds = nets.discriminate(both).detach()
    modes = good(fake)
    return {
        "bound": bound,
        "slope": float(slope.max()),
        "stretch": float((odds.max() - odds.min()) / torch.pdist(both).max()),
        "saturated": float((odds.abs() > SATURATED).float().mean()),
        "modes": float((modes > 0).sum()),
        "good": float(modes.sum()),
        "served": float((modes > 0.2 / MODES).sum()),
    }
