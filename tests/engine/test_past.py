"""Runs that go on from a state of another: frames, steps and who trains them."""

import asyncio
from typing import Any

from normviz.config import RunConfig, parse
from normviz.engine.local import LocalEngine
from tests.engine.driving import Audience, start, with_engine

LANE = {"depth": 2, "width": 16, "dataset": "digits"}
STEPS = 1500


def config(*turns: dict[str, Any], **more: Any) -> RunConfig:
    return parse({"lane": LANE, "steps": STEPS, "interventions": list(turns), **more})


def fork(at: int) -> RunConfig:
    """Lane A, and from a step on a lane B with another learning rate."""
    return config({"lane": 1, "at": at, "changes": {"lr": 0.5}}, others=[{}])


async def trained(engine: LocalEngine, upto: int) -> Audience:
    """The run without changes, paused after at least so many steps."""
    audience = await start(engine, config())
    audience.watcher.playing = True
    engine.repace(audience.run)
    await audience.until(lambda: audience.run.step >= upto)
    audience.watcher.playing = False
    engine.repace(audience.run)
    await audience.until(lambda: audience.run.status == "paused")
    return audience


def test_a_fork_goes_on_from_a_state_of_the_run_before_and_is_the_fork_from_the_start():
    async def main(engine: LocalEngine):
        before = await trained(engine, 400)
        at = before.run.step - 1
        resumed = await start(engine, fork(at))
        assert 0 < resumed.run.step < at
        assert resumed.run.status == "paused"
        await resumed.play_to_the_end()
        whole = engine.restart(resumed.run)  # from step 0 always
        again = Audience(engine, whole)
        await again.until(lambda: whole.status != "starting")
        assert whole.step == 0
        await again.play_to_the_end()
        ours, theirs = (
            {step: data[40:] for step, data in run.record.until(STEPS)}
            for run in (resumed.run, whole)
        )
        common = ours.keys() & theirs.keys()
        assert {0, 1, 2, 5, 10, 100, 500, 1000, STEPS} <= common
        assert all(ours[step] == theirs[step] for step in common)

    with_engine(main)


def test_frames_of_the_past_are_numbered_without_a_gap():
    async def main(engine: LocalEngine):
        before = await trained(engine, 300)
        forked = await start(engine, fork(before.run.step + 100))
        await forked.steps(3)
        seqs = [seq for seq, _ in sorted(forked.run.record._kept.items())]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))

    with_engine(main)


def test_a_run_without_a_common_past_starts_from_the_beginning():
    async def main(engine: LocalEngine):
        await trained(engine, 200)
        other = await start(engine, parse({"lane": {**LANE, "lr": 0.5}, "steps": STEPS}))
        assert other.run.step == 0
        assert list(other.frames) == [0]

    with_engine(main)


def test_what_is_forgotten_is_no_past():
    async def main(engine: LocalEngine):
        before = await trained(engine, 200)
        before.leave()
        await asyncio.sleep(0.1)
        engine._forget(before.run)
        forked = await start(engine, fork(150))
        assert forked.run.step == 0

    with_engine(main, grace_seconds=0)


def test_lanes_of_a_lone_run_may_use_the_cores_of_idle_workers():
    async def main(engine: LocalEngine):
        first = await start(engine, config(others=[{"norm": "batch"}]))
        first.watcher.playing = True
        engine.repace(first.run)
        assert {worker.threads for worker in engine.workers} == {2}
        second = await start(engine, config(others=[{"norm": "layer"}]))
        second.watcher.playing = True
        engine.repace(second.run)
        assert {worker.threads for worker in engine.workers} == {1}
        await first.until(lambda: first.run.step > 100)
        await second.until(lambda: second.run.step > 100)
        first.leave()
        await second.play_to_the_end()
        assert second.run.status == "finished"

    with_engine(main, workers=2, grace_seconds=0)
