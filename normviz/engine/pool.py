"""The worker processes of the local engine: who has which run, and the pipes to them."""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from normviz.engine.messages import Ready, Threads
from normviz.engine.nursery import Nursery
from normviz.engine.run import Run
from normviz.settings import Settings

#: Seconds at most until another worker is hired where they die before they are ready.
LONGEST_PAUSE = 30.0


@dataclass(eq=False)
class WorkerProcess:
    """The web process's end of one worker.

    Attributes:
        pipe: the pipe to it.
        runs: what it trains, by id.
        ready: set once it has warmed up.
        pid: its process, once it is ready.
        closing: whether it is to end.
        threads: how many cores it was told that the lanes of a run may use.
    """

    pipe: Connection
    runs: dict[str, Run] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    pid: int = 0
    closing: bool = False
    threads: int = 1

    @property
    def busy(self) -> bool:
        """Whether one of its runs trains."""
        return any(run.sent_pace[0] for run in self.runs.values())


class Pool:
    """Hires workers, hands what they say to the event loop, and replaces those that die.

    ``hear`` takes the run and the message about it; ``mourn`` takes the runs of a worker that has died.

    Attributes:
        workers: those that live.
        deaths: how many have died.
    """

    def __init__(
        self,
        settings: Settings,
        hear: Callable[[Run, Any], None],
        mourn: Callable[[list[Run]], None],
    ) -> None:
        self._settings, self._hear, self._mourn = settings, hear, mourn
        self._loop = asyncio.get_running_loop()
        self._nursery = Nursery()
        self._readers: set[threading.Thread] = set()
        self._homes: dict[str, WorkerProcess] = {}
        self.workers: list[WorkerProcess] = []
        self.deaths = 0
        self._stillborn, self._closed = 0, False
        for _ in range(settings.workers):
            self._hire()

    @property
    def able(self) -> bool:
        """Whether a run can be placed now."""
        return bool(self.workers)

    def warmth(self) -> tuple[int, int]:
        """Return how many workers are warm, and how many there are."""
        return sum(worker.ready.is_set() for worker in self.workers), len(self.workers)

    async def close(self) -> None:
        """End all workers and wait until they are gone."""
        self._closed = True
        for worker in self.workers:
            worker.closing = True
            _shut(worker.pipe)
        await asyncio.to_thread(self._nursery.close)
        for reader in list(self._readers):
            await asyncio.to_thread(reader.join, 10)

    async def warm(self) -> None:
        """Wait until every worker has warmed up."""
        await asyncio.gather(*(worker.ready.wait() for worker in self.workers))

    # -- runs ----------------------------------------------------------------------------------------------------

    def place(self, run: Run, past: Run | None = None) -> None:
        """Give a run to the worker that knows its past, or else to the one with the fewest."""
        worker = self._homes.get(past.id) if past else None
        worker = worker or min(self.workers, key=lambda each: len(each.runs))
        worker.runs[run.id] = run
        self._homes[run.id] = worker

    def knows(self, run: Run) -> bool:
        """Tell whether the worker that trains or trained this run is still there."""
        return run.id in self._homes

    def release(self, run: Run) -> None:
        """The run trains no more."""
        for worker in self.workers:
            worker.runs.pop(run.id, None)
        self.share()

    def forget(self, run: Run) -> None:
        """The run is not kept any more."""
        self.release(run)
        self._homes.pop(run.id, None)

    def count(self) -> int:
        """Return how many runs the workers have."""
        return sum(len(worker.runs) for worker in self.workers)

    def share(self) -> None:
        """Let the lanes of a run use the cores that no other worker needs."""
        busy = sum(worker.busy for worker in self.workers)
        threads = max(1, self._settings.workers // max(1, busy))
        for worker in self.workers:
            if worker.threads != threads:
                worker.threads = threads
                _send(worker, Threads(threads))

    def send(self, run: Run, message: Any) -> None:  # noqa: ANN401 - any message
        """Tell the worker of a run something."""
        if worker := self._homes.get(run.id):
            _send(worker, message)

    # -- workers -------------------------------------------------------------------------------------------------

    def _hire(self) -> None:
        settings = self._settings
        worker = WorkerProcess(
            self._nursery.worker(
                settings.frames_per_second,
                settings.slice_ms / 1000,
                float(settings.checkpoints_mb),
            )
        )
        self.workers.append(worker)
        reader = threading.Thread(
            target=self._read, args=(worker,), name="worker-reader", daemon=True
        )
        self._readers.add(reader)
        reader.start()

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

    def _on_message(self, worker: WorkerProcess, message: Any) -> None:  # noqa: ANN401 - any message
        if isinstance(message, Ready):
            worker.pid = message.pid
            worker.ready.set()
        elif run := worker.runs.get(message.run):
            self._hear(run, message)

    def _on_death(self, worker: WorkerProcess) -> None:
        worker.pipe.close()
        if worker.closing or worker not in self.workers:
            return
        self.workers.remove(worker)
        self.deaths += 1
        self._homes = {run: home for run, home in self._homes.items() if home is not worker}
        self._replace(worker)
        self._mourn(list(worker.runs.values()))
        self.share()

    def _replace(self, worker: WorkerProcess) -> None:
        """Hire another one; where they die before they are ready, only after a pause, which grows."""
        if worker.ready.is_set():
            self._stillborn = 0
            self._hire()
        else:
            self._stillborn += 1
            self._loop.call_later(min(2.0**self._stillborn, LONGEST_PAUSE), self._hire_later)

    def _hire_later(self) -> None:
        if not self._closed:
            self._hire()


def _send(worker: WorkerProcess, message: object) -> None:
    try:
        worker.pipe.send(message)
    except OSError:
        return  # the reader sees the closed pipe and reports the death


def _shut(pipe: Connection) -> None:
    """Close a pipe that another thread reads, so that the reader wakes up."""
    with socket.socket(fileno=pipe.fileno()) as end:
        end.shutdown(socket.SHUT_RDWR)
        end.detach()
