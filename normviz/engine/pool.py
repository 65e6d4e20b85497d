"""The worker processes of the local engine: who has which run, and the pipes to them."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from normviz import logs
from normviz.engine.messages import Ping, Pong, Ready, Threads
from normviz.engine.nursery import Nursery
from normviz.engine.run import Run
from normviz.settings import Settings

#: Seconds at most until another worker is hired where they die before they are ready.
LONGEST_PAUSE = 30.0
_log = logs.of(__name__)


@dataclass(eq=False)
class WorkerProcess:
    """The web process's end of one worker.

    Attributes:
        pipe: the pipe to it.
        runs: what it trains, by id.
        ready: set once it has warmed up.
        pid: its process, once it is ready.
        closing: whether it is to end.
        outbox: what it is to be told. A thread sends it, for a worker that does not listen would stop who does.
        asked: when it was asked whether it is there and has not answered yet; 0 otherwise.
        threads: how many cores it was told that the lanes of a run may use.
    """

    pipe: Connection
    runs: dict[str, Run] = field(default_factory=dict)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    pid: int = 0
    closing: bool = False
    threads: int = 1
    outbox: SimpleQueue[Any] = field(default_factory=SimpleQueue)
    asked: float = 0.0

    @property
    def busy(self) -> int:
        """How many of its runs train."""
        return sum(run.sent_pace[0] for run in self.runs.values())

    def tell(self, message: Any) -> None:  # noqa: ANN401 - any message
        """Have the worker told something."""
        self.outbox.put(message)

    def send(self) -> None:
        """Send what it is to be told until it is gone (runs in a thread of its own)."""
        while (message := self.outbox.get()) is not None:
            try:
                self.pipe.send(message)
            except OSError:
                return  # the reader sees the closed pipe and reports the death


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
        self._look()

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
        self._looking.cancel()
        for worker in self.workers:
            worker.closing = True
            worker.tell(None)
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
        worker = worker or min(self.workers, key=lambda each: (each.busy, len(each.runs)))
        for other in self.workers:
            other.runs.pop(run.id, None)
        worker.runs[run.id] = run
        self._homes[run.id] = worker

    def crowded(self, run: Run) -> bool:
        """Tell whether this run would have more of a processor with another worker."""
        home = self._homes.get(run.id)
        return home is not None and home.busy > min(worker.busy for worker in self.workers)

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
        busy = sum(bool(worker.busy) for worker in self.workers)
        threads = max(1, self._settings.workers // max(1, busy))
        for worker in self.workers:
            if worker.threads != threads:
                worker.threads = threads
                worker.tell(Threads(threads))

    def send(self, run: Run, message: Any) -> None:  # noqa: ANN401 - any message
        """Tell the worker of a run something."""
        if worker := self._homes.get(run.id):
            worker.tell(message)

    # -- workers -------------------------------------------------------------------------------------------------

    def _hire(self) -> None:
        settings = self._settings
        worker = WorkerProcess(
            self._nursery.worker(
                settings.frames_per_second,
                settings.slice_ms / 1000,
                float(settings.checkpoints_mb),
                settings.cpu_minutes * 60,
                float(settings.worker_mb),
            )
        )
        self.workers.append(worker)
        reader = threading.Thread(
            target=self._read, args=(worker,), name="worker-reader", daemon=True
        )
        self._readers.add(reader)
        reader.start()
        threading.Thread(target=worker.send, name="worker-sender", daemon=True).start()

    def _look(self) -> None:
        """Ask all workers whether they are there, and end those that have not answered for too long."""
        now, patience = self._loop.time(), self._settings.stall_seconds
        for worker in self.workers:
            if not worker.asked and worker.ready.is_set():
                worker.asked = now
                worker.tell(Ping())
            elif worker.asked and now - worker.asked > patience:
                _log.warning("worker killed", worker=worker.pid, seconds=patience)
                os.kill(worker.pid, signal.SIGKILL)
        self._looking = self._loop.call_later(patience / 4, self._look)

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
            _log.info("worker ready", worker=worker.pid)
        elif isinstance(message, Pong):
            worker.asked = 0.0
        elif run := worker.runs.get(message.run):
            self._hear(run, message)

    def _on_death(self, worker: WorkerProcess) -> None:
        worker.tell(None)
        worker.pipe.close()
        if worker.closing or worker not in self.workers:
            return
        self.workers.remove(worker)
        self.deaths += 1
        _log.warning("worker died", worker=worker.pid, runs=len(worker.runs))
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


def _shut(pipe: Connection) -> None:
    """Close a pipe that another thread reads, so that the reader wakes up."""
    with socket.socket(fileno=pipe.fileno()) as end:
        end.shutdown(socket.SHUT_RDWR)
        end.detach()
