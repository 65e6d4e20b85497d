"""How large a frame is, and how long a run takes from opening to its first frame."""

import asyncio
import time

from normviz.config import RunConfig, parse
from normviz.engine.local import LocalEngine
from normviz.engine.run import Run, Watcher
from normviz.settings import Settings
from tests.bench.report import Result, Row, median

CONFIGS = {
    "one lane": {},
    "two lanes": {"others": [{"norm": "batch"}]},
    "depth 30, two lanes": {"lane": {"depth": 30}, "others": [{"norm": "batch"}]},
}
OPENINGS = 10


def bench() -> Result:
    """Open runs through a warm engine."""
    return asyncio.run(_bench())


async def _bench() -> Result:
    rows, raw = [], {}
    async with LocalEngine(Settings(workers=1)) as engine:
        await engine.warm()
        for name, config in CONFIGS.items():
            runs = [await opened(engine, parse(config | {"steps": 1 + i})) for i in range(OPENINGS)]
            size = len(runs[0][0].record.latest[2]) if runs[0][0].record.latest else 0
            milliseconds = [1e3 * seconds for _, seconds in runs]
            raw[name] = {"bytes": size, "open_ms": milliseconds}
            rows.append(
                Row(
                    f"opening a run, {name}",
                    f"{median(milliseconds):.0f} ms, a frame has {size:,} bytes",
                )
            )
    return Result(rows, raw)


async def opened(engine: LocalEngine, config: RunConfig) -> tuple[Run, float]:
    """Open a new run and wait for the frame of step 0."""
    start = time.perf_counter()
    run, _ = engine.open(config)
    watcher = Watcher(lambda: None)
    engine.watch(run, watcher)
    await run.started.wait()
    seconds = time.perf_counter() - start
    engine.leave(run, watcher)
    return run, seconds
