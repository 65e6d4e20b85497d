"""Which runs are kept in the store and when, and how they come back."""

import asyncio
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from normviz import logs
from normviz.config import RunConfig
from normviz.engine.build import build
from normviz.engine.record import Record
from normviz.engine.run import OVER, Run
from normviz.engine.runfile import StoredRun
from normviz.engine.store import Store, StoreNumbers
from normviz.settings import Settings

#: Seconds from one look at the runs to the next; from the first look at a run that trains to its first save; and from
#: one save of it to the next, at least.
LOOK_EVERY = 1.0
FIRST_SAVE = 5.0
SAVE_EVERY = 30.0
#: After a save the disk rests for so many times as long as it took.
REST = 4.0
_log = logs.of(__name__)

_Mark = tuple[int, int, str]


class Keeping:
    """Saves the runs of an engine while they train and when they are over, and brings them back.

    What uses visitors' own data, came with a recording or has not begun is not saved. All methods belong to one event
    loop; files are read and written in one thread, one after another. Without a store nothing happens.
    """

    def __init__(self, settings: Settings, runs: dict[str, Run], shared: dict[str, Run]) -> None:
        """Look at the folder that the settings name.

        Args:
            settings: name the store, its size, and how much is recorded.
            runs: the engine's runs by their ids; what comes back is put there.
            shared: those that all who ask for a configuration share, by its key.

        Raises:
            StoreError: it cannot be the store.
        """
        self._settings, self._runs, self._shared = settings, runs, shared
        self._store = Store(settings.store, settings.store_mb * 2**20) if settings.store else None
        self._thread = ThreadPoolExecutor(1, "store")
        self._saved: dict[str, _Mark] = {}
        self._due: dict[str, float] = {}
        self._again: dict[str, float] = {}
        self._asked: dict[str, asyncio.Future[StoredRun | None]] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def on(self) -> bool:
        """Whether there is a store."""
        return self._store is not None

    @property
    def numbers(self) -> StoreNumbers:
        """What the store has done and holds."""
        return self._store.numbers if self._store else StoreNumbers()

    def start(self) -> None:
        """Save from now on."""
        if self._store:
            self._task = asyncio.create_task(self._go_on())

    async def close(self, seconds: float) -> None:
        """Save what has changed, for so long at most, and then nothing more."""
        if self._task:
            self._task.cancel()
            await self.save(seconds)
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)

    async def save(self, seconds: float) -> None:
        """Save all runs that have changed, for so long at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for run in self._changed():
                    await self._save(run)
        if left := len(self._changed()):
            _log.warning("store behind", runs=left, seconds=seconds)

    def part(self, run: Run) -> None:
        """Save a run that the engine is about to forget."""
        if self._store and self._due_to_keep(run):
            self._thread.submit(self._store.save, _stored(run))
        self._saved.pop(run.id, None)
        self._due.pop(run.id, None)
        self._again.pop(run.id, None)

    async def find(self, run_id: str, config: RunConfig) -> Run | None:
        """Return the run of this id and configuration, or another one of it that all share; None where there is none.

        What is not in memory comes out of the store.
        """
        known = self._runs.get(run_id) or await self._load(run_id)
        if known is not None and known.config == config:
            return known
        shared = self._shared.get(config.key())
        if shared is None or shared.status == "failed":
            shared = await self._latest(config.key())
        return shared

    async def _load(self, run_id: str) -> Run | None:
        store = self._store
        return await self._look_up(run_id, lambda: store.load(run_id)) if store and run_id else None

    async def _latest(self, key: str) -> Run | None:
        store = self._store
        return await self._look_up(key, lambda: store.latest(key)) if store else None

    async def _look_up(self, name: str, read: Callable[[], StoredRun | None]) -> Run | None:
        """Read once for all who ask at the same time, as a class does whose server is there again."""
        if name not in self._asked:
            reading = asyncio.get_running_loop().run_in_executor(self._thread, read)
            self._asked[name] = reading
            reading.add_done_callback(lambda _: self._asked.pop(name, None))
        stored = await asyncio.shield(self._asked[name])
        if stored is None or stored.id in self._runs:
            return self._runs[stored.id] if stored else None
        run = _restored(stored, self._settings.record_frames)
        self._saved[run.id] = _mark(run)
        self._runs[run.id] = run
        shared = self._shared.get(run.config.key(), run)
        if run.status != "failed" and (shared is run or shared.status == "failed"):
            self._shared[run.config.key()] = run
        run.log("restored")
        return run

    def keeps(self, run: Run) -> bool:
        """Tell whether a run is one to be saved."""
        trained = run.step > 0 and run.schema is not None and run.record.latest is not None
        return self.on and trained and not run.own and run.origin is None

    async def _go_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = time.monotonic()
            for run in self._changed():
                soonest = self._due.setdefault(run.id, now + FIRST_SAVE)
                if now >= self._again.get(run.id, now) and (run.over or now >= soonest):
                    await asyncio.sleep(REST * await self._save(run))

    def _changed(self) -> list[Run]:
        return [run for run in self._runs.values() if self._due_to_keep(run)]

    def _due_to_keep(self, run: Run) -> bool:
        return self.keeps(run) and self._saved.get(run.id) != _mark(run)

    async def _save(self, run: Run) -> float:
        """Save a run; return how many seconds that took. What the disk does not take is tried again later."""
        assert self._store is not None
        mark, stored, began = _mark(run), _stored(run), time.monotonic()
        loop = asyncio.get_running_loop()
        try:
            saved = await loop.run_in_executor(self._thread, self._store.save, stored)
        except Exception:  # a fault of ours; what trains must not end of it
            saved = False
            _log.fault("store fault", run=run.id)
        ended = time.monotonic()
        if saved:
            self._saved[run.id], self._due[run.id] = mark, ended + SAVE_EVERY
        else:
            self._again[run.id] = ended + SAVE_EVERY
        return ended - began


def _mark(run: Run) -> _Mark:
    """Return what changes when there is something new to save."""
    return run.record.latest[0] if run.record.latest else -1, run.step, run.status


def _stored(run: Run) -> StoredRun:
    """Return what is kept of a run, as it is at this moment."""
    assert run.schema is not None
    status = run.status if run.over or run.status == "running" else "paused"
    return StoredRun(
        run.id,
        run.config,
        status,
        run.step,
        run.notice if run.over else None,
        run.build or build(),
        run.schema,
        tuple(run.record.frames()),
    )


def _restored(stored: StoredRun, capacity: int) -> Run:
    """Return the run as it goes on here: what was over still is; what was not waits until somebody plays it."""
    record = Record(max(capacity, 16))
    for frame in stored.frames:
        record.append(*frame)
    run = Run(stored.id, stored.config, record, stored.schema, stored.status, stored.step)
    run.notice, run.build = stored.notice, stored.build
    if stored.status not in OVER:
        run.step = stored.frames[-1][1]
        if stored.build == build():
            run.status, run.asleep = "paused", True
            run.notice = {"rule": "restarted", "values": {"step": run.step}}
        else:
            run.status, run.notice = "ended", other_build(run.step)
    run.started.set()
    return run


def other_build(step: int) -> dict[str, Any]:
    """Return the words of a run that cannot go on here with the same numbers."""
    return {"rule": "other_build", "values": {"step": step}}


def fits(run: Run, schema: dict[str, Any]) -> bool:
    """Tell whether frames of this schema go on where those of a run end."""
    return run.schema is None or _text(run.schema) == _text(schema)


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, sort_keys=True)
