"""Fair shares: who waits, how long a run may train, how much memory it may take, and who has how much of a core."""

import asyncio
import os
import signal
import time
from multiprocessing.connection import Connection
from typing import Any

import pytest

from normviz.config import RunConfig, parse
from normviz.engine.local import LocalEngine
from normviz.engine.registry import EngineFull
from normviz.engine.turn import Turn
from normviz.engine.worker import Worker
from normviz.train.trainer import Trainer
from tests.engine.driving import Audience, start, with_engine

SMALL = {"depth": 2, "width": 16, "dataset": "digits"}


def small(**lane: Any) -> RunConfig:
    """A small, fast configuration."""
    return parse({"lane": {**SMALL, **lane}, "steps": 100_000})


def play(audience: Audience, playing: bool = True) -> None:
    """Press Train, or Pause."""
    audience.watcher.playing = playing
    audience.engine.repace(audience.run)


async def opened(engine: LocalEngine, count: int) -> list[Audience]:
    """Open so many runs."""
    return [await start(engine, small(seed=seed)) for seed in range(count)]


async def playing(engine: LocalEngine, count: int) -> list[Audience]:
    """Open so many runs and press Train in each, in order."""
    audiences = await opened(engine, count)
    for audience in audiences:
        play(audience)
    return audiences


def test_who_waits_is_told_where_and_trains_when_another_pauses():
    async def main(engine: LocalEngine) -> None:
        first, second, third = await playing(engine, 3)
        await first.until(lambda: first.run.status == "running")
        states = [audience.run.state() for audience in (second, third)]
        assert [state["status"] for state in states] == ["queued", "queued"]
        assert [(s["queue"]["place"], s["queue"]["of"]) for s in states] == [(1, 2), (2, 2)]
        assert all(0 < state["queue"]["seconds"] <= 7200 for state in states)
        assert second.run.step == third.run.step == 0
        assert (engine.numbers().training, engine.numbers().waiting) == (1, 2)
        play(second, False)  # does not want to wait any more
        assert second.run.state()["status"] == "ready" and second.run.state()["queue"] is None
        assert third.run.state()["queue"]["place"] == 1
        play(first, False)
        await third.until(lambda: third.run.status == "running" and third.run.step > 5)
        assert third.run.state()["queue"] is None

    with_engine(main, runs=1, queue=2)


def test_a_full_line_is_said_and_changes_nothing():
    async def main(engine: LocalEngine) -> None:
        first, second, third = await opened(engine, 3)
        play(first)
        play(second)
        with pytest.raises(EngineFull, match="Runs that train: 1 of 1; that wait: 1 of 1"):
            play(third)
        assert third.run.state()["status"] == "ready" and not third.watcher.playing
        assert engine.numbers().refused == 1
        third.leave()
        play(first, False)
        await second.until(lambda: second.run.status == "running")

    with_engine(main, runs=1, queue=1)


def test_a_page_that_moves_on_takes_its_run_off_the_core_and_one_that_reloads_keeps_its_place():
    async def main(engine: LocalEngine) -> None:
        first, second, _ = await playing(engine, 3)
        second.leave()  # a lost connection: the place is kept
        await asyncio.sleep(0.1)
        assert second.run.state()["queue"]["place"] == 1
        again = Audience(engine, second.run)
        play(again)
        engine.leave(first.run, first.watcher, moved_on=True)
        await again.until(lambda: again.run.status == "running")
        await again.until(lambda: first.run.status == "paused")  # its own page hears nothing of it

    with_engine(main, runs=1, queue=2)


def test_nobody_waits_behind_somebody_who_has_gone():
    async def main(engine: LocalEngine) -> None:
        first, second, third = await playing(engine, 3)
        second.leave()
        play(first, False)
        await third.until(lambda: third.run.status == "running")

    with_engine(main, runs=1, queue=2)


def test_a_run_ends_with_a_notice_when_it_has_trained_for_as_long_as_it_may():
    async def main(engine: LocalEngine) -> None:
        first, second = await opened(engine, 2)
        play(first)
        play(second)
        await first.until(lambda: first.run.over)
        assert first.run.status == "ended" and first.run.notice
        assert first.run.notice["rule"] == "time_limit"
        assert first.run.notice["values"] == {"step": first.run.step, "minutes": 0.02}
        assert first.run.step > 0 and len(first.run.record) > 1
        await second.until(lambda: second.run.step > 0)

    with_engine(main, runs=1, run_minutes=0.02)


def test_a_run_ends_with_a_notice_when_it_has_had_its_processor_time():
    async def main(engine: LocalEngine) -> None:
        (audience,) = await opened(engine, 1)
        await audience.play_to_the_end()
        assert audience.run.status == "ended" and audience.run.notice
        assert audience.run.notice["rule"] == "cpu_limit"
        assert audience.run.notice["values"]["step"] == audience.run.step > 10

    with_engine(main, cpu_minutes=0.01)


