"""What survives a restart of the engine: two engines, one after the other, on the same folder."""

import asyncio
import errno
import logging
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from normviz.config import RunConfig, parse
from normviz.data.own import shelf
from normviz.engine import keeping
from normviz.engine.build import build
from normviz.engine.local import LocalEngine
from normviz.engine.registry import EngineFull
from normviz.engine.runfile import StoredRun
from normviz.engine.store import Store
from normviz.frames import HEADER
from tests.engine.driving import Audience, start, with_engine
from tests.engine.test_own import config as own_config
from tests.engine.test_viewer import Page
from tests.unit.receipts import recorded
from tests.unit.test_own import table

LANE = {"dataset": "digits", "depth": 2, "width": 16, "device": "cpu"}
CONFIG = parse({"lane": LANE, "steps": 100_000})
SHORT = parse({"lane": LANE, "steps": 60})


def sent(config: RunConfig) -> dict:
    return config.model_dump(exclude_none=True)


def opened(folder: Path) -> Store:
    return Store(folder, 2**40)


def only(folder: Path):
    """The one run in the store."""
    (path,) = folder.glob("*.run")
    run = opened(folder).load(path.stem)
    assert run is not None
    return run


def arrays(data: bytes) -> bytes:
    """A frame without its number and its time."""
    return data[HEADER.size :]


async def trained(engine: LocalEngine, config: RunConfig, steps: int) -> Audience:
    audience = await start(engine, config)
    await audience.steps(steps)
    return audience


@dataclass(frozen=True)
class Before:
    """What a server has left that is gone: a run that had come to step 40, and one that had finished."""

    folder: Path
    trained: str
    finished: str
    frames: list[tuple[int, int, bytes]]

    def stored(self) -> StoredRun:
        """The run that had not finished."""
        run = opened(self.folder).load(self.trained)
        assert run is not None
        return run


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Before:
    folder = tmp_path_factory.mktemp("left")

    async def main(engine):
        done = await start(engine, SHORT)
        await done.play_to_the_end()
        while not list(folder.glob("*.run")):  # at once, and not only at the end
            await asyncio.sleep(0.05)
        audience = await trained(engine, CONFIG, 40)
        return Before(folder, audience.run.id, done.run.id, done.run.record.frames())

    return with_engine(main, store=folder)


@pytest.fixture
def before(left: Before, tmp_path: Path) -> Before:
    """The same in a folder of this test's own."""
    return replace(left, folder=Path(shutil.copytree(left.folder, tmp_path / "store")))


def test_a_finished_run_is_saved_at_once_and_replayed_after_a_restart(before: Before):
    run_id, frames = before.finished, before.frames

    async def after(engine):
        page = Page(engine)
        await page.say(do="open", config=sent(SHORT))  # only the link is known
        told = await page.hear("opened")
        assert (told["run"], told["how"]) == (run_id, "joined")
        assert (await page.hear("history"))["frames"] == len(frames)
        assert (await page.status("finished"))["step"] == 60
        assert engine.find(run_id).record.frames() == frames
        again = Page(engine)
        await again.say(do="open", config=sent(SHORT))
        await again.status("finished")
        assert engine.numbers().store.loaded == 1 and len(engine.runs()) == 1
        assert engine.open(SHORT) == (engine.find(run_id), False)

    with_engine(after, store=before.folder)


def test_a_run_that_trained_is_found_by_its_page_and_goes_on_with_the_same_numbers(before: Before):
    run_id = before.trained

    async def after(engine):
        page = Page(engine)
        # the page has seen frames that the server did not save: it gets all that there is, anew
        await page.say(do="open", config=sent(CONFIG), run=run_id, server="00", after=999)
        assert (await page.hear("opened"))["how"] == "joined"
        assert (await page.hear("history"))["frames"] == 41
        state = await page.status("paused")
        assert state["step"] == 40
        assert state["notice"] == {"rule": "restarted", "values": {"step": 40}}
        run = engine.find(run_id)
        assert run.asleep and engine.numbers().training == 0
        audience = Audience(engine, run)
        await audience.steps(20)
        assert run.step == 60 and not run.asleep and not run.revived
        assert [step for _, step, _ in run.record.frames()] == list(range(61))
        assert [seq for seq, _, _ in run.record.frames()] == list(range(61))
        straight = Audience(engine, engine.restart(run))
        await straight.until(lambda: straight.run.status != "starting")
        await straight.steps(60)
        for (_, step, mine), (_, other, theirs) in zip(
            run.record.frames(), straight.run.record.frames(), strict=True
        ):
            assert step == other and arrays(mine) == arrays(theirs)

    with_engine(after, store=before.folder)


