"""The yardstick: the eager loop that anybody would write, on the same network, data and minibatches.

As a process of its own, it trains for as many seconds as each line of its input says, and answers each line
with how many steps that were and how long it took.
"""

import sys
import time

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from normviz.config import LaneConfig, RunConfig
from normviz.nn.mlp import MLP, generator
from normviz.train.lane import prepared
from normviz.train.orders import minibatches


class BareLoop:
    """``nn.Sequential``, cross-entropy, SGD; nothing is looked at."""

    def __init__(self, config: LaneConfig) -> None:
        data = prepared(config.dataset, config.preprocessing)
        self.x, self.y = torch.from_numpy(data.x), torch.from_numpy(data.y)
        self.network = sequential(config, data.x.shape[1], data.classes)
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


def sequential(config: LaneConfig, features: int, classes: int) -> nn.Sequential:
    """The network of ``config`` out of torch's own layers, with the same initial weights."""
    layers: list[nn.Module] = []
    linears = [_plain(linear) for linear in MLP(config, features, classes).linears()]
    for linear in linears[:-1]:
        norm = [nn.BatchNorm1d(config.width)] if config.norm == "batch" else []
        layers += [linear, *norm, nn.Sigmoid()]
    return nn.Sequential(*layers, linears[-1])


def _plain(linear: nn.Linear) -> nn.Linear:
    plain = nn.Linear(linear.in_features, linear.out_features)
    plain.load_state_dict(linear.state_dict())
    return plain


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
