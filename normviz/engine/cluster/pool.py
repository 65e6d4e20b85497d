"""The actors of the front end in a Ray cluster: one a run, and a spare one or more that are warm."""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from normviz.engine.cluster.actor import Beat
from normviz.engine.cluster.connection import Connection, Processors, processors
from normviz.engine.cluster.home import Home
from normviz.engine.messages import Ready
from normviz.engine.run import Run
from normviz.settings import Settings

#: Seconds from one look at the actors to the next, and until a run that has no processor yet says so.
LOOK_EVERY, PATIENCE = 1.0, 2.0
#: An actor that is silent for so many times the time after which its watchers are told counts as dead.
LOST = 3
#: So many further actors are asked for where the cluster loses one before it has started.
TRIES = 3
#: Seconds at most until another spare actor is hired where they die before they are ready.
LONGEST_PAUSE = 60.0
_log = logging.getLogger(__name__)


class ClusterPool:
    """A :class:`normviz.engine.pools.TrainingPool` in a Ray cluster.

    ``hear`` takes the run and the message about it; ``mourn`` takes the run of an actor that has died.

    Attributes:
        workers: the actors: those that train, those that are spare, and those that wait for a processor.
        deaths: how many have died.

    Raises:
        ClusterAbsent: there is no connection.
    """

    def __init__(
        self,
        settings: Settings,
        hear: Callable[[Run, Any], None],
        mourn: Callable[[list[Run]], None],
    ) -> None:
        self._settings, self._hear, self._mourn = settings, hear, mourn
        self._loop = asyncio.get_running_loop()
        self._readers: set[threading.Thread] = set()
        self._stillborn, self._spare_due = 0, 0.0
        self.workers: list[Home] = []
        self.deaths = 0
        self._connection = Connection(settings.ray_address, self._look)
        self._processors = processors()
        self._fill()
        self._watching = asyncio.create_task(self._watch())

    @property
    def able(self) -> bool:
        """Whether a run can be placed now: always, for it may wait for a processor."""
        return True

    @property
    def capacity(self) -> int:
        """How many runs can train at the same time: one a processor of the cluster."""
        return self._processors.total

    def warmth(self) -> tuple[int, int]:
        """Return the processors of the cluster, twice: they are ready whenever we are connected."""
        return self.capacity, self.capacity

    async def warm(self) -> None:
        """Wait until the spare actors have warmed up."""
        await asyncio.gather(*(home.ready.wait() for home in self.workers if home.run is None))

    async def close(self) -> None:
        """End all actors, and leave the cluster."""
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        for home in self.workers:
            home.end()
        self.workers = []
        for reader in list(self._readers):
            await asyncio.to_thread(reader.join, 10)
        await asyncio.to_thread(self._connection.close)

    # -- runs ----------------------------------------------------------------------------------------------------

    def place(self, run: Run, past: Run | None = None) -> None:
        """Give the run a spare actor, or one that the cluster will start when it has a processor."""
        spare = [home for home in self.workers if home.run is None]
        spare.sort(key=lambda home: (not home.ready.is_set(), home.since))
        home = spare[0] if spare else self._hire(warm=False)
        home.run, home.since = run, self._loop.time()
        self._fill()

    def crowded(self, run: Run) -> bool:
        """Every run has a processor to itself."""
        return False

    def knows(self, run: Run) -> bool:
        """No other run goes on from a state of this one: its actor ends with it."""
        return False

    def release(self, run: Run) -> None:
        """End the actor of a run that trains no more."""
        if home := self._home(run):
            self.workers.remove(home)
            home.end()
            self._fill()

    def forget(self, run: Run) -> None:
        """The run is not kept any more."""
        self.release(run)

    def count(self) -> int:
        """Return how many runs train or wait."""
        return sum(home.run is not None for home in self.workers)

    def share(self) -> None:
        """Every actor has one processor, whatever the others do."""

    def send(self, run: Run, message: Any) -> None:  # noqa: ANN401 - any message
        """Tell the actor of a run something."""
        if home := self._home(run):
            home.ask(message)

    def _home(self, run: Run) -> Home | None:
        return next((home for home in self.workers if home.run is run), None)

    # -- actors --------------------------------------------------------------------------------------------------

    def _fill(self) -> None:
        """Hire spare actors for processors that are left."""
        spare = sum(home.run is None for home in self.workers)
        room = min(self._settings.ray_spares - spare, self.capacity - len(self.workers))
        if self._loop.time() >= self._spare_due:
            for _ in range(room):
                self._hire(warm=True)

    def _hire(self, *, warm: bool) -> Home:
        settings = self._settings
        home = Home.hire(
            self._loop.time(),
            warm,
            settings.frames_per_second,
            settings.slice_ms / 1000,
            float(settings.checkpoints_mb),
            settings.cpu_minutes * 60,
            float(settings.worker_mb),
        )
        self.workers.append(home)
        reader = threading.Thread(target=self._read, args=(home,), name="ray-reader", daemon=True)
        self._readers.add(reader)
        reader.start()
        return home

    def _read(self, home: Home) -> None:
        """Hand everything an actor says to the event loop (runs in a thread of its own)."""
        error = home.read(lambda message: self._post(self._on_message, home, message))
        self._readers.discard(threading.current_thread())
        if error:
            self._post(self._on_death, home, error)

    def _post(self, call: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            return  # the event loop has closed: nobody is left to hear

    def _on_message(self, home: Home, message: Any) -> None:  # noqa: ANN401 - any message
        home.slots.release()
        if home.closing:
            return
        home.heard = self._loop.time()
        home.asked.clear()
        home.tell(None)
        if isinstance(message, Ready):
            home.pid, self._stillborn = message.pid, 0
            home.ready.set()
        elif home.run and not isinstance(message, Beat):
            self._hear(home.run, message)

    def _on_death(self, home: Home, error: Exception) -> None:
        if home.closing or home not in self.workers:
            return
        _log.warning("A training process in the cluster has ended: %s", error)
        self.workers.remove(home)
        home.end()
        self.deaths += 1
        if not home.ready.is_set():
            self._stillborn += 1
            self._spare_due = self._loop.time() + min(2.0**self._stillborn, LONGEST_PAUSE)
        if home.run and home.heard is None and home.tries < TRIES:
            self._try_again(home, home.run)
        elif home.run:
            self._mourn([home.run])

    def _try_again(self, lost: Home, run: Run) -> None:
        """Ask for another actor where one never started: Ray gives runs to a lost node until it knows of the loss."""
        home = self._hire(warm=False)
        home.run, home.tries = run, lost.tries + 1
        for message in lost.asked:
            home.ask(message)

    # -- the watchdog --------------------------------------------------------------------------------------------

    def _look(self, now: Processors) -> None:
        """Take in what processors there are (called from the connection's thread)."""
        self._post(self._learn, now)

    def _learn(self, now: Processors) -> None:
        self._processors = now

    async def _watch(self) -> None:
        """Look after actors that wait or are silent; Ray itself notices a node that is cut off after a minute."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now, stall = self._loop.time(), self._settings.ray_stall_seconds
            for home in list(self.workers):
                if home.heard is None:
                    if now - home.since > PATIENCE and self._processors.free < 1:
                        home.tell({"rule": "waits_for_processor", "values": {"n": self.capacity}})
                elif now - home.heard > LOST * stall:
                    self._on_death(home, TimeoutError(f"it was silent for {LOST * stall:g} s"))
                elif now - home.heard > stall:
                    step = home.run.step if home.run else 0
                    values = {"step": step, "seconds": round(stall)}
                    home.tell({"rule": "not_answering", "values": values})
            self._fill()
