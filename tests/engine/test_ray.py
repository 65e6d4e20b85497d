"""Runs in a real Ray cluster of two nodes: run, cancel, deaths, losses, the queue, and who may connect."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from itertools import pairwise

import pytest

from normviz.config import parse
from normviz.frames import HEADER
from normviz.stream.viewer import Viewer
from tests.engine.clusters import ROOT, cluster, lives
from tests.engine.driving import Audience, start, with_engine

pytestmark = [pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray")]
LANE = {"depth": 2, "width": 16, "dataset": "digits", "norm": "batch"}
WAITING = {"lane": {**LANE, "seed": 2}, "steps": 100_000}
FRONT_END = """
import asyncio, sys, time
from normviz.config import parse
from normviz.engine.local import LocalEngine
from normviz.settings import Settings

async def main():
    async with LocalEngine(Settings(engine="ray", ray_address=sys.argv[1])) as engine:
        await engine.warm()
        print(*(home.pid for home in engine.workers), flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


def small(**lane):
    """A small, fast configuration."""
    return parse({"lane": {**LANE, **lane}, "steps": 100_000})


@pytest.fixture(scope="module")
def ray_cluster():
    with cluster() as found:
        yield found


@pytest.fixture(scope="module", autouse=True)
def stranger(ray_cluster):
    """A front end without the token. It starts with the first test, for Ray takes 20 seconds to give up."""
    known = {name: value for name, value in os.environ.items() if "RAY_AUTH" not in name}
    with subprocess.Popen(
        [sys.executable, "-c", FRONT_END, ray_cluster.address],
        env={**known, "RAY_AUTH_MODE": "disabled"},
        cwd=ROOT,
        text=True,
        stderr=subprocess.PIPE,
    ) as process:
        yield process
        process.kill()


@pytest.fixture
def engine_with(ray_cluster):
    """Run an asynchronous test against an engine in the cluster."""

    def run(test, **settings):
        wanted = {"engine": "ray", "ray_address": ray_cluster.address, "ray_spares": 0}
        return with_engine(test, **{**wanted, **settings})

    return run


async def until(condition, seconds=60):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.05)


def play(audience):
    """Train at full speed."""
    audience.watcher.playing = True
    audience.engine.repace(audience.run)


def rule(run):
    """Return the rule of what the watchers of a run are told."""
    return (run.notice or {}).get("rule")


def test_a_run_in_the_cluster_has_the_same_bits_as_here_and_its_actor_ends_with_it(engine_with):
    config = parse({"lane": LANE, "steps": 120})

    async def there(engine):
        await asyncio.wait_for(engine.warm(), 60)  # the spare one
        (home,) = engine.workers
        audience = await start(engine, config)
        assert home.run is audience.run
        await audience.steps(20)
        await audience.play_to_the_end()
        assert audience.run.status == "finished" and max(audience.frames) == 120
        assert engine.numbers().workers == engine.numbers().ready == 2
        await until(lambda: not lives(home.pid))
        return audience

    async def here(engine):
        audience = await start(engine, config)
        await audience.steps(20)
        return audience

    ours, theirs = with_engine(here), engine_with(there, ray_spares=1)
    assert sorted(ours.frames) == list(range(21))
    assert all(ours.payload(step) == theirs.payload(step) for step in range(21))


def test_a_run_beyond_the_processors_waits_and_says_so_until_another_is_cancelled(engine_with):
    async def main(engine):
        first, second = await start(engine, small()), await start(engine, small(seed=1))
        play(first)
        third = Audience(engine, engine.open(parse(WAITING))[0])
        await until(lambda: rule(third.run) == "waits_for_processor")
        assert third.run.notice == {"rule": "waits_for_processor", "values": {"n": 2}}
        assert third.run.status == "starting"
        page = Viewer(engine)
        opening = asyncio.create_task(page.obey(json.dumps({"do": "open", "config": WAITING})))
        told = json.loads(await asyncio.wait_for(page.next(), 10))
        assert (told["status"], told["notice"]["rule"]) == ("starting", "waits_for_processor")
        home = engine._pool._home(first.run)
        first.leave()
        await until(lambda: first.run.status == "ended")
        await until(lambda: not lives(home.pid), 5)
        await third.steps(3)
        assert third.run.notice is None
        await opening
        page.close()
        await second.steps(3)

    engine_with(main, grace_seconds=0)