def test_a_worker_that_hangs_is_replaced_and_its_run_goes_on():
    async def main(engine: LocalEngine) -> None:
        audience = await start(engine, small(norm="batch"))
        play(audience)
        await audience.until(lambda: audience.run.step > 20)
        hung = engine.workers[0]
        os.kill(hung.pid, signal.SIGSTOP)
        began, here = time.monotonic(), audience.run.step
        await audience.until(lambda: audience.run.step > here + 20)
        assert time.monotonic() - began < 30
        assert engine.numbers().deaths == 1 and hung not in engine.workers
        with pytest.raises(ProcessLookupError):
            os.kill(hung.pid, 0)

    with_engine(main, stall_seconds=1)


def test_the_event_loop_does_not_wait_for_a_worker_that_does_not_listen():
    async def main(engine: LocalEngine) -> None:
        audience = await start(engine, small())
        os.kill(engine.workers[0].pid, signal.SIGSTOP)
        longest, before = 0.0, time.monotonic()
        for _ in range(20_000):
            engine.step(audience.run, 1)
            longest, before = max(longest, time.monotonic() - before), time.monotonic()
        assert longest < 0.5
        os.kill(engine.workers[0].pid, signal.SIGCONT)
        await audience.until(lambda: audience.run.step > 100)

    with_engine(main)


def test_a_run_that_wants_too_much_memory_ends_with_a_message_and_the_others_go_on():
    async def main(engine: LocalEngine) -> None:
        others = await opened(engine, 2)
        for audience in others:
            play(audience)
        large = {"depth": 100, "width": 512, "batch_size": 1000, "dataset": "mnist"}
        hog = Audience(engine, engine.open(parse({"lane": large}))[0])
        await hog.until(lambda: hog.run.status != "starting")
        if not hog.run.over:
            play(hog)
        await hog.until(lambda: hog.run.over)
        assert hog.run.status == "failed" and hog.run.notice
        assert hog.run.notice["rule"] == "out_of_memory"
        here = [audience.run.step for audience in others]
        for audience, step in zip(others, here, strict=True):
            await audience.until(lambda a=audience, s=step: a.run.step > s + 10)
        assert engine.numbers().deaths == 0

    with_engine(main, worker_mb=600)


class Clockwork(Trainer):
    """A trainer whose steps take so many seconds of a clock that only it moves."""

    finished = False  # pyright: ignore[reportAssignmentType, reportIncompatibleMethodOverride]

    def __init__(self, clock: list[float], cost: float) -> None:
        self.clock, self.cost, self.step_count = clock, cost, 0

    def step(self, measure: bool) -> None:
        """One step."""
        self.clock[0] += self.cost
        self.step_count += 1

    def advance(self, steps: int, measure: bool) -> None:
        """So many steps."""
        for _ in range(steps):
            self.step(measure)


def test_a_long_or_wide_run_has_no_more_of_a_core_than_a_short_one(monkeypatch: pytest.MonkeyPatch):
    """Every run's time is even but for its last turn, where steps differ by a thousand times."""
    clock = [0.0]
    monkeypatch.setattr(time, "process_time", lambda: clock[0])
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    worker = Worker(Connection(os.open(os.devnull, os.O_RDWR)), 1e-6, 0.005)
    monkeypatch.setattr(worker, "_report", lambda _: None)
    costs = (0.0003, 0.001, 0.02, 0.3)
    turns = [Turn(str(cost), Clockwork(clock, cost), playing=True, frame_due=1e9) for cost in costs]
    worker._turns = {turn.run: turn for turn in turns[:3]}
    late = turns[3]
    while clock[0] < 60:
        if clock[0] > 20:
            worker._turns.setdefault(late.run, late)  # comes later, and has no more of what is gone
        turn = worker._next()
        assert turn
        worker._spend(turn)
    spent = [turn.trainer.step_count * cost for turn, cost in zip(turns, costs, strict=True)]
    assert spent == pytest.approx([20 / 3 + 10] * 3 + [10], abs=0.35)


def test_runs_are_spread_over_the_workers_when_they_begin_to_train():
    async def main(engine: LocalEngine) -> None:
        audiences = await opened(engine, 4)  # two in each worker
        homes = [{*worker.runs} for worker in engine.workers]
        same = [audience for audience in audiences if audience.run.id in homes[0]]
        assert len(same) == 2
        for audience in same:
            play(audience)
        for audience in same:
            await audience.until(lambda a=audience: a.run.step > 20)
        busy = [worker.busy for worker in engine.workers]
        assert busy == [1, 1]
        for audience in same:
            steps = sorted(audience.frames)
            assert steps[:2] == [0, 1] and len(steps) == len(set(steps))

    with_engine(main, workers=2)
