"""Training with all quantities at 30 frames/s against the bare loop, in turns in one process."""

import gc
import time
from typing import Any

from tests.bench.bare import BareLoop, lane, timed
from tests.bench.driven import DrivenWorker
from tests.bench.report import Result, at_least, median

ROUNDS = 14
SECONDS = 1.0
#: Until here the held-out set is evaluated every ten steps.
WARM_STEPS = 110


def bench() -> Result:
    """Measure the default network, and the same with Batch Normalization."""
    rows, raw = [], {}
    for norm, title in (("none", "default network"), ("batch", "with BatchNorm")):
        rounds = compare(norm)
        raw[norm] = rounds
        ratio = median([r["ratio"] for r in rounds])
        steps = median([r["bare_steps_per_second"] for r in rounds])
        fps = median([r["frames_per_second"] for r in rounds])
        note = f" (bare {steps:.0f} steps/s, {fps:.1f} frames/s)"
        rows.append(at_least(f"training / bare loop, {title}", ratio, 0.90, note))
    return Result(rows, raw)


def compare(norm: str) -> list[dict[str, Any]]:
    """Train both in turns, the first of a round now the one, now the other."""
    bare, driven = BareLoop(lane(norm)), DrivenWorker(lane(norm))
    while driven.step_count < WARM_STEPS:
        driven.timed(0.2)
    timed(bare, 0.5)
    gc.collect()
    gc.freeze()
    return [_round(bare, driven, swap=bool(i % 2)) for i in range(ROUNDS)]


def _round(bare: BareLoop, driven: DrivenWorker, *, swap: bool) -> dict[str, Any]:
    def of_bare() -> tuple[float, float]:
        cpu = time.thread_time()
        steps, seconds = timed(bare, SECONDS)
        return steps / seconds, steps / (time.thread_time() - cpu)

    def of_driven() -> tuple[float, float, float]:
        cpu = time.thread_time()
        steps, seconds, frames = driven.timed(SECONDS)
        return steps / seconds, steps / (time.thread_time() - cpu), frames / seconds

    if swap:
        ours, yardstick = of_driven(), of_bare()
    else:
        yardstick, ours = of_bare(), of_driven()
    return {
        "ratio": ours[0] / yardstick[0],
        "cpu_ratio": ours[1] / yardstick[1],
        "bare_steps_per_second": yardstick[0],
        "steps_per_second": ours[0],
        "frames_per_second": ours[2],
    }
