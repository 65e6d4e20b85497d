"""Which runs train now: as many as the settings allow and none for too long; the others wait in line."""

import asyncio
from collections.abc import Callable
from typing import Any

from normviz.engine.line import Line
from normviz.engine.messages import Pace
from normviz.engine.pools import TrainingPool
from normviz.engine.run import Run
from normviz.settings import Settings

#: Seconds from one look at the line to the next.
LOOK_EVERY = 1.0


class Turns:
    """Tells workers to train what watchers want trained, as soon as it is a run's turn. Belongs to one event loop.

    ``settle`` is called with a run that is about to train, ``end`` with one that has trained for as long as it may, and
    with a notice for it.
    """

    def __init__(
        self,
        settings: Settings,
        pool: TrainingPool,
        settle: Callable[[Run], None],
        end: Callable[[Run, dict[str, Any]], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._pool, self._settle, self._end = pool, settle, end
        self._minutes = settings.run_minutes
        self._line = Line(settings.runs, settings.queue, self._minutes * 60, self._loop.time)
        self._look()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line.waiting)

    @property
    def training(self) -> int:
        """How many train."""
        return self._line.training

    def close(self) -> None:
        """Look at the line no more."""
        self._looking.cancel()

    def repace(self, run: Run) -> None:
        """Let the worker do what the watchers now want, or let the run wait for its turn.

        Raises:
            LineFull: it would have to wait, and too many do.
        """
        if run.over:
            return self.leave(run)
        wanted = run.pace()
        if wanted[0] and not self._line.enter(run):
            wanted = False, 0.0
            self._seat()
        self._tell(run, wanted)
        if not run.pace()[0]:
            self.leave(run)
        return None

    def leave(self, run: Run) -> None:
        """The run trains no more, or not now."""
        gone = [run]
        while gone:
            leaving = gone.pop()
            leaving.seat(None)
            for called in self._line.leave(leaving):
                called.seat(None)
                self._tell(called, called.pace())
                if not called.pace()[0]:
                    gone.append(called)  # nobody has come back for it
        self._seat()

    def _tell(self, run: Run, pace: tuple[bool, float]) -> None:
        if pace != run.sent_pace:
            if pace[0] and not run.sent_pace[0]:
                self._settle(run)
            run.sent_pace = pace
            self._pool.send(run, Pace(run.id, *pace))
            self._pool.share()

    def _seat(self) -> None:
        for run, place in self._line.places():
            run.seat(place)

    def _look(self) -> None:
        for run in self._line.overdue():
            self._end(
                run,
                {"rule": "time_limit", "values": {"step": run.step, "minutes": self._minutes}},
            )
        if self._line.waiting:
            self._seat()
        self._looking = self._loop.call_later(LOOK_EVERY, self._look)
