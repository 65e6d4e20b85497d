"""Several lanes in lockstep, as a worker trains them, against the same runs one after another.

A worker lets the lanes of a run use the cores that no other worker needs; where there is one core they take turns.
"""

import itertools
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from normviz.config import RunConfig, parse
from normviz.train.trainer import Trainer
from tests.bench.report import Result, Row, at_least, median

CORES = os.cpu_count() or 1
ROUNDS = 4
#: From step 100 on the held-out set is evaluated every 100 steps, so each round has it once.
STEPS = 100
STRETCH = 8
OTHERS = ({"norm": "batch"}, {"norm": "layer"}, {"activation": "tanh"})
#: "Not slower": what is left below 1 is the noise of two clocks.
TARGET = 0.97


class Loop:
    """A run at full speed, its lanes on so many cores; every step is shown, or none and they are taken in stretches."""

    def __init__(self, config: RunConfig, cores: int, shown: bool) -> None:
        pool, self._shown = ThreadPoolExecutor(cores), shown

        def each(work: Callable[[int], None], lanes: Sequence[int]) -> None:
            list(pool.map(work, lanes))

        self._trainer = Trainer(config, each) if cores > 1 else Trainer(config)

    def seconds(self) -> float:
        """Take the steps of a round; return how long one took."""
        began, until = time.perf_counter(), self._trainer.step_count + STEPS
        while (left := until - self._trainer.step_count) > 0:
            self._trainer.advance(1 if self._shown else min(STRETCH, left), self._shown)
        return (time.perf_counter() - began) / STEPS


def bench() -> Result:
    """Measure two and four lanes, with and without frames."""
    rows, raw = list[Row](), dict[str, Any]()
    for others, shown in itertools.product((OTHERS[:1], OTHERS), (False, True)):
        looked = ", every step shown" if shown else ""
        name = f"{len(others) + 1} lanes in lockstep / one after another{looked}"
        rounds = compare(parse({"lane": {}, "others": others, "steps": 100_000}), shown)
        raw[name] = rounds
        steps = median([each["together"] for each in rounds])
        ratio = median([each["together"] / each["apart"] for each in rounds])
        alone = median([each["one core"] / each["apart"] for each in rounds])
        note = f" on {CORES} cores, {alone:.3g} on one ({steps:.0f} steps/s of every lane)"
        rows.append(at_least(name, ratio, TARGET, note))
    return Result(rows, raw)


def compare(config: RunConfig, shown: bool) -> list[dict[str, float]]:
    """Return the steps/s of every lane, together and as runs that follow each other, in turns."""
    alone = [RunConfig(lane=lane, steps=config.steps) for lane in config.lanes()]
    loops = {
        "together": [Loop(config, CORES, shown)],
        "one core": [Loop(config, 1, shown)],
        "apart": [Loop(lane, 1, shown) for lane in alone],
    }
    for loop in itertools.chain(*loops.values()):
        loop.seconds()
    rounds = list[dict[str, float]]()
    for index in range(ROUNDS):
        names = list(loops) if index % 2 else list(reversed(loops))
        rounds.append({name: 1 / sum(each.seconds() for each in loops[name]) for name in names})
    return rounds
