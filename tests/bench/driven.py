"""The worker's own loop, without a process around it."""

import time
from collections import deque
from contextlib import suppress
from typing import Any

from normviz.config import LaneConfig, RunConfig
from normviz.engine.messages import Emitted, Pace, Start
from normviz.engine.worker import Worker


class Clock:
    """A pipe whose other end says what is queued, counts what is sent, and closes when the time is over."""

    def __init__(self) -> None:
        self.queued: deque[Any] = deque()
        self.until = 0.0
        self.frames = self.step = 0

    def poll(self, timeout: float | None) -> bool:
        """Tell whether something is queued; the worker waits for nothing while it trains."""
        if not self.queued and time.perf_counter() >= self.until:
            raise EOFError
        return bool(self.queued)

    def recv(self) -> Any:
        """Return what is queued."""
        return self.queued.popleft()

    def send(self, message: Any) -> None:
        """Count frames."""
        if isinstance(message, Emitted):
            self.frames += 1


class DrivenWorker:
    """A worker that trains one run at full speed, shows frames by the clock, and stops when told."""

    def __init__(self, lane: LaneConfig, fps: float = 30.0, slice_s: float = 0.005) -> None:
        self.pipe = Clock()
        self.worker = Worker(self.pipe, fps, slice_s)  # pyright: ignore[reportArgumentType]
        config = RunConfig(lane=lane, steps=100_000).canonical()
        self.pipe.queued += [Start("bench", config), Pace("bench", True, 0.0)]

    @property
    def step_count(self) -> int:
        """Steps so far."""
        turns = self.worker._turns
        return turns["bench"].trainer.step_count if turns else 0

    def timed(self, seconds: float) -> tuple[int, float, int]:
        """Train for a while; return steps, seconds and frames."""
        steps, frames, start = self.step_count, self.pipe.frames, time.perf_counter()
        self.pipe.until = start + seconds
        with suppress(EOFError):
            self.worker.serve()
        return self.step_count - steps, time.perf_counter() - start, self.pipe.frames - frames
