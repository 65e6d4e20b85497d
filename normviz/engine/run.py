"""A run as the web process sees it: its record, its state, and who watches it."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from normviz import logs
from normviz.config import RunConfig
from normviz.data.own import Table
from normviz.engine.messages import Emitted, Progress, Started
from normviz.engine.record import Record

OVER = frozenset({"finished", "diverged", "failed", "ended"})
_log = logs.of(__name__)


@dataclass(eq=False)
class Watcher:
    """Somebody who watches a run, and what they want of it. ``wake`` is called when there is something new."""

    wake: Callable[[], None]
    playing: bool = False
    speed: float = 0.0


@dataclass(frozen=True)
class Place:
    """Where a run waits: its place in the line (1 is next), of how many, and about how many seconds still."""

    place: int
    of: int
    seconds: float


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
        place: where it waits for its turn to train; None if it does not.
        build: of a run that comes from the store, with what it was trained; else empty.
        asleep: whether it comes from the store, and no worker knows it until somebody plays it.
        opened: when it was opened here, in seconds of the monotonic clock.
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
    place: Place | None = None
    build: str = ""
    asleep: bool = False
    opened: float = field(default_factory=time.monotonic)
    past: "tuple[Run, int] | None" = None

    @property
    def over(self) -> bool:
        """Whether it will not train any more."""
        return self.status in OVER

    @property
    def stopped(self) -> bool:
        """Whether it ended before its last step because nobody watched it or a limit was reached."""
        rule = self.notice["rule"] if self.notice else None
        return self.status == "ended" and rule in (None, "time_limit", "cpu_limit")

    @property
    def untouched(self) -> bool:
        """Whether it still is the untrained network that nobody has asked to train."""
        return self.status in ("starting", "ready") and self.step == 0

    def state(self) -> dict[str, Any]:
        """Return what its viewers are told."""
        return {
            "is": "state",
            "run": self.id,
            "status": "queued" if self.place and not self.over else self.status,
            "queue": asdict(self.place) if self.place else None,
            "step": self.step,
            "steps": self.config.steps,
            "rate": round(self.rate, 1),
            "watchers": len(self.watchers),
            "notice": self.notice,
        }

    def seat(self, place: Place | None) -> None:
        """Tell the watchers where it waits; whole seconds are news enough."""
        place = place and replace(place, seconds=float(math.ceil(place.seconds)))
        if place != self.place:
            self.place = place
            self.version += 1
            self.wake()

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
                if step < self.step and status in ("running", "paused"):
                    notice = {"rule": "catching_up", "values": {"to": self.step}}
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
        before = self.status
        self.status, self.notice, self.rate = status, notice, rate
        self.step = self.step if step is None else step
        self.version += 1
        self.started.set()
        if status != before:
            self.log(status)
        self.wake()

    def log(self, what: str) -> None:
        """Write to the server's log what has become of it."""
        _log.info(
            f"run {what}",
            run=self.id,
            key=self.config.key(),
            step=self.step,
            seconds=round(time.monotonic() - self.opened, 1),
            viewers=len(self.watchers),
            rule=self.notice["rule"] if self.notice else None,
        )

    def wake(self) -> None:
        """Wake all watchers."""
        for watcher in self.watchers:
            watcher.wake()
