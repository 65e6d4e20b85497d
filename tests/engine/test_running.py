"""A page's script asks for what is recorded while the run trains on."""

import asyncio
import subprocess
import sys

import pytest

from normviz.config import parse
from normviz.engine import memory, running
from normviz.engine.running import Running
from normviz.lessons import Recording
from tests.engine.driving import Audience, start, with_engine

CONFIG = parse({"lane": {"depth": 2, "width": 16, "dataset": "digits"}, "steps": 100_000})


def newest(audience: Audience) -> int:
    """The step of the newest frame; the run itself may already be further."""
    latest = audience.run.record.latest
    return latest[1] if latest else -1


def test_a_thread_reads_the_record_of_a_run_that_goes_on():
    async def main(engine):
        asked = Running()
        with asked.lend(engine):
            audience = await start(engine, CONFIG)
            audience.watcher.playing = True
            engine.repace(audience.run)
            seen = 0
            for _ in range(20):
                await audience.until(lambda seen=seen: newest(audience) > seen)
                found = await asyncio.to_thread(asked.record, audience.run.id)
                assert found is not None and found.config == CONFIG
                recording = Recording.of(found.config, found.schema, found.frames)
                assert list(recording.steps) == sorted(set(recording.steps))
                assert recording.steps[0] == 0 and recording.steps[-1] > seen
                seen = recording.steps[-1]
        assert await asyncio.to_thread(asked.record, audience.run.id) is None

    with_engine(main)


def test_a_run_that_is_not_known_has_no_record():
    async def main(engine):
        asked = Running()
        with asked.lend(engine):
            assert await asyncio.to_thread(asked.record, "nothing") is None

    with_engine(main)
    assert Running().record("nothing") is None


def test_a_loop_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "PATIENCE_SECONDS", 0.05)

    async def main(engine):
        asked = Running()
        with asked.lend(engine):
            assert asked.record("nothing") is None  # on the loop itself: nobody can answer

    with_engine(main)


def test_a_thread_reads_what_an_operator_watches():
    async def main(engine):
        asked = Running()
        assert asked.numbers() is None and asked.runs() == ()
        with asked.lend(engine):
            audience = await start(engine, CONFIG)
            await audience.steps(3)
            await audience.until(lambda: audience.run.status == "paused")
            numbers = await asyncio.to_thread(asked.numbers)
            (kept,) = await asyncio.to_thread(asked.runs)
            assert numbers and numbers == engine.numbers() and numbers.runs == {"paused": 1}
            assert (kept.id, kept.step, kept.steps, kept.viewers) == (
                audience.run.id,
                3,
                100_000,
                1,
            )
            assert kept.nbytes == audience.run.record.nbytes

    with_engine(main)


def test_memory_is_that_of_the_process_and_its_children():
    before = memory.taken()
    if before is None:
        pytest.skip("the system does not tell")
    code = (
        "x = bytearray(80 << 20); x[::4096] = b'1' * len(x[::4096]); print(1, flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        during = memory.taken()
        child.communicate(b"\n")
    assert during is not None and 75 << 20 < during - before < 120 << 20
