"""One run in a worker: its trainer, and when its next step is due."""

import math
import time
from dataclasses import dataclass, field

from normviz import frames
from normviz.data.own import Table
from normviz.train.trainer import Trainer

#: Steps at a stretch that nobody looks at, at most.
STRETCH = 16


@dataclass
class Turn:
    """One run in this worker: its trainer and when its next step is due.

    Attributes:
        playing: whether it trains by itself.
        interval: seconds from step to step; 0 is as fast as possible.
        owed: single steps that were asked for.
        due: when the next step may be taken.
        seq: number of the next frame.
        shown: step of the last frame.
        frame_due: when the next frame is due.
        mark: step and time of the last progress report, from which the rate is taken.
        own: the visitors' own data that it uses.
        keep_due: when its state is kept next.
        known: the last step whose frame is known already; up to there it trains whether it plays or not.
        used: processor time that counts for whose turn it is, in seconds.
        cpu_s: processor time that it has taken.
        step_s: how long a step takes that is not shown, in seconds, as measured last.
    """

    run: str
    trainer: Trainer
    playing: bool = False
    interval: float = 0.0
    owed: int = 0
    due: float = 0.0
    seq: int = 0
    shown: int = -1
    frame_due: float = 0.0
    mark: tuple[int, float] = field(default_factory=lambda: (0, time.monotonic()))
    rate: float = 0.0
    own: tuple[Table, ...] = ()
    keep_due: float = 0.0
    known: int = -1
    used: float = 0.0
    cpu_s: float = 0.0
    step_s: float = math.inf

    @property
    def behind(self) -> bool:
        """Whether it is not yet where it was before its worker died."""
        return self.trainer.step_count < self.known

    def waits(self, now: float) -> float | None:
        """Return the seconds until the next step, or None when none is wanted."""
        if self.owed or self.behind:
            return 0.0
        return max(0.0, self.due - now) if self.playing else None

    def advance(self, seconds: float) -> frames.Frame | None:
        """Take as many steps at a stretch as should fit into this time, one at least."""
        began, before = time.monotonic(), self.trainer.step_count
        frame = self.trainer.advance(max(1, min(STRETCH, int(seconds / self.step_s))), False)
        taken = self.trainer.step_count - before
        if frame is None and taken:
            self.step_s = max((time.monotonic() - began) / taken, 1e-6)
        return frame
