"""A GPU: steps/s of torch's own layers, of ours unseen and with all quantities, of a CUDA graph, and of the CPU.

All five take turns. The graph is forward, backward and update of the bare loop, recorded once on fixed memory, into
which every minibatch is copied: what is left when no operation has to be started by itself.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from normviz.config import LaneConfig
from normviz.train import devices
from tests.bench.bare import BareLoop, timed
from tests.bench.driven import DrivenWorker
from tests.bench.networks import WARM_STEPS, OurLoop, rate
from tests.bench.report import Result, Row, median

ROUNDS = 5
SECONDS = 0.4
CASES = {
    "default network": LaneConfig(),
    "with BatchNorm": LaneConfig(norm="batch"),
    "depth 100, width 512": LaneConfig(depth=100, width=512, norm="layer"),
    "ConvNet with BatchNorm": LaneConfig(model="convnet", norm="batch"),
}


def bench() -> Result:
    """Measure every case; where there is no GPU, say so."""
    try:
        name = devices.named(devices.cuda())
    except devices.DeviceError as error:
        return Result([Row("on a GPU", f"not measured: {error}")])
    raw = {title: compare(config) for title, config in CASES.items()}
    return Result([_row(title, name, rounds) for title, rounds in raw.items()], raw)


class GraphLoop:
    """The bare loop on the GPU as one CUDA graph."""

    def __init__(self, bare: BareLoop) -> None:
        self._bare = bare
        rows = next(bare.batches)
        self._x, self._y = bare.x[rows].clone(), bare.y[rows].clone()
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self._train()
        torch.cuda.current_stream().wait_stream(stream)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._loss = self._train()

    def _train(self) -> Tensor:
        self._bare.optimizer.zero_grad(set_to_none=True)
        loss = cross_entropy(self._bare.network(self._x), self._y)
        loss.backward()
        self._bare.optimizer.step()
        return loss

    def step(self) -> Tensor:
        """One minibatch; the loss is brought over, as ours is."""
        rows = next(self._bare.batches).cuda()
        torch.index_select(self._bare.x, 0, rows, out=self._x)
        torch.index_select(self._bare.y, 0, rows, out=self._y)
        self._graph.replay()
        return self._loss.cpu()


class OnGpu(BareLoop):
    """The bare loop with network and data on the GPU; every step asks for its loss, as ours does."""

    def __init__(self, config: LaneConfig) -> None:
        super().__init__(config)
        self.x, self.y = self.x.cuda(), self.y.cuda()
        self.network = self.network.cuda()
        self.optimizer = torch.optim.SGD(self.network.parameters(), config.lr)

    def step(self) -> Tensor:
        """One minibatch."""
        return super().step().cpu()


def compare(config: LaneConfig) -> list[dict[str, float]]:
    """Return steps/s of all five, in another order every round."""
    there = config.model_copy(update={"device": "cuda"})
    here = config.model_copy(update={"device": "cpu"})
    driven = DrivenWorker(there)
    while driven.step_count < WARM_STEPS:
        driven.timed(0.2)
    loops = {
        "bare": OnGpu(config),
        "ours": OurLoop(there),
        "graph": GraphLoop(OnGpu(config)),
        "cpu": BareLoop(here),
    }
    turns: dict[str, Callable[[], float]] = {
        name: lambda loop=loop: rate(*timed(loop, SECONDS))  # pyright: ignore
        for name, loop in loops.items()
    }
    turns["instrumented"] = lambda: rate(*driven.timed(SECONDS)[:2])
    for turn in turns.values():
        turn()
    rounds = list[dict[str, float]]()
    for index in range(ROUNDS):
        shift = index % len(turns)
        order = [*list(turns)[shift:], *list(turns)[:shift]]
        rounds.append({name: turns[name]() for name in order})
    return rounds


def _row(title: str, device: str, rounds: list[dict[str, float]]) -> Row:
    steps: dict[str, Any] = {name: median([each[name] for each in rounds]) for name in rounds[0]}
    ratios = {
        name: median([each[name] / each["bare"] for each in rounds])
        for name in ("ours", "instrumented", "graph", "cpu")
    }
    measured = ", ".join(f"{name} {ratio:.3g}" for name, ratio in ratios.items())
    return Row(f"{device}, {title} / bare", f"{measured} (bare {steps['bare']:.0f} steps/s)")
