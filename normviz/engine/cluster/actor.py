"""What runs in the cluster: an actor, a process of its own, with a worker for one run."""

import queue
import threading
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_limits

#: Messages that wait in the actor, besides those that the stream lets wait; when they are full, training waits too.
QUEUED = 4
#: An actor that has nothing to say says so this often, in seconds.
BEAT_EVERY = 1.0


@dataclass(frozen=True)
class Beat:
    """The actor lives and has nothing else to say."""


class QueuePipe:
    """The worker's end of a pipe whose other end are two methods of the actor."""

    def __init__(self) -> None:
        self.said = queue.Queue[Any](QUEUED)
        self._asked = deque[Any]()
        self._early = dict[int, Any]()
        self._next = 0
        self._news = threading.Condition()

    def ask(self, number: int, message: Any) -> None:  # noqa: ANN401 - any message
        """Put a message for the worker, who reads them by number: Ray's calls may arrive in another order."""
        with self._news:
            self._early[number] = message
            while self._next in self._early:
                self._asked.append(self._early.pop(self._next))
                self._next += 1
            self._news.notify()

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Wait until the worker is asked something; tell whether it is."""
        with self._news:
            return self._news.wait_for(lambda: bool(self._asked), timeout)

    def recv(self) -> Any:  # noqa: ANN401 - any message
        """Return what the worker is asked next."""
        with self._news:
            self._news.wait_for(lambda: bool(self._asked))
            return self._asked.popleft()

    def send(self, obj: Any, /) -> None:  # noqa: ANN401 - any message
        """Say something, or wait while too much is unread."""
        self.said.put(obj)


class TrainingActor:
    """Trains in a thread, streams what its worker says, and takes what it is asked: two calls at the same time.

    ``settings`` go to :func:`normviz.engine.worker.main`; ``warm`` is whether there is time to warm up.
    """

    def __init__(self, warm: bool, *settings: float) -> None:
        self._pipe, self._warm, self._settings = QueuePipe(), warm, settings

    def stream(self) -> Generator[Any]:
        """Warm up and yield everything the worker says, for ever; raise what ended it."""
        threading.Thread(target=self._train, name="training", daemon=True).start()
        while True:
            try:
                message = self._pipe.said.get(timeout=BEAT_EVERY)
            except queue.Empty:
                message = Beat()
            if isinstance(message, Exception):
                raise message
            yield message

    def ask(self, number: int, message: Any) -> None:  # noqa: ANN401 - any message
        """Pass a message on to the worker; they are numbered from 0."""
        self._pipe.ask(number, message)

    def _train(self) -> None:
        try:
            from normviz.engine import worker

            threadpool_limits(
                1
            )  # Ray's own processes load NumPy before anybody can set OPENBLAS_NUM_THREADS
            worker.main(self._pipe, *self._settings, warm=self._warm)
        except Exception as error:
            self._pipe.send(error)
