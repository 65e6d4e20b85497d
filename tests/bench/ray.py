"""Frames of one run through a Ray cluster of two nodes on this machine, against the local engine's, in turns."""

import asyncio
import time
from importlib.util import find_spec
from typing import Any

from normviz.config import RunConfig
from normviz.engine.local import LocalEngine
from normviz.engine.run import Run, Watcher
from normviz.frames import HEADER
from normviz.settings import Engine, Settings
from tests.bench.report import Result, Row, median, quantile
from tests.engine.clusters import cluster

ROUNDS = 4
SECONDS = 5.0
SETTLE = 1.0
#: Until here the held-out set is evaluated every ten steps.
WARM_STEPS = 110


def bench() -> Result:
    """Measure both; where Ray is not installed, say so."""
    if find_spec("ray") is None:
        return Result(
            [Row("frames through Ray", "not measured: pip install -r requirements-ray.txt")]
        )
    with cluster() as found:
        elsewhere = Settings(engine=Engine.RAY, ray_address=found.address)
        raw = asyncio.run(_bench({"local": Settings(workers=1), "ray": elsewhere}))
    rows = [
        Row(
            f"frames of one run, {name} engine",
            f"{median([turn['fps'] for turn in turns]):.1f} frames/s, age"
            f" {median([turn['p50_ms'] for turn in turns]):.2f} / {median([turn['p95_ms'] for turn in turns]):.2f} ms"
            f" (p50 / p95), {median([turn['steps'] for turn in turns]):.0f} steps/s",
        )
        for name, turns in raw["turns"].items()
    ]
    for name, seconds in raw["open_s"].items():
        rows.append(Row(f"opening a run, {name}", f"{seconds:.2f} s to its first frame"))
    return Result(rows, raw)


async def _bench(kinds: dict[str, Settings]) -> dict[str, Any]:
    turns: dict[str, list[dict[str, float]]] = {name: [] for name in kinds}
    opened: dict[str, float] = {}
    async with LocalEngine(kinds["local"]) as local, LocalEngine(kinds["ray"]) as remote:
        engines = {"local": local, "ray": remote}
        viewers = dict[str, Viewer]()
        for name, engine in engines.items():
            await engine.warm()
            opened[name], viewers[name] = await _opened(engine, RunConfig(steps=100_000))
        opened["ray, no warm actor left"], _ = await _opened(remote, RunConfig(steps=99_999))
        for index in range(ROUNDS):
            for name in engines if index % 2 else reversed(engines):
                turns[name].append(await viewers[name].turn())
    return {"turns": turns, "open_s": opened}


async def _opened(engine: LocalEngine, config: RunConfig) -> tuple[float, "Viewer"]:
    """Return how long a run takes to its first frame, and its viewer."""
    start = time.perf_counter()
    viewer = Viewer(engine, engine.open(config)[0])
    await viewer.run.started.wait()
    return time.perf_counter() - start, viewer


class Viewer:
    """Notes of every frame how old it is when it arrives, on the clock that both processes share."""

    def __init__(self, engine: LocalEngine, run: Run) -> None:
        self.engine, self.run = engine, run
        self.ages = list[float]()
        self._seen = -1
        self._watcher = Watcher(self._wake)
        engine.watch(run, self._watcher)

    def _wake(self) -> None:
        latest = self.run.record.latest
        if latest and latest[0] != self._seen:
            self._seen = latest[0]
            self.ages.append(time.time() - HEADER.unpack_from(latest[2])[5])

    async def turn(self) -> dict[str, float]:
        """Train for a while; return frames and steps a second, and the frames' age in ms."""
        self._play(True)
        while self.run.step < WARM_STEPS:
            await asyncio.sleep(0.1)
        await asyncio.sleep(SETTLE)
        self.ages, step, start = [], self.run.step, time.perf_counter()
        await asyncio.sleep(SECONDS)
        seconds, ages = time.perf_counter() - start, [1e3 * age for age in self.ages]
        steps = self.run.step - step
        self._play(False)
        await asyncio.sleep(SETTLE)
        return {
            "fps": len(ages) / seconds,
            "steps": steps / seconds,
            "p50_ms": quantile(ages, 0.5),
            "p95_ms": quantile(ages, 0.95),
        }

    def _play(self, playing: bool) -> None:
        self._watcher.playing = playing
        self.engine.repace(self.run)
