"""Several lanes in lockstep, as a worker trains them, against the same runs one after another.

A worker lets the lanes of a run use the cores that no other worker needs; where there is one core they take turns.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from normviz.config import RunConfig, parse
from normviz.train.trainer import Trainer
from tests.bench.bare import timed
from tests.bench.report import Result, Row, at_least, median

CORES = os.cpu_count() or 1
ROUNDS = 9
SECONDS = 0.5
OTHERS = ({"norm": "batch"}, {"norm": "layer"}, {"activation": "tanh"})
#: "Not slower": what is left below 1 is the noise of two clocks.
TARGET = 0.97


class Lockstep:
    """A run at full speed that nobody looks at, its lanes on so many cores."""

    def __init__(self, config: RunConfig, cores: int) -> None:
        pool = ThreadPoolExecutor(cores)

        def each(work: Callable[[int], None], lanes: Sequence[int]) -> None:
            list(pool.map(work, lanes))

        self.trainer = Trainer(config, each) if cores > 1 else Trainer(config)

    def step(self) -> None:
        """One step of all lanes."""
        self.trainer.step(False)


def bench() -> Result:
    """Measure two and four lanes."""
    rows, raw = list[Row](), dict[str, Any]()
    for others in (OTHERS[:1], OTHERS):
        name = f"{len(others) + 1} lanes in lockstep / one after another"
        rounds = compare(parse({"lane": {}, "others": others, "steps": 100_000}))
        raw[name] = rounds
        steps = median([each["together"] for each in rounds])
        ratio = median([each["together"] / each["apart"] for each in rounds])
        alone = median([each["one core"] / each["apart"] for each in rounds])
        note = f" on {CORES} cores, {alone:.3g} on one ({steps:.0f} steps/s of every lane)"
        rows.append(at_least(name, ratio, TARGET, note))
    return Result(rows, raw)


def compare(config: RunConfig) -> list[dict[str, float]]:
    """Return the steps/s of every lane, together and as runs that follow each other, in turns."""
    together, taking_turns = Lockstep(config, CORES), Lockstep(config, 1)
    alone = [Lockstep(RunConfig(lane=lane, steps=config.steps), 1) for lane in config.lanes()]
    for loop in (together, taking_turns, *alone):
        timed(loop, 0.5)  # pyright: ignore[reportArgumentType]
    rounds = list[dict[str, float]]()
    for index in range(ROUNDS):
        turns = {
            "together": lambda: _pace([together]),
            "one core": lambda: _pace([taking_turns]),
            "apart": lambda: _pace(alone),
        }
        names = list(turns) if index % 2 else list(reversed(turns))
        rounds.append({name: turns[name]() for name in names})
    return rounds


def _pace(loops: list[Lockstep]) -> float:
    """Return the steps/s of every lane if the loops run one after another."""
    seconds = 0.0
    for loop in loops:
        steps, taken = timed(loop, SECONDS)  # pyright: ignore[reportArgumentType]
        seconds += taken / steps
    return 1 / seconds
