"""The engine on this machine: warm worker processes, and the registry of runs that all who ask share."""

import asyncio
import itertools
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from normviz.config import RunConfig
from normviz.data import own
from normviz.engine.downloads import Downloads
from normviz.engine.messages import Emitted, Pace, Progress, Ready, Start, Started, Steps, Stop
from normviz.engine.nursery import Nursery
from normviz.engine.record import Record
from normviz.engine.run import Run, Watcher
from normviz.settings import Settings

#: How long a recording waits for the page that has sent it, at least.
ADMITTED_SECONDS = 60.0
#: How often visitors' own data are looked through.
SWEEP_SECONDS = 20.0


class EngineFull(RuntimeError):
    """As many runs train as the settings allow."""


@dataclass(eq=False)
class WorkerProcess:
    """The web process's end of one worker."""

    pipe: Connection
    runs: dict[str, Run] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    pid: int = 0
    closing: bool = False


class LocalEngine:
    """Starts workers, gives runs to them, and keeps the runs. All methods belong to one event loop.

    Use it as ``async with LocalEngine(settings) as engine``.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.downloads = Downloads(settings.downloads)
        self.workers: list[WorkerProcess] = []
        self._runs: dict[str, Run] = {}
        self._shared: dict[str, Run] = {}
        self._attempts = itertools.count(1)
        self._readers: set[threading.Thread] = set()

    async def __aenter__(self) -> "LocalEngine":
        self._loop = asyncio.get_running_loop()
        self._nursery = Nursery()
        for _ in range(self.settings.workers):
            self._hire()
        self._sweep()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sweeper.cancel()
        for worker in self.workers:
            worker.closing = True
            _shut(worker.pipe)
        await self.downloads.close()
        await asyncio.to_thread(self._nursery.close)
        for reader in list(self._readers):
            await asyncio.to_thread(reader.join, 10)

    def _sweep(self) -> None:
        """Let go of visitors' own data whose pages have gone, now and then."""
        own.shelf().sweep()
        self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    async def warm(self) -> None:
        """Wait until every worker has warmed up."""
        await asyncio.gather(*(worker.ready.wait() for worker in self.workers))

    # -- runs ----------------------------------------------------------------------------------------------------

    def open(self, config: RunConfig) -> tuple[Run, bool]:
        """Return the run that all who ask for this configuration share, and whether it is new.

        Raises:
            EngineFull: a new one is needed and too many train already.
        """
        run = self._shared.get(config.key())
        if run is not None and run.status != "failed":
            return run, False
        return self._start(config, shared=True), True

    def find(self, run_id: str) -> Run | None:
        """Return the run of this id if it is still kept."""
        return self._runs.get(run_id)

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
        run.wake()

    def leave(self, run: Run, watcher: Watcher) -> None:
        """Remove a watcher. A run that nobody watches goes on for the grace time; one at step 0 is dropped at once."""
        run.watchers.discard(watcher)
        run.version += 1
        run.wake()
        if run.watchers:
            self.repace(run)
        else:
            self._loop.call_later(
                0 if run.untouched else self.settings.grace_seconds, self._end_unwatched, run
            )

    def repace(self, run: Run) -> None:
        """Tell the worker what the watchers now want, if that has changed."""
        if run.pace() != run.sent_pace and not run.over:
            run.sent_pace = run.pace()
            self._send(run, Pace(run.id, *run.sent_pace))

    def step(self, run: Run, n: int) -> None:
        """Take ``n`` single steps, each of them shown."""
        self._send(run, Steps(run.id, n))

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

    def _start(self, config: RunConfig, *, shared: bool) -> Run:
        if sum(len(worker.runs) for worker in self.workers) >= self.settings.runs:
            raise EngineFull(f"{self.settings.runs} runs train already")
        run = Run(
            f"{config.key()}-{next(self._attempts)}",
            config,
            Record(self.settings.record_frames),
            own=own.used_by(config),
        )
        self._runs[run.id] = run
        if shared:
            self._shared[config.key()] = run
        worker = min(self.workers, key=lambda each: len(each.runs))
        worker.runs[run.id] = run
        self._send(run, Start(run.id, config.canonical(), tuple(t.packed() for t in run.own)))
        return run

    def _end_unwatched(self, run: Run) -> None:
        if run.watchers or run.id not in self._runs:
            return
        self._send(run, Stop(run.id))
        self._release(run)
        if run.untouched or run.origin is not None or run.own:
            self._forget(run)
        elif not run.over:
            run.tell("ended")
        self._evict()

    def _evict(self) -> None:
        """Forget the records that were opened first until the rest fits."""
        idle = [run for run in self._runs.values() if run.over and not run.watchers]
        size = sum(run.record.nbytes for run in idle)
        for run in idle:
            if size > self.settings.records_mb * 2**20:
                size -= run.record.nbytes
                self._forget(run)

    def _forget(self, run: Run) -> None:
        self._runs.pop(run.id, None)
        if self._shared.get(run.config.key()) is run:
            del self._shared[run.config.key()]

    def _release(self, run: Run) -> None:
        for worker in self.workers:
            worker.runs.pop(run.id, None)

    # -- workers -------------------------------------------------------------------------------------------------

    def _hire(self) -> None:
        worker = WorkerProcess(
            self._nursery.worker(self.settings.frames_per_second, self.settings.slice_ms / 1000)
        )
        self.workers.append(worker)
        reader = threading.Thread(
            target=self._read, args=(worker,), name="worker-reader", daemon=True
        )
        self._readers.add(reader)
        reader.start()

    def _send(self, run: Run, message: Any) -> None:  # noqa: ANN401 - any message
        for worker in self.workers:
            if run.id in worker.runs:
                try:
                    worker.pipe.send(message)
                except OSError:
                    return  # the reader sees the closed pipe and reports the death

    def _read(self, worker: WorkerProcess) -> None:
        """Hand everything a worker says to the event loop (runs in a thread of its own)."""
        try:
            while True:
                self._post(self._on_message, worker, worker.pipe.recv())
        except (EOFError, OSError):
            self._post(self._on_death, worker)
        finally:
            self._readers.discard(threading.current_thread())

    def _post(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            return  # the event loop has closed: nobody is left to hear

    def _on_message(
        self, worker: WorkerProcess, message: Ready | Started | Emitted | Progress
    ) -> None:
        if isinstance(message, Ready):
            worker.pid = message.pid
            worker.ready.set()
        elif run := worker.runs.get(message.run):
            run.receive(message)
            if run.over:
                self._release(run)

    def _on_death(self, worker: WorkerProcess) -> None:
        worker.pipe.close()
        if worker.closing or worker not in self.workers:
            return
        self.workers.remove(worker)
        self._hire()
        for run in worker.runs.values():
            run.tell("failed", {"rule": "worker_died", "values": {"step": run.step}})


def _shut(pipe: Connection) -> None:
    """Close a pipe that another thread reads, so that the reader wakes up."""
    with socket.socket(fileno=pipe.fileno()) as end:
        end.shutdown(socket.SHUT_RDWR)
        end.detach()
