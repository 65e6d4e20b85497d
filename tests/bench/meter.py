"""What measuring covariate shift costs: its share of the processor time of training with a frame every six steps."""

import time
from functools import partial
from typing import Any

from normviz.config import LaneConfig, RunConfig
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer
from tests.bench.bare import lane
from tests.bench.report import Result, Row, at_most

#: About 30 frames/s for the default network.
EVERY = 6
MOST = 0.03


def bench() -> Result:
    """Measure drift and all of it, for the default network, with BatchNorm, and with small minibatches."""
    small = lane("none").model_copy(update={"batch_size": 10})
    drift = {
        "default network": spent(lane("none"), "drift", 110, 600),
        "with BatchNorm": spent(lane("batch"), "drift", 110, 600),
    }
    other = {
        "drift, 10 examples a minibatch": spent(small, "drift", 110, 1500),
        "full, steps 0 to 100": spent(lane("none"), "full", 0, 100),
        "full, steps 100 to 1,000": spent(lane("none"), "full", 101, 900),
    }
    rows = [
        at_most(f"covariate shift / training time, drift, {name}", share, MOST)
        for name, share in drift.items()
    ]
    rows += [Row(f"the same, {name}", f"{share:.3g}") for name, share in other.items()]
    return Result(rows, {**drift, **other})


def spent(config: LaneConfig, meter: str, skipped: int, steps: int) -> float:
    """Return the meter's share of the processor time that some steps take, after those that are skipped."""
    config = config.model_copy(update={"meter": meter, "device": "cpu"})
    trainer, seconds = Trainer(RunConfig(lane=config, steps=100_000)), [0.0]
    own: Any = trainer.lanes[0].meter
    for name in ("before", "after", "look"):
        setattr(own, name, partial(_timed, getattr(own, name), seconds))
    for _ in range(skipped):
        trainer.step(measure=False)
    seconds[0], start = 0.0, time.thread_time()
    for step in range(steps):
        trainer.step(measure=step % EVERY == 0)
    return seconds[0] / (time.thread_time() - start)


def _timed(look: Any, seconds: list[float], lane: Lane) -> None:
    start = time.thread_time()
    look(lane)
    seconds[0] += time.thread_time() - start
