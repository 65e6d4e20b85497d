"""Four runs in one worker, two of them with steps that are long: how much of the processor each has.

What a run has had is what the steps that it took cost where it is alone: the same steps, with as many frames.
"""

import asyncio
import time

from normviz.config import RunConfig, parse
from normviz.engine.local import LocalEngine
from normviz.engine.run import Run, Watcher
from normviz.settings import Settings
from tests.bench.report import Result, Row, at_most

SMALL = {"depth": 2, "width": 16, "dataset": "digits"}
RUNS = {
    "small": SMALL,
    "another small": {**SMALL, "norm": "batch"},
    "deep (30 layers of 200)": {"depth": 30, "width": 200},
    "wide (10 layers of 512, 1,000 examples a minibatch)": {"width": 512, "batch_size": 1000},
}
SECONDS = 24.0
#: A run that is alone takes its steps in a quarter of the time, and shows four times as many of them a second.
FPS = 30
LONGEST = 60.0
#: The share of a run is to be within this much of an even one.
TARGET = 0.20


def bench() -> Result:
    """Let them train together, and then each of them to the same step alone."""
    taken = asyncio.run(_together())
    cost = {name: asyncio.run(_alone(name, steps)) for name, steps in taken.items()}
    even = sum(cost.values()) / len(cost)
    shares = {name: seconds / even for name, seconds in cost.items()}
    farthest = max(abs(share - 1) for share in shares.values())
    rows = [at_most("four runs in one worker, farthest from an even share", farthest, TARGET)]
    for name, steps in taken.items():
        note = f"{steps} steps in {SECONDS:.0f} s, {1e3 * cost[name] / steps:.3g} ms each alone"
        rows.append(Row(f"of an even share, {name}", f"{shares[name]:.2f} ({note})"))
    return Result(rows, {"shares": shares, "steps": taken, "alone_s": cost})


def _config(name: str, seed: int) -> RunConfig:
    return parse({"lane": {**RUNS[name], "seed": seed}, "steps": 100_000})


async def _together() -> dict[str, int]:
    """Return how many steps each takes."""
    async with LocalEngine(Settings(workers=1, frames_per_second=FPS)) as engine:
        await engine.warm()
        audience = {name: await _opened(engine, _config(name, 1)) for name in RUNS}
        for run, watcher in audience.values():
            _play(engine, run, watcher)
        await asyncio.sleep(SECONDS)
        return {name: run.step for name, (run, _) in audience.items()}


async def _alone(name: str, steps: int) -> float:
    """Return the seconds that so many steps take."""
    async with LocalEngine(Settings(workers=1, frames_per_second=FPS * len(RUNS))) as engine:
        await engine.warm()
        run, watcher = await _opened(engine, _config(name, 2))
        reached = asyncio.Event()
        watcher.wake = lambda: reached.set() if run.step >= steps else None
        start = time.perf_counter()
        _play(engine, run, watcher)
        await asyncio.wait_for(reached.wait(), LONGEST)
        return (time.perf_counter() - start) * steps / run.step


async def _opened(engine: LocalEngine, config: RunConfig) -> tuple[Run, Watcher]:
    """Open a run and wait for its first frame."""
    run, _ = engine.open(config)
    watcher = Watcher(lambda: None)
    engine.watch(run, watcher)
    await run.started.wait()
    return run, watcher


def _play(engine: LocalEngine, run: Run, watcher: Watcher) -> None:
    watcher.playing = True
    engine.repace(run)
