"""The engine: warm training processes, the registry of runs, downloads and studies, and their end."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from normviz import logs
from normviz.data import own
from normviz.engine.downloads import Downloads
from normviz.engine.messages import Pace
from normviz.engine.numbers import Numbers
from normviz.engine.registry import Registry
from normviz.engine.rooms import Rooms
from normviz.engine.studies import Studies
from normviz.settings import Settings

#: How often visitors' own data are looked through.
SWEEP_SECONDS = 20.0
#: How long runs may take to stop before they are saved at the end, and how long the saving may take.
STOP_SECONDS, SAVE_SECONDS = 1.5, 4.0
_log = logs.of(__name__)


class LocalEngine(Registry):
    """Starts workers, gives runs to them, and keeps the runs. All methods belong to one event loop.

    Use it as ``async with LocalEngine(settings) as engine``.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.downloads = Downloads(settings.downloads)
        self.studies = Studies(settings.studies, settings.study_minutes * 60)
        self.rooms = Rooms(settings.rooms, settings.room_minutes * 60)

    async def __aenter__(self) -> "LocalEngine":
        self._begin()
        self._sweep()
        _log.info("server start", workers=self.settings.workers, store=self.keeping.on)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sweeper.cancel()
        self.rooms.close()
        self._turns.close()
        await asyncio.gather(self._pool.close(), self.downloads.close(), self.studies.close())
        await self.keeping.close(SAVE_SECONDS)
        _log.info("server stop")

    async def drain(self) -> None:
        """Take nothing new, have all pages told, let the runs stop where they are, and save them."""
        self.draining = True
        _log.info("server draining", runs=len(self._runs), training=self._turns.training)
        for run in self.runs():
            run.wake()
            self._pool.send(run, Pace(run.id, False, 0.0))
        end = self._loop.time() + STOP_SECONDS
        while self._loop.time() < end and any(run.status == "running" for run in self.runs()):
            await asyncio.sleep(0.05)
        await self.keeping.save(SAVE_SECONDS)

    @property
    def workers(self) -> Sequence[Any]:
        """The workers that live."""
        return self._pool.workers

    def _sweep(self) -> None:
        """Let go of visitors' own data whose pages have gone, now and then."""
        own.shelf().sweep()
        self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    async def warm(self) -> None:
        """Wait until every worker has warmed up."""
        await self._pool.warm()

    def numbers(self) -> Numbers:
        """Return what an operator watches, as it is now."""
        runs = list(self._runs.values())
        ready, workers = self._pool.warmth()
        return Numbers(
            runs=dict(Counter(run.status for run in runs)),
            viewers=sum(len(run.watchers) for run in runs),
            workers=workers,
            ready=ready,
            deaths=self._pool.deaths,
            frames=self._ages.count,
            frame_ages=self._ages.counts(),
            frame_age_seconds=self._ages.seconds,
            refused=self._refused,
            training=self._turns.training,
            waiting=self._turns.waiting,
            record_bytes=sum(run.record.nbytes for run in runs),
            studies=self.studies.count(),
            draining=self.draining,
            store=self.keeping.numbers,
        )
