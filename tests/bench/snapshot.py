"""One snapshot of all quantities of ten layers against TensorBoard's ``add_histogram`` of the same tensors."""

import tempfile
import time
from collections.abc import Callable

import torch
from torch.utils.tensorboard.writer import SummaryWriter

from normviz import probe
from normviz.config import LaneConfig, RunConfig
from normviz.frames import encode
from normviz.probe import Measured
from normviz.train.trainer import Trainer
from tests.bench.report import Result, Row, at_most, median

ROUNDS = 25


def bench() -> Result:
    """Measure both in turns on the pass of one step of the default network."""
    torch.set_num_threads(1)
    trainer = Trainer(RunConfig(lane=LaneConfig()))
    for _ in range(30):
        trainer.step(measure=True)
    measured = trainer.lanes[0].measured(None)
    with tempfile.TemporaryDirectory() as folder, SummaryWriter(folder) as writer:
        kinds: dict[str, Callable[[], object]] = {
            "snapshot": lambda: encode(trainer.schema, trainer.frame()),
            "quantities": lambda: probe.measure(trainer.lanes[0].measured(None)),
            "tensorboard": lambda: tensorboard(writer, measured, "tensorflow"),
            "tensorboard_64": lambda: tensorboard(writer, measured, 64),
        }
        times = in_turns(kinds)
    ratio = median([a / b for a, b in zip(times["snapshot"], times["tensorboard"], strict=True)])
    ratio64 = median(
        [a / b for a, b in zip(times["snapshot"], times["tensorboard_64"], strict=True)]
    )
    note = f" ({1e3 * median(times['snapshot']):.2f} ms against {1e3 * median(times['tensorboard']):.1f} ms)"
    return Result(
        [
            at_most("snapshot / add_histogram, default bins", ratio, 0.1, note),
            Row("snapshot / add_histogram, 64 bins", f"{ratio64:.3g}"),
        ],
        {name: [1e3 * t for t in of] for name, of in times.items()},
    )


def in_turns(kinds: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Time all of them once a round, in an order that turns."""
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for turn in range(ROUNDS + 2):
        names = list(kinds)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            start = time.perf_counter()
            kinds[name]()
            if turn >= 2:
                times[name].append(time.perf_counter() - start)
    return times


def tensorboard(writer: SummaryWriter, measured: Measured, bins: str | int) -> None:
    """Write the histograms of every layer's z, a, dz and of every dW, and flush."""
    for i, (pre, out, grad) in enumerate(
        zip(measured.tape.pre, measured.tape.out, measured.grads, strict=True)
    ):
        for name, tensor in (("pre", pre), ("act", out), ("grad", grad)):
            writer.add_histogram(f"{name}/{i}", tensor.detach(), 0, bins=bins)  # pyright: ignore
    for i, grad in enumerate(measured.weight_grads):
        writer.add_histogram(f"dw/{i}", grad, 0, bins=bins)  # pyright: ignore
    writer.flush()
