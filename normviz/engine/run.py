"""A run as the web process sees it: its record, its state, and who watches it."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from normviz.config import RunConfig
from normviz.data.own import Table
from normviz.engine.messages import Emitted, Progress, Started
from normviz.engine.record import Record

OVER = frozenset({"finished", "diverged", "failed", "ended"})


@dataclass(eq=False)
class Watcher:
    """Somebody who watches a run, and what they want of it. ``wake`` is called when there is something new."""

    wake: Callable[[], None]
    playing: bool = False
    speed: float = 0.0


@dataclass(eq=False)
class Run:
    """One attempt at a configuration.

    Attributes:
        id: unique, ``<key of the configuration>-<attempt>``. Ids are public by design: a run holds nothing private.
        schema: describes its frames; None until the worker has built it.
        status: ready, running, paused, finished, diverged, failed or ended; "starting" before there is a schema.
        started: set once there is a schema or the start has failed.
        version: counts changes of the state.
        origin: of a run that came with a recording, where it was trained; None of all others.
        own: the visitors' own data that it uses; held as long as the run is kept.
        revived: whether its worker has died once already, and another goes on with it.
        past: until it has started, the run from whose state it may go on, and how many frames that one had.
    """

    id: str
    config: RunConfig
    record: Record
    schema: dict[str, Any] | None = None
    status: str = "starting"
    step: int = 0
    rate: float = 0.0
    notice: dict[str, Any] | None = None
    watchers: set[Watcher] = field(default_factory=set)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    version: int = 0
    sent_pace: tuple[bool, float] = (False, 0.0)
    origin: Mapping[str, Any] | None = None
    own: tuple[Table, ...] = ()
    revived: bool = False
    past: "tuple[Run, int] | None" = None

    @property
    def over(self) -> bool:
        """Whether it will not train any more."""
        return self.status in OVER

    @property
    def untouched(self) -> bool:
        """Whether it still is the untrained network that nobody has asked to train."""
        return self.status in ("starting", "ready") and self.step == 0

    def state(self) -> dict[str, Any]:
        """Return what its viewers are told."""
        return {
            "is": "state",
            "run": self.id,
            "status": self.status,
            "step": self.step,
            "steps": self.config.steps,
            "rate": round(self.rate, 1),
            "watchers": len(self.watchers),
            "notice": self.notice,
        }

    def pace(self) -> tuple[bool, float]:
        """Return what the watchers together want: playing if anybody does, as fast as the fastest (0 is fastest)."""
        speeds = [watcher.speed for watcher in self.watchers if watcher.playing]
        return bool(speeds), 0.0 if 0.0 in speeds else max(speeds, default=0.0)

    def receive(self, message: Started | Emitted | Progress) -> None:
        """Take in what the worker said and wake the watchers."""
        match message:
            case Started(schema=schema):
                self.schema = schema
            case Emitted(seq=seq, step=step, data=data):
                self.record.append(seq, step, data)
                self.step = max(self.step, step)
            case Progress(status=status, step=step, rate=rate, notice=notice):
                self.tell(status, notice, step=max(self.step, step), rate=rate)
        self.wake()

    def tell(
        self,
        status: str,
        notice: dict[str, Any] | None = None,
        *,
        step: int | None = None,
        rate: float = 0.0,
    ) -> None:
        """Change the state."""
        self.status, self.notice, self.rate = status, notice, rate
        self.step = self.step if step is None else step
        self.version += 1
        self.started.set()
        self.wake()

    def wake(self) -> None:
        """Wake all watchers."""
        for watcher in self.watchers:
            watcher.wake()
