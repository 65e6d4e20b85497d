"""Training through the real engine, a worker process and its pipe, against the bare loop in a process of its own."""

import asyncio
import struct
import subprocess
import sys
from typing import Any

from normviz.config import RunConfig
from normviz.engine.local import LocalEngine
from normviz.engine.run import Run, Watcher
from normviz.settings import Settings
from tests.bench.report import Result, at_least, median

ROUNDS = 8
SECONDS = 2.0
SETTLE = 0.3
SENT_AT = 16
#: Until here the held-out set is evaluated every ten steps.
WARM_STEPS = 110


def bench() -> Result:
    """Let both train in turns; the one that waits uses no processor time."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bare"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as bare:
        rounds = asyncio.run(_rounds(bare))
        bare.communicate()
    ratio = median([r["ratio"] for r in rounds])
    note = (
        f" ({median([r['steps_per_second'] for r in rounds]):.0f} steps/s"
        f" against {median([r['bare_steps_per_second'] for r in rounds]):.0f},"
        f" {median([r['frames_per_second'] for r in rounds]):.1f} frames/s)"
    )
    return Result(
        [at_least("engine / bare loop, default network", ratio, 0.90, note)], {"rounds": rounds}
    )


async def _rounds(bare: subprocess.Popen[str]) -> list[dict[str, Any]]:
    async with LocalEngine(Settings(workers=1)) as engine:
        await engine.warm()
        run, _ = engine.open(RunConfig(steps=100_000))
        watcher = Watcher(lambda: None)
        engine.watch(run, watcher)
        await run.started.wait()
        while run.step < WARM_STEPS:
            await _train(engine, run, watcher)
        found = []
        for turn in range(ROUNDS):
            if turn % 2:
                ours, yardstick = await _train(engine, run, watcher), await _bare(bare)
            else:
                yardstick, ours = await _bare(bare), await _train(engine, run, watcher)
            found.append(
                {
                    "ratio": ours["steps_per_second"] / yardstick,
                    "bare_steps_per_second": yardstick,
                    **ours,
                }
            )
        return found


async def _bare(bare: subprocess.Popen[str]) -> float:
    """Return the bare loop's steps a second."""
    assert bare.stdin is not None
    assert bare.stdout is not None
    bare.stdin.write(f"{SECONDS}\n")
    bare.stdin.flush()
    steps, seconds = (await asyncio.to_thread(bare.stdout.readline)).split()
    return int(steps) / float(seconds)


async def _train(engine: LocalEngine, run: Run, watcher: Watcher) -> dict[str, float]:
    """Play for a while; return steps and frames a second, by what the frames say of themselves."""
    watcher.playing = True
    engine.repace(run)
    await asyncio.sleep(SETTLE)
    before = _latest(run)
    await asyncio.sleep(SECONDS)
    after = _latest(run)
    watcher.playing = False
    engine.repace(run)
    await asyncio.sleep(SETTLE)
    seconds = after[2] - before[2]
    return {
        "steps_per_second": (after[1] - before[1]) / seconds,
        "frames_per_second": (after[0] - before[0]) / seconds,
    }


def _latest(run: Run) -> tuple[int, int, float]:
    """Return number, step and time of emission of the newest frame."""
    assert run.record.latest is not None
    seq, step, data = run.record.latest
    return seq, step, struct.unpack_from("<d", data, SENT_AT)[0]
