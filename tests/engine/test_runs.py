"""The life of runs in the engine: sharing, pace, ends, deaths, leaks."""

import asyncio
import os
import signal
import threading

import pytest

from normviz.config import parse
from normviz.engine.registry import EngineFull
from tests.engine.driving import Audience, start, with_engine

LANE = {"depth": 2, "width": 16, "dataset": "digits", "norm": "batch"}


def small(**lane):
    """A small, fast configuration."""
    return parse({"lane": {**LANE, **lane}, "steps": 100_000})


def test_all_who_ask_for_one_configuration_share_one_run():
    async def main(engine):
        first = await start(engine, small())
        again, new = engine.open(small())
        assert again is first.run and not new
        other, new = engine.open(small(seed=1))
        assert other is not first.run and new

    with_engine(main)


def test_step_zero_is_shown_before_anybody_presses_train_and_nothing_trains():
    async def main(engine):
        audience = await start(engine, small())
        await asyncio.sleep(0.3)
        assert audience.run.status == "ready" and list(audience.frames) == [0]

    with_engine(main)


def test_single_steps_show_every_step_and_pause_shows_the_step_it_stops_at():
    async def main(engine):
        audience = await start(engine, small())
        await audience.steps(5)
        assert sorted(audience.frames) == [0, 1, 2, 3, 4, 5]
        audience.watcher.playing = True
        engine.repace(audience.run)
        await audience.until(lambda: audience.run.step > 50)
        audience.watcher.playing = False
        engine.repace(audience.run)
        await audience.until(lambda: audience.run.status == "paused")
        await asyncio.sleep(0.3)
        assert max(audience.frames) == audience.run.step

    with_engine(main)


def test_one_viewers_pause_does_not_stop_a_run_that_another_plays():
    async def main(engine):
        first = await start(engine, small())
        second = Audience(engine, first.run)
        for audience in (first, second):
            audience.watcher.playing = True
        engine.repace(first.run)
        await first.until(lambda: first.run.step > 20)
        second.watcher.playing = False
        engine.repace(first.run)
        here = first.run.step
        await first.until(lambda: first.run.step > here + 50)
        assert first.run.status == "running"

    with_engine(main)


def test_speed_paces_the_steps():
    async def main(engine):
        audience = await start(engine, small())
        audience.watcher.playing, audience.watcher.speed = True, 10.0
        engine.repace(audience.run)
        await asyncio.sleep(2)
        assert 10 <= audience.run.step <= 25
        assert sorted(audience.frames) == list(range(audience.run.step + 1))

    with_engine(main)


def test_a_run_ends_when_it_is_finished_and_its_record_stays():
    async def main(engine):
        audience = await start(engine, parse({"lane": LANE, "steps": 120}))
        await audience.play_to_the_end()
        assert audience.run.status == "finished" and max(audience.frames) == 120
        again, new = engine.open(parse({"lane": LANE, "steps": 120}))
        assert again is audience.run and not new and len(again.record) > 10

    with_engine(main)


def test_a_run_that_nobody_watches_ends_after_the_grace_time_but_not_before():
    async def main(engine):
        audience = await start(engine, small())
        audience.watcher.playing = True
        engine.repace(audience.run)
        await audience.until(lambda: audience.run.step > 10)
        audience.leave()
        await asyncio.sleep(0.2)
        assert audience.run.status == "running"
        back = Audience(engine, audience.run)
        await asyncio.sleep(0.8)
        assert audience.run.status == "running"
        back.leave()
        await asyncio.sleep(1.0)
        assert audience.run.status == "ended" and not any(worker.runs for worker in engine.workers)
        assert engine.find(audience.run.id) is audience.run  # for who comes back to it

    with_engine(main, grace_seconds=0.6)


@pytest.mark.parametrize("checkpoints_mb", [0, 64])
def test_who_opens_what_was_stopped_before_its_end_gets_a_run_that_trains(checkpoints_mb):
    async def main(engine):
        first = await start(engine, small())
        first.watcher.playing = True
        engine.repace(first.run)
        await first.until(lambda: first.run.step > 300)
        first.leave()
        await asyncio.sleep(0.5)
        assert first.run.status == "ended"
        second = await start(engine, small())
        assert second.run is not first.run and not second.run.over
        assert (second.run.step > 0) == bool(checkpoints_mb)  # goes on, or begins anew
        assert engine.open(small())[0] is second.run
        second.watcher.playing = True
        engine.repace(second.run)
        here = second.run.step
        await second.until(lambda: second.run.step > here + 20)

    with_engine(main, grace_seconds=0.2, checkpoints_mb=checkpoints_mb)


def test_divergence_ends_the_run_with_step_layer_and_rule_and_keeps_the_last_good_frame():
    async def main(engine):
        audience = await start(
            engine, small(norm="none", activation="relu", init="unit", lr=100.0, depth=6)
        )
        await audience.play_to_the_end()
        assert audience.run.status == "diverged"
        notice = audience.run.notice or {}
        assert notice["rule"] == "loss_not_finite"
        assert (
            notice["values"]["step"] >= 1
            and 1 <= notice["values"]["layer"] <= 7
            and notice["values"]["reason"]
        )
        last = audience.read(max(audience.frames)).frame.lanes[0]
        assert max(audience.frames) < notice["values"]["step"] and abs(float(last["loss"])) < float(
            "inf"
        )

    with_engine(main)