def test_another_actor_goes_on_with_the_run_of_one_that_was_killed_but_only_once(engine_with):
    async def main(engine):
        audience = await start(engine, small())
        await audience.steps(30)
        os.kill(engine.workers[0].pid, signal.SIGKILL)
        await until(lambda: engine.numbers().deaths == 1)
        await audience.steps(10)
        assert sorted(audience.frames) == list(range(41)) and not audience.run.over
        os.kill(engine.workers[0].pid, signal.SIGKILL)
        await audience.until(lambda: audience.run.over)
        assert audience.run.status == "failed"
        assert audience.run.notice == {"rule": "worker_died", "values": {"step": 40}}

    engine_with(main)


def test_a_run_on_a_node_that_is_lost_waits_for_another_and_goes_on_there(engine_with, ray_cluster):
    async def main(engine):
        audience = await start(engine, small())
        play(audience)
        await audience.until(lambda: audience.run.step > 50)
        ray_cluster.lose()
        await until(lambda: engine.numbers().deaths > 0)
        reached = audience.run.step
        await until(lambda: rule(audience.run) == "waits_for_processor")
        ray_cluster.add()
        await audience.until(lambda: audience.run.step > reached + 50)
        await until(lambda: audience.run.status == "running" and audience.run.notice is None)

    engine_with(main)


def test_watchers_are_told_of_silence_and_of_its_end_and_a_long_one_counts_as_death(
    engine_with, monkeypatch
):
    from normviz.engine.cluster import pool

    monkeypatch.setattr(pool, "LOST", 2)

    async def main(engine):
        audience = await start(engine, small())
        await audience.steps(5)
        (home,) = engine.workers
        os.kill(home.pid, signal.SIGSTOP)
        await until(lambda: rule(audience.run) == "not_answering", 3 + 2)
        assert (audience.run.notice or {})["values"] == {"step": 5, "seconds": 3}
        assert not audience.run.over
        os.kill(home.pid, signal.SIGCONT)
        await until(lambda: audience.run.notice is None)
        await audience.steps(2)
        os.kill(home.pid, signal.SIGSTOP)
        await until(lambda: home not in engine.workers, 2 * 3 + 3)
        await audience.steps(2)
        assert audience.run.step == 9
        await until(lambda: not lives(home.pid))

    engine_with(main, ray_stall_seconds=3)


def test_what_a_killed_front_end_had_started_ends_and_the_next_one_trains(engine_with, ray_cluster):
    command = [sys.executable, "-c", FRONT_END, ray_cluster.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        assert lives(pid)
        process.kill()

    async def main(engine):
        await until(lambda: not lives(pid), 10)
        audience = await start(engine, small())
        play(audience)
        await audience.until(lambda: audience.run.step > 50)
        time.sleep(3)  # the event loop is busy: training waits, and nothing is lost
        await asyncio.sleep(1)
        headers = [HEADER.unpack_from(data) for data in audience.run.record.between(-1, 2**32)]
        assert [header[3] for header in headers] == list(range(len(headers)))
        assert max(b[5] - a[5] for a, b in pairwise(headers)) > 1

    engine_with(main, record_frames=10_000)


def test_who_has_not_the_clusters_token_is_refused_and_told_what_to_set(stranger):
    _, said = stranger.communicate(timeout=60)
    assert stranger.returncode
    last = said.strip().splitlines()[-1]
    assert "NORMVIZ_RAY_ADDRESS: no connection" in last and "RAY_AUTH_TOKEN" in last
