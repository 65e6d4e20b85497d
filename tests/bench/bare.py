"""The yardstick: the eager loop that anybody would write, with torch's own layers on the same network and minibatches.

As a process of its own, it trains for as many seconds as each line of its input says, and answers each line
with how many steps that were and how long it took.
"""

import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import parametrizations

from normviz.config import LaneConfig, RunConfig
from normviz.nn.convnet import ConvNet
from normviz.nn.linear import Linear
from normviz.nn.mlp import MLP
from normviz.nn.network import generator
from normviz.train.inputs import prepared
from normviz.train.orders import minibatches


class BareLoop:
    """``nn.Sequential``, cross-entropy, SGD; nothing is looked at."""

    def __init__(self, config: LaneConfig) -> None:
        data = prepared(config.dataset, config.preprocessing)
        self.x, self.y = torch.from_numpy(data.x), torch.from_numpy(data.y)
        self.network = sequential(config, data.shape, data.classes)
        self.optimizer = torch.optim.SGD(self.network.parameters(), config.lr)
        self.batches = minibatches(len(self.y), config.batch_size, generator(config.seed, "order"))

    def step(self) -> Tensor:
        """One minibatch."""
        rows = next(self.batches)
        loss = cross_entropy(self.network(self.x[rows]), self.y[rows])
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss


#: torch's own layers on (batch, units) and on (batch, channels, height, width); what torch has not is not here
UNITS: Mapping[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm1d,
    "layer": nn.LayerNorm,
    "group": partial(nn.GroupNorm, 10),
    "rms": nn.RMSNorm,
}
CHANNELS: Mapping[str, Callable[[int], nn.Module]] = {
    "batch": nn.BatchNorm2d,
    "layer": partial(nn.GroupNorm, 1),
    "group": partial(nn.GroupNorm, 4),
    "instance": partial(nn.InstanceNorm2d, affine=True),
    "lrn": lambda channels: nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0),
}
#: torch's own normalizations of weights
WEIGHTS: Mapping[str, Callable[[nn.Module], nn.Module]] = {
    "weight": parametrizations.weight_norm,
    "spectral": parametrizations.spectral_norm,
}


def sequential(config: LaneConfig, shape: tuple[int, ...], classes: int) -> nn.Sequential:
    """The network of ``config`` out of torch's own layers, with the same initial weights.

    A normalization that torch has not is left out.
    """
    plain = config.model_copy(update={"norm": "none"})
    if config.model == "convnet":
        return _convolutional(config, ConvNet(plain, shape, classes), classes)
    *hidden, output = MLP(plain, shape, classes).linears()
    layers: list[nn.Module] = []
    for linear in hidden:
        fan_out, fan_in = linear.weight.shape
        layers += [_copy(nn.Linear(fan_in, fan_out), linear, config.norm)]
        layers += [UNITS[config.norm](config.width)] if config.norm in UNITS else []
        layers += [nn.Sigmoid()]
    return nn.Sequential(*layers, _copy(nn.Linear(config.width, classes), output))


def _convolutional(config: LaneConfig, model: ConvNet, classes: int) -> nn.Sequential:
    *hidden, output = model.linears()
    layers: list[nn.Module] = [nn.Unflatten(1, model.shape)]
    for conv in hidden:
        fan_out, fan_in, *_ = conv.weight.shape
        stride = conv.op.keywords["stride"]  # pyright: ignore
        layers += [_copy(nn.Conv2d(fan_in, fan_out, 3, stride, 1), conv, config.norm)]
        layers += [CHANNELS[config.norm](config.channels)] if config.norm in CHANNELS else []
        layers += [nn.Sigmoid()]
    mean = [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, *mean, _copy(nn.Linear(config.channels, classes), output))


def _copy(plain: nn.Module, linear: Linear, norm: str = "none") -> nn.Module:
    plain.load_state_dict(linear.state_dict())
    return WEIGHTS[norm](plain) if norm in WEIGHTS else plain


def timed(loop: BareLoop, seconds: float) -> tuple[int, float]:
    """Train for a while; return steps and seconds."""
    steps, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < seconds:
        loop.step()
        steps += 1
    return steps, taken


def main() -> None:
    """Serve as the yardstick until the input ends."""
    torch.set_num_threads(1)
    loop = BareLoop(RunConfig().lane)
    timed(loop, 1.0)
    for line in sys.stdin:
        print(*timed(loop, float(line)), flush=True)


def lane(norm: str) -> LaneConfig:
    """The default network with this normalization."""
    return RunConfig().lane.model_copy(update={"norm": norm})


if __name__ == "__main__":
    main()
