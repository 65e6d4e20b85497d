"""The front end's end of one actor: what it trains, and when it was heard last."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import ray

from normviz.engine.cluster.actor import TrainingActor
from normviz.engine.run import Run

#: Messages on their way at most: in Ray's stream, and between the reader's thread and the event loop.
ON_THE_WAY = 8
#: Seconds that a reader waits at most until it looks whether it is still wanted.
LOOK_EVERY = 1.0


@dataclass(eq=False)
class Home:
    """One actor.

    Attributes:
        actor, stream: the handle of the actor, and what it says.
        since: when it was asked for.
        heard: when it said something last; None until the cluster has found a processor for it.
        run: what it trains; None of a spare one.
        ready: set once it has warmed up.
        pid: its process, on whatever machine, once it is ready.
        closing: whether it is to end.
        asked: what it was asked before it was heard.
        tries: how many actors before this one the cluster has lost before it could start them.
        told: what the watchers of its run have been told of the actor; None when all is well.
    """

    actor: Any
    stream: Any
    since: float
    heard: float | None = None
    run: Run | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    pid: int = 0
    closing: bool = False
    asked: list[Any] = field(default_factory=list[Any])
    tries: int = 0
    told: dict[str, Any] | None = None
    numbers: Iterator[int] = field(default_factory=itertools.count)
    slots: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(ON_THE_WAY))

    @classmethod
    def hire(cls, now: float, warm: bool, *settings: float) -> "Home":
        """Ask the cluster for an actor, which gets the rest. It waits there until a processor is free."""
        kind = ray.remote(TrainingActor)  # pyright: ignore[reportUnknownVariableType]
        actor: Any = kind.options(num_cpus=1, max_restarts=0, max_concurrency=2).remote(
            warm, *settings
        )
        stream = actor.stream.options(
            num_returns="streaming", _generator_backpressure_num_objects=ON_THE_WAY
        ).remote()
        return cls(actor, stream, now)

    def ask(self, message: Any) -> None:  # noqa: ANN401 - any message
        """Tell the actor something; if it is gone, the reader reports that."""
        if self.heard is None:
            self.asked.append(message)
        self.actor.ask.remote(next(self.numbers), message)

    def tell(self, notice: dict[str, Any] | None) -> None:
        """Tell the watchers of its run something about the actor, or None when that is over."""
        if self.run is None or notice == self.told:
            return
        if notice or self.run.notice == self.told:
            self.run.notice = notice
            self.run.version += 1
            self.run.wake()
        self.told = notice

    def read(self, hear: Callable[[Any], None]) -> Exception | None:
        """Hand over all that the actor says until it is to end; return what ended it (for a thread of its own).

        Whoever takes a message has to release ``slots`` afterwards: that is how a slow event loop slows training down.
        """
        try:
            while not self.closing:
                arrived, _ = ray.wait([self.stream], timeout=LOOK_EVERY, fetch_local=False)
                if arrived:
                    message = ray.get(next(self.stream))
                    self.slots.acquire()
                    hear(message)
        except StopIteration:
            return RuntimeError("the stream has ended")
        except Exception as error:  # Ray's errors, or the actor's own
            return error
        return None

    def end(self) -> None:
        """End the actor at once; the processor is free for the next one."""
        self.closing = True
        self.slots.release()
        ray.kill(self.actor)