def test_another_worker_goes_on_with_the_runs_of_one_that_was_killed():
    async def main(engine):
        audience = await start(engine, small())
        playing = await start(engine, small(seed=5))
        await audience.steps(30)
        playing.watcher.playing = True
        engine.repace(playing.run)
        await playing.until(lambda: playing.run.step > 100)
        os.kill(engine.workers[0].pid, signal.SIGKILL)
        reached = playing.run.step
        await playing.until(lambda: playing.run.step > reached + 100)
        await audience.steps(10)
        assert sorted(audience.frames) == list(range(41))
        assert not playing.run.over
        again = Audience(engine, engine.restart(audience.run))
        await again.until(lambda: again.run.status != "starting")
        await again.steps(40)
        assert all(again.payload(step) == audience.payload(step) for step in range(41))

    with_engine(main)


def test_a_paused_run_stays_where_it_was_when_its_worker_is_killed():
    async def main(engine):
        audience = await start(engine, small())
        await audience.steps(20)
        os.kill(engine.workers[0].pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
        await audience.steps(1)
        assert audience.run.step == 21 and audience.run.status == "paused"

    with_engine(main)


def test_a_run_whose_worker_is_killed_twice_says_so_and_can_be_run_again():
    async def main(engine):
        audience = await start(engine, small())
        await audience.steps(30)
        for _ in range(2):
            await asyncio.wait_for(engine.warm(), 60)
            (worker,) = engine.workers
            os.kill(worker.pid, signal.SIGKILL)
            await audience.until(
                lambda gone=worker: gone not in engine.workers or audience.run.over
            )
        await audience.until(lambda: audience.run.over)
        assert audience.run.status == "failed"
        assert audience.run.notice == {"rule": "worker_died", "values": {"step": 30}}
        await asyncio.wait_for(engine.warm(), 60)
        again = Audience(engine, engine.restart(audience.run))
        await again.until(lambda: again.run.status != "starting")
        await again.steps(30)
        assert all(again.payload(step) == audience.payload(step) for step in range(31))

    with_engine(main)


def test_a_run_whose_start_fails_says_so_and_others_go_on(monkeypatch):
    async def main(engine):
        good = await start(engine, small())
        bad = small(seed=9)
        monkeypatch.setattr(type(bad), "canonical", lambda self: '{"lane": {"depth": 0}}')
        run = Audience(engine, engine._start(bad, shared=False))
        monkeypatch.undo()
        await run.until(lambda: run.run.over)
        assert run.run.status == "failed" and (run.run.notice or {})["rule"] == "run_error"
        await good.steps(3)

    with_engine(main)


def test_a_run_on_data_that_are_not_here_says_what_was_looked_for_and_others_go_on(monkeypatch):
    monkeypatch.setenv("NORMVIZ_DATA", "/no/such/folder")

    async def main(engine):
        good = await start(engine, small())
        run = Audience(engine, engine.open(small(dataset="svhn"))[0])
        await run.until(lambda: run.run.over)
        notice = run.run.notice or {}
        assert run.run.status == "failed" and notice["rule"] == "data_missing"
        assert list(notice["values"]) == ["error"]  # there is no download of it
        assert "SVHN is not on this server" in notice["values"]["error"]
        assert "/no/such/folder/SVHN" in notice["values"]["error"]
        await good.steps(3)

    with_engine(main)


def test_runs_take_turns_evenly():
    async def main(engine):
        audiences = [await start(engine, small(seed=seed)) for seed in range(6)]
        for audience in audiences:
            audience.watcher.playing = True
            engine.repace(audience.run)
        await audiences[0].until(lambda: audiences[0].run.step >= 600)
        steps = [audience.run.step for audience in audiences]
        assert max(steps) <= 1.3 * min(steps)

    with_engine(main, slice_ms=2)


def test_more_runs_than_the_settings_allow_are_refused():
    async def main(engine):
        await start(engine, small(seed=0))
        await start(engine, small(seed=1))
        with pytest.raises(EngineFull, match="2 networks are open"):
            engine.open(small(seed=2))

    with_engine(main, held=2)


def test_records_nobody_watches_are_forgotten_when_they_grow_too_large():
    async def main(engine):
        for seed in range(6):
            audience = await start(
                engine,
                parse(
                    {
                        "lane": {"depth": 30, "width": 4, "dataset": "digits", "seed": seed},
                        "steps": 60,
                    }
                ),
            )
            await audience.steps(40)
            audience.leave()
            await asyncio.sleep(0.05)
        assert 1 <= len(engine._runs) < 6
        assert sum(run.record.nbytes for run in engine._runs.values()) <= 2**20

    with_engine(main, records_mb=1, grace_seconds=0)


def resident(pid: int) -> int:
    """Memory of a process in bytes."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="reads /proc")
def test_fifty_runs_leave_no_process_thread_socket_or_memory_behind():
    async def main(engine):
        async def batch(first: int, count: int) -> tuple[int, int, int, int]:
            for seed in range(first, first + count):
                audience = await start(
                    engine, parse({"lane": {"depth": 4, "width": 64, "seed": seed}, "steps": 12})
                )
                await audience.play_to_the_end()
                audience.leave()
            await asyncio.sleep(0.2)
            pid = engine.workers[0].pid
            return (
                len(os.listdir("/proc/self/fd")),
                threading.active_count(),
                resident(os.getpid()),
                resident(pid),
            )

        await batch(0, 20)
        fds, threads, ours, worker = await batch(100, 50)
        fds2, threads2, ours2, worker2 = await batch(200, 50)
        assert (fds2, threads2) == (fds, threads)
        assert ours2 - ours < 8 * 2**20 and worker2 - worker < 8 * 2**20

    before = threading.active_count()
    with_engine(main, records_mb=1, grace_seconds=0)
    assert threading.active_count() == before
