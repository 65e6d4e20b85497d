"""The wall clock jumps by a day, forth and back, at every look at it: only the time stamps of frames follow."""

import asyncio
import itertools
import math
import multiprocessing
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from normviz.engine.local import LocalEngine
from normviz.engine.messages import Emitted, Pace, Progress, Start, Started
from normviz.engine.reading import Frames
from normviz.engine.schema import read as read_schema
from normviz.engine.worker import Worker
from normviz.frames import HEADER
from tests.engine.driving import start, with_engine
from tests.engine.test_shares import play, small

DAY = 86_400.0
#: Steps a second that a worker is asked for, and until which step it is watched.
SPEED, STEPS = 20.0, 12


@pytest.fixture
def jumping(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what lets the wall clock of this process jump from then on."""
    clock, days = time.time, itertools.cycle((DAY, -DAY, 0.0))
    return lambda: monkeypatch.setattr(time, "time", lambda: clock() + next(days))


def work(jump: Callable[[], None]) -> list[Any]:
    """Let a worker of this process train at a pace; return what it says."""
    here, there = multiprocessing.Pipe()
    worker = Worker(there, fps=30.0, slice_s=0.005)

    def serve() -> None:
        with pytest.raises((EOFError, ConnectionError)):  # the other end has gone
            worker.serve()

    thread = threading.Thread(target=serve)
    thread.start()
    heard = list[Any]()
    try:
        here.send(Start("r", small(norm="batch").canonical()))
        jump()
        here.send(Pace("r", True, SPEED))
        while not heard or _step(heard[-1]) < STEPS:
            assert here.poll(60)
            heard.append(here.recv())
    finally:
        here.close()
        thread.join(30)
        there.close()
    return heard


def _step(message: Any) -> int:
    return message.step if isinstance(message, Emitted) else -1


def test_a_worker_keeps_its_pace_and_its_numbers(jumping):
    calm, began = work(lambda: None), time.monotonic()
    shaken, took = work(jumping), time.monotonic() - began
    frames, jumped = ([m for m in each if isinstance(m, Emitted)] for each in (calm, shaken))
    assert [m.step for m in jumped] == [m.step for m in frames] == list(range(STEPS + 1))
    assert [m.data[HEADER.size :] for m in jumped] == [m.data[HEADER.size :] for m in frames]
    assert STEPS / SPEED * 0.8 < took < 60
    times = [HEADER.unpack_from(m.data)[5] for m in jumped]
    assert max(times) - min(times) > DAY  # the clock did jump
    rates = [m.rate for m in shaken if isinstance(m, Progress)]
    assert max(rates) > 0 and all(0 <= rate < 2 * SPEED for rate in rates)


def test_what_was_recorded_meanwhile_is_read_back(jumping):
    heard = work(jumping)
    (started,) = (m for m in heard if isinstance(m, Started))
    frames = Frames(read_schema(started.schema), steps=100)
    steps = [frames.check(m.data)[1] for m in heard if isinstance(m, Emitted)]
    assert steps == list(range(STEPS + 1))


def test_the_web_process_keeps_grace_places_and_rates(jumping):
    async def main(engine: LocalEngine) -> None:
        jumping()
        first, second = await start(engine, small(seed=1)), await start(engine, small(seed=2))
        play(first)
        play(second)
        await first.until(lambda: first.run.rate > 0)
        place = second.run.state()["queue"]
        assert place and 0 < place["seconds"] <= 3600
        assert math.isfinite(first.run.rate) and first.run.rate < 1e5
        here, _ = first.run.step, first.leave()
        await asyncio.sleep(0.5)  # a quarter of the grace time
        assert first.run.status == "running" and first.run.step > here
        await second.until(lambda: second.run.status == "running" and second.run.step > 5)
        assert first.run.over

    with_engine(main, runs=1, queue=1, grace_seconds=2, stall_seconds=30)