def test_playing_goes_on_from_a_stored_run_and_says_that_it_catches_up(before: Before):
    run_id = before.trained

    async def after(engine):
        page = Page(engine)
        await page.say(do="open", config=sent(CONFIG), run=run_id, server="00", after=-1)
        await page.status("paused")
        await page.say(do="play", speed=0)
        while (await page.hear("state"))["step"] <= 60:
            pass
        rules = [(t["notice"] or {}).get("rule") for t in page.texts if t["is"] == "state"]
        assert "catching_up" in rules and rules[-1] is None
        mine = Page(engine)  # the same server: nothing that it has seen is sent again
        last = engine.find(run_id).record.latest[0]
        await mine.say(do="open", config=sent(CONFIG), run=run_id, server=engine.server, after=last)
        assert (await mine.hear("opened"))["how"] == "resumed"

    with_engine(after, store=before.folder)


def test_a_run_is_saved_now_and_then_while_it_trains(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(keeping, "FIRST_SAVE", 0.2)
    monkeypatch.setattr(keeping, "SAVE_EVERY", 0.2)
    monkeypatch.setattr(keeping, "LOOK_EVERY", 0.05)

    async def main(engine):
        audience = await start(engine, CONFIG)
        audience.watcher.playing = True
        engine.repace(audience.run)
        seen = set()
        while len(seen) < 3:
            await asyncio.sleep(0.05)
            if list(tmp_path.glob("*.run")):
                seen.add(only(tmp_path).step)
        assert only(tmp_path).status == "running"

    with_engine(main, store=tmp_path)


def test_many_who_come_back_at_once_read_the_disk_once(before: Before):
    run_id = before.trained

    async def after(engine):
        pages = [Page(engine) for _ in range(50)]
        opening = {"do": "open", "config": sent(CONFIG), "run": run_id, "server": "00", "after": -1}
        await asyncio.gather(*(page.say(**opening) for page in pages))
        for page in pages:
            assert (await page.hear("opened"))["run"] == run_id
        assert engine.numbers().store.loaded == 1 and len(engine.runs()) == 1

    with_engine(after, store=before.folder)


def test_another_version_goes_on_with_no_run_but_shows_its_record(before: Before):
    run_id = before.trained
    opened(before.folder).save(replace(before.stored(), build="an older version"))

    async def after(engine):
        page = Page(engine)
        await page.say(do="open", config=sent(CONFIG), run=run_id, server="00", after=-1)
        state = await page.status("ended")
        assert state["notice"] == {"rule": "other_build", "values": {"step": 40}}
        assert len(page.seqs) == 41
        await page.say(do="again")
        assert (await page.hear("opened"))["run"] != run_id

    with_engine(after, store=before.folder)


def test_a_machine_whose_frames_differ_goes_on_with_no_run(before: Before):
    run_id = before.trained
    kept = before.stored()
    lanes = [{**kept.schema["lanes"][0], "device": "Another GPU"}]
    opened(before.folder).save(replace(kept, schema={**kept.schema, "lanes": lanes}))

    async def after(engine):
        page = Page(engine)
        await page.say(do="open", config=sent(CONFIG), run=run_id, server="00", after=-1)
        await page.status("paused")
        await page.say(do="play", speed=0)
        assert (await page.status("ended"))["notice"]["rule"] == "other_build"
        assert engine.find(run_id).schema["lanes"][0]["device"] == "Another GPU"

    with_engine(after, store=before.folder)


def test_a_damaged_file_is_set_aside_and_the_page_gets_a_new_run(before: Before):
    run_id = before.trained
    path = before.folder / f"{run_id}.run"
    path.write_bytes(path.read_bytes()[:-100])

    async def after(engine):
        page = Page(engine)
        await page.say(do="open", config=sent(CONFIG), run=run_id, server="00", after=-1)
        told = await page.hear("opened")
        assert told["how"] == "new" and told["run"] != run_id
        assert engine.numbers().store.damaged == 1
        assert (before.folder / "damaged" / path.name).exists()

    with_engine(after, store=before.folder)


def test_a_full_disk_stops_no_run_and_takes_it_once_there_is_room(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(keeping, "SAVE_EVERY", 1.0)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    async def main(engine):
        monkeypatch.setattr(os, "fsync", full)
        audience = await start(engine, SHORT)
        await audience.play_to_the_end()
        while not engine.numbers().store.failed:
            await asyncio.sleep(0.05)
        assert audience.run.status == "finished" and len(audience.run.record) > 10
        assert not list(tmp_path.iterdir())
        monkeypatch.setattr(os, "fsync", lambda _: None)
        while not engine.numbers().store.saved:
            await asyncio.sleep(0.05)
        assert only(tmp_path).status == "finished"

    with_engine(main, store=tmp_path)


def test_untouched_runs_visitors_data_and_recordings_are_not_saved(tmp_path: Path):
    async def main(engine):
        await start(engine, CONFIG)
        frames = tuple((seq, seq, data) for seq, data in enumerate(recorded().frames))
        admitted = engine.admit(recorded().config, recorded().sent, frames)
        assert admitted.step == 12 and not engine.keeping.keeps(admitted)
        mine = shelf().put(table(21))
        audience = await trained(engine, own_config(mine), 5)
        assert audience.run.own and not engine.keeping.keeps(audience.run)

    with_engine(main, store=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_memory_has_no_room_for_is_in_the_store(tmp_path: Path):
    async def main(engine):
        run = await start(engine, SHORT)
        await run.play_to_the_end()
        run.leave()
        other = await start(engine, parse({"lane": {**LANE, "seed": 1, "depth": 40}, "steps": 60}))
        await other.steps(60)
        await other.until(lambda: other.run.over)
        assert other.run.record.nbytes > 2**20
        other.leave()
        while engine.find(run.run.id):
            await asyncio.sleep(0.05)
        back = Page(engine)
        await back.say(do="open", config=sent(SHORT), run=run.run.id, after=-1)
        assert (await back.hear("opened"))["run"] == run.run.id
        await back.status("finished")

    with_engine(main, store=tmp_path, records_mb=1, grace_seconds=0)


def test_draining_tells_all_pages_saves_all_runs_and_takes_nothing_new(tmp_path: Path):
    async def main(engine):
        pages = [Page(engine) for _ in range(3)]
        for seed, page in enumerate(pages):
            await page.say(do="open", config=sent(parse({"lane": {**LANE, "seed": seed}})))
            await page.say(do="play", speed=0)
            await page.status("running")
            while page.texts[-1].get("step", 0) < 20:
                await page.hear("state")
        await engine.drain()
        for page in pages:
            assert (await page.hear("closing"))["kept"] is True
        for run in engine.runs():
            stored = opened(tmp_path).load(run.id)
            assert stored and stored.status == "paused"
            assert stored.step == run.step == stored.frames[-1][1] >= 20
        assert engine.numbers().draining
        with pytest.raises(EngineFull, match="restarts"):
            engine.open(CONFIG)

    with_engine(main, store=tmp_path)


def test_without_a_store_nothing_is_kept_and_pages_are_told_so(tmp_path: Path):
    async def main(engine):
        page = Page(engine)
        await page.say(do="open", config=sent(CONFIG))
        await page.say(do="step", n=3)
        await page.frames(4)
        await engine.drain()
        assert (await page.hear("closing"))["kept"] is False
        assert not engine.numbers().store.saved

    with_engine(main)


def test_the_log_tells_a_runs_life_by_its_id(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)

    async def main(engine):
        audience = await start(engine, SHORT)
        await audience.play_to_the_end()
        return audience.run.id, audience.run.config.key()

    run_id, key = with_engine(main, store=tmp_path)
    told = [r for r in caplog.records if getattr(r, "fields", {}).get("run") == run_id]
    events = [record.getMessage() for record in told]
    for event in ("run opened", "run joined", "run running", "run finished", "store saved"):
        assert event in events
    last = next(vars(record) for record in told if record.getMessage() == "run finished")["fields"]
    assert (last["key"], last["step"], last["viewers"]) == (key, 60, 1) and last["seconds"] > 0


def test_the_build_names_what_numbers_depend_on():
    assert "torch 2." in build() and "normviz code" in build() and len(build()) < 400
