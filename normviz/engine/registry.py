"""The registry of runs that all who ask share, and what becomes of each."""

import asyncio
import itertools
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from normviz import logs
from normviz.config import RunConfig
from normviz.data import own
from normviz.engine.ages import Ages
from normviz.engine.keeping import Keeping, fits, other_build
from normviz.engine.line import LineFull
from normviz.engine.messages import (
    Emitted,
    Forget,
    Pace,
    Progress,
    Start,
    Started,
    Steps,
    Stop,
)
from normviz.engine.past import parting, recall
from normviz.engine.pools import pool_of
from normviz.engine.record import Record
from normviz.engine.run import Run, Watcher
from normviz.engine.turns import Turns
from normviz.settings import Settings

#: How long a recording waits for the page that has sent it, at least.
ADMITTED_SECONDS = 60.0
_log = logs.of(__name__)


class EngineFull(RuntimeError):
    """As many runs train as the settings allow."""


class Registry:
    """Keeps the runs, and gives them to a training pool. All methods belong to one event loop.

    Attributes:
        server: tells this server from the one before and after a restart.
        draining: whether it is about to end.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.server, self.draining = secrets.token_hex(4), False
        self._runs: dict[str, Run] = {}
        self._shared: dict[str, Run] = {}
        self.keeping = Keeping(settings, self._runs, self._shared)
        self._attempts = itertools.count(1)
        self._ages, self._refused = Ages(), 0

    def _begin(self) -> None:
        """Start the training pool of the settings, and whatever belongs to it."""
        self._loop = asyncio.get_running_loop()
        self._pool = pool_of(self.settings, self._hear, self._mourn)
        self._turns = Turns(self.settings, self._pool, self._settle, self._end)
        self.keeping.start()

    # -- runs ----------------------------------------------------------------------------------------------------

    def open(self, config: RunConfig, beside: str = "") -> tuple[Run, bool]:
        """Return the run that all who ask for this configuration share, and whether it is new.

        One that was stopped before its end is left to those who still look at it: others go on from what a worker
        knows of it, or begin anew. So is the run with the id ``beside``.

        Raises:
            EngineFull: a new one is needed and too many train already.
        """
        run = self._shared.get(config.key())
        left = run is None or run.id == beside or run.status == "failed" or run.stopped
        if run is not None and not left:
            return run, False
        return self._start(
            config, shared=True, past=parting(self._runs.values(), config, self._pool.knows)
        ), True

    def find(self, run_id: str) -> Run | None:
        """Return the run of this id if it is still kept."""
        return self._runs.get(run_id)

    def runs(self) -> list[Run]:
        """Return all runs that are kept, in the order in which they were opened."""
        return list(self._runs.values())

    def restart(self, run: Run) -> Run:
        """Start the same configuration from step 0; it takes the shared place unless others watch the old run.

        Raises:
            EngineFull: too many train already.
        """
        return self._start(run.config, shared=len(run.watchers) <= 1 or run.over)

    def watch(self, run: Run, watcher: Watcher) -> None:
        """Add a watcher."""
        run.watchers.add(watcher)
        run.version += 1
        run.log("joined")
        run.wake()

    def leave(self, run: Run, watcher: Watcher, *, moved_on: bool = False) -> None:
        """Remove a watcher. A run that nobody watches goes on for the grace time; one at step 0 is dropped at once.

        A page that goes on to another run has ``moved_on``: what nobody else watches then trains no further, but is
        kept for that time.
        """
        run.watchers.discard(watcher)
        run.version += 1
        run.wake()
        if run.watchers or moved_on:
            self.repace(run)
        if run.watchers:
            return
        self._loop.call_later(
            0 if run.untouched and not run.place else self.settings.grace_seconds,
            self._end_unwatched,
            run,
        )

    def repace(self, run: Run) -> None:
        """Let the worker do what the watchers now want, or let the run wait for its turn.

        Raises:
            EngineFull: it would have to wait, and too many do.
        """
        try:
            if run.asleep and run.pace()[0]:
                self._insist_on_room()
            self._turns.repace(run)
        except (LineFull, EngineFull) as error:
            for watcher in run.watchers:
                watcher.playing = False
            raise error if isinstance(error, EngineFull) else self._refusal(str(error)) from None

    def step(self, run: Run, n: int) -> None:
        """Take ``n`` single steps, each of them shown.

        Raises:
            EngineFull: no worker knows the run any more, and none may take it.
        """
        if run.asleep:
            self._insist_on_room()
            self._settle(run)
        self._pool.send(run, Steps(run.id, n))

    def admit(
        self, config: RunConfig, schema: Mapping[str, Any], frames: Sequence[tuple[int, int, bytes]]
    ) -> Run:
        """Keep a run that was recorded elsewhere while somebody watches it, and the grace time after that.

        It takes nobody's shared place: only who knows its id, which cannot be guessed, finds it. The caller tells how
        it ended and where it comes from.

        Raises:
            EngineFull: recordings fill the memory for records already.
        """
        size = sum(run.record.nbytes for run in self._runs.values() if run.origin is not None)
        size += sum(len(data) for _, _, data in frames)
        if size > self.settings.records_mb * 2**20:
            raise EngineFull(
                f"Recordings may fill {self.settings.records_mb} MB of this server's memory, and they do. "
                "Those that nobody looks at go after a while."
            )
        record = Record(len(frames))
        for frame in frames:
            record.append(*frame)
        run = Run(
            f"recording-{secrets.token_hex(8)}", config, record, dict(schema), "ended", origin={}
        )
        run.step = frames[-1][1] if frames else 0
        run.started.set()
        self._runs[run.id] = run
        wait = max(self.settings.grace_seconds, ADMITTED_SECONDS)
        self._loop.call_later(wait, self._end_unwatched, run)
        return run

    def _start(self, config: RunConfig, *, shared: bool, past: Run | None = None) -> Run:
        self._insist_on_room()
        run = Run(
            f"{config.key()}-{self.server}-{next(self._attempts)}",
            config,
            Record(self.settings.record_frames),
            own=own.used_by(config),
            past=(past, len(past.record)) if past else None,
        )
        self._runs[run.id] = run
        run.log("opened")
        if shared:
            self._shared[config.key()] = run
        self._pool.place(run, past)
        tables = tuple(table.packed() for table in run.own)
        offered = (past.id, len(past.record)) if past else ("", 0)
        self._pool.send(run, Start(run.id, config.canonical(), tables, *offered))
        return run

    def _insist_on_room(self) -> None:
        """Let a worker take one more run, or raise :class:`EngineFull`."""
        if self.draining:
            raise self._refusal("This server restarts. Try again in a moment.")
        if self._pool.count() >= self.settings.held:
            raise self._refusal(
                f"{self.settings.held} networks are open on this server already. Try again in a while."
            )
        if not self._pool.able:
            raise self._refusal(
                "No training process is there at the moment. Try again in a moment."
            )

    def _refusal(self, text: str) -> EngineFull:
        self._refused += 1
        _log.warning("refused", reason=text)
        return EngineFull(text)

    def _end_unwatched(self, run: Run) -> None:
        if run.watchers or run.id not in self._runs:
            return
        if run.untouched or run.origin is not None or run.own:
            self._end(run)
            self._forget(run)
        else:
            self._end(run)
        self._evict()

    def _end(self, run: Run, notice: dict[str, Any] | None = None) -> None:
        """Train a run no further; its record stays."""
        self._pool.send(run, Stop(run.id))
        self._pool.release(run)
        self._turns.leave(run)
        if not run.over and (notice or not run.untouched):
            run.tell("ended", notice)

    def _evict(self) -> None:
        """Forget the records that were opened first until the rest fits."""
        idle = [run for run in self._runs.values() if run.over and not run.watchers]
        size = sum(run.record.nbytes for run in idle)
        for run in idle:
            if size > self.settings.records_mb * 2**20:
                size -= run.record.nbytes
                self._forget(run)

    def _forget(self, run: Run) -> None:
        self.keeping.part(run)
        self._runs.pop(run.id, None)
        self._pool.send(run, Forget(run.id))
        self._pool.forget(run)
        if self._shared.get(run.config.key()) is run:
            del self._shared[run.config.key()]

    # -- workers -------------------------------------------------------------------------------------------------

    def _hear(self, run: Run, message: Started | Emitted | Progress) -> None:
        if isinstance(message, Started):
            if not fits(run, message.schema):
                return self._end(run, other_build(run.step))
            recall(run, message)
            run.past = None
        if isinstance(message, Emitted):
            self._ages.add(message.data)
        run.receive(message)
        if run.over:
            self._pool.release(run)
            self._turns.leave(run)
        return None

    def _mourn(self, runs: list[Run]) -> None:
        """Let another worker go on with the runs of one that has died; those that this happens to again end."""
        for run in runs:
            if run.revived or not self._pool.able:
                run.tell("failed", {"rule": "worker_died", "values": {"step": run.step}})
                self._turns.leave(run)
            else:
                self._revive(run)

    def _settle(self, run: Run) -> None:
        """Give a run that is about to begin to a worker that has less to do, if there is one.

        One that comes from the store is trained again up to where it was.
        """
        if run.asleep:
            run.asleep = False
            self._mourn([run])
            run.revived = False
            return
        if run.step == 0 and run.schema is not None and self._pool.crowded(run):
            self._pool.send(run, Stop(run.id))
            self._replace(run)

    def _revive(self, run: Run) -> None:
        """Train the run again up to where it was, which gives the same bits, and on from there."""
        run.revived, run.past = True, None
        self._replace(run)
        self._pool.send(run, Pace(run.id, *run.sent_pace))

    def _replace(self, run: Run) -> None:
        """Give the run to a worker that knows nothing of it."""
        self._pool.place(run)
        tables = tuple(table.packed() for table in run.own)
        seq, step, _ = run.record.latest or (-1, -1, b"")
        start = Start(run.id, run.config.canonical(), tables, seq=seq + 1, known=step)
        self._pool.send(run, start)
