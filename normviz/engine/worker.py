"""A worker: one process, one torch thread, many runs that take turns of a few milliseconds."""

import gc
import json
import math
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import torch

from normviz import frames
from normviz.config import RunConfig, parse, shared_past
from normviz.data.own import Table, shelf
from normviz.engine.failing import diverged, failure
from normviz.engine.messages import (
    Emitted,
    Forget,
    Pace,
    Ping,
    Pong,
    Progress,
    Ready,
    Start,
    Started,
    Steps,
    Stop,
    Threads,
)
from normviz.engine.past import Translation
from normviz.engine.pipe import Pipe
from normviz.engine.turn import Turn
from normviz.train.checkpoints import Checkpoints
from normviz.train.trainer import Trainer, one_by_one

PROGRESS_EVERY = 0.5
#: A run that trains is kept to go on from so often, and never for more than this share of its time.
KEEP_EVERY, KEEP_SHARE = 0.5, 0.02
#: Seconds for which one lane's thread may hold the interpreter while another's matrix product is done and waits for it.
SWITCH = 0.0005


class Worker:
    """Runs in turns. ``fps`` bounds the frames a run emits a second, ``slice_s`` the length of a turn.

    ``checkpoints_mb`` is the memory for states to go on from, ``cpu_s`` the processor time that a run may take.
    """

    def __init__(
        self,
        pipe: Pipe,
        fps: float,
        slice_s: float,
        checkpoints_mb: float = 64,
        cpu_s: float = math.inf,
    ) -> None:
        self._pipe, self._frame_every, self._slice = pipe, 1 / fps, slice_s
        self._turns: dict[str, Turn] = {}
        self._checkpoints = Checkpoints(int(checkpoints_mb * 2**20))
        self._pool: ThreadPoolExecutor | None = None
        self._cpu_s, self._least = cpu_s, 0.0

    def serve(self) -> None:
        """Do what the pipe asks until it closes."""
        while True:
            self._listen()
            if turn := self._next():
                self._guarded(turn.run, self._spend, turn)

    def _next(self) -> Turn | None:
        """Return the run whose turn it is: of those with a step due, the one that has used the least processor time.

        One that had nothing to do meanwhile saves no time up for later.
        """
        now = time.monotonic()
        ready = [turn for turn in self._turns.values() if turn.waits(now) == 0.0]
        for turn in ready:
            turn.used = max(turn.used, self._least)
        chosen = min(ready, key=lambda turn: turn.used, default=None)
        self._least = chosen.used if chosen else self._least
        return chosen

    def _spend(self, turn: Turn) -> None:
        """Let a run train, and count what that costs; one that has had all it may have ends."""
        began = time.process_time()
        try:
            self._take(turn)
        finally:
            spent = time.process_time() - began
            turn.used, turn.cpu_s = turn.used + spent, turn.cpu_s + spent
        if turn.cpu_s > self._cpu_s and turn.run in self._turns:
            del self._turns[turn.run]
            values = {"step": turn.trainer.step_count, "minutes": self._cpu_s / 60}
            notice = {"rule": "cpu_limit", "values": values}
            self._pipe.send(Progress(turn.run, "ended", turn.trainer.step_count, 0.0, notice))

    def _listen(self) -> None:
        waits = [
            wait
            for turn in self._turns.values()
            if (wait := turn.waits(time.monotonic())) is not None
        ]
        timeout = min(waits) if waits else None
        while self._pipe.poll(timeout):
            message = self._pipe.recv()
            if isinstance(message, Threads):
                self._use(message.n)
            elif isinstance(message, Ping):
                self._pipe.send(Pong())
            else:
                self._guarded(message.run, self._obey, message)
            timeout = 0

    def _use(self, threads: int) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self._pool = ThreadPoolExecutor(threads) if threads > 1 else None
        sys.setswitchinterval(SWITCH)

    def _each(self, work: Callable[[int], None], lanes: Sequence[int]) -> None:
        """Let lanes work at the same time, if several cores may be used."""
        if self._pool is None or len(lanes) < 2:
            one_by_one(work, lanes)
        else:
            for _ in self._pool.map(work, lanes):
                pass

    def _guarded(self, run: str, action: Any, argument: Any) -> None:  # noqa: ANN401 - either of two actions
        """Let a run that fails end with a notice; the others go on."""
        try:
            action(argument)
        except (BrokenPipeError, EOFError):
            raise
        except Exception as error:  # whatever it was must reach the person who watches
            step = self._turns[run].trainer.step_count if run in self._turns else 0
            self._turns.pop(run, None)
            self._pipe.send(Progress(run, "failed", step, 0.0, failure(error, argument, step)))

    def _obey(self, message: Start | Pace | Steps | Stop | Forget) -> None:
        if isinstance(message, Start):
            self._start(message)
        elif isinstance(message, Forget):
            self._checkpoints.forget(message.run)
        elif turn := self._turns.get(message.run):
            match message:
                case Stop():
                    del self._turns[message.run]
                case Steps(n=n):
                    turn.owed = min(turn.owed + n, 1000)
                case Pace(playing=playing, speed=speed):
                    self._pace(turn, playing, speed)

    def _start(self, message: Start) -> None:
        own = tuple(shelf().put(Table.unpacked(data)) for data in message.own)
        trainer = Trainer(parse(json.loads(message.config)), self._each)
        turn = Turn(message.run, trainer, own=own, known=message.known)
        self._turns[message.run] = turn
        if message.known >= 0:
            turn.seq, turn.shown = message.seq, message.known
        schema = trainer.schema.to_json()
        self._go_on(turn, message, schema)
        self._pipe.send(Started(message.run, schema, trainer.step_count))
        if not trainer.finished and not trainer.step_count:
            self._emit(turn, trainer.frame())
        self._report(turn)

    def _go_on(self, turn: Turn, message: Start, schema: dict[str, Any]) -> None:
        """Go on from where the run and the offered past part, if there is a state not long before."""
        trainer, offered = turn.trainer, self._checkpoints.latest(message.past)
        past = shared_past(offered.config, trainer.config) if offered else None
        kept = self._checkpoints.latest(message.past, past.until) if past else None
        if kept and past and Translation.between(kept.schema, schema, past.lanes):
            trainer.resume(kept.state, past.lanes)
            turn.seq, turn.shown = message.seq, trainer.step_count

    def _pace(self, turn: Turn, playing: bool, speed: float) -> None:
        now = time.monotonic()
        if turn.playing and not playing and turn.shown != turn.trainer.step_count:
            turn.owed += 1  # the step at which it pauses has to be shown, and is reported then
        if playing and not turn.playing:
            turn.mark, turn.rate = (turn.trainer.step_count, now), 0.0
        turn.playing, turn.interval, turn.due = playing, 1 / speed if speed else 0.0, now
        if playing or not turn.owed:
            self._report(turn)

    def _take(self, turn: Turn) -> None:
        """Train for one slice, or until no further step is due."""
        end = time.monotonic() + self._slice
        while turn.waits(now := time.monotonic()) == 0.0:
            frame = self._step(turn, now, end)
            turn.due = max(turn.due + turn.interval, now) if turn.interval else now
            if frame is not None:
                self._emit(turn, frame)
                self._keep(turn)
            if turn.trainer.finished:
                return self._finish(turn)
            if time.monotonic() >= end:
                break
        if now - turn.mark[1] >= PROGRESS_EVERY or not (turn.playing or turn.owed):
            self._report(turn)
        return None

    def _step(self, turn: Turn, now: float, end: float) -> frames.Frame | None:
        """Take one step, or as many at a stretch as fit into the slice while no frame is due."""
        if turn.behind:
            return turn.trainer.step(False)
        paced = bool(turn.owed or turn.interval >= self._frame_every)
        if paced or turn.interval or now >= turn.frame_due:
            turn.owed = max(0, turn.owed - 1)
            return turn.trainer.step(paced or now >= turn.frame_due)
        return turn.advance(min(end, turn.frame_due) - now)

    def _keep(self, turn: Turn) -> None:
        """Keep the run's state to go on from, if it is time."""
        began = time.monotonic()
        if began >= turn.keep_due and turn.trainer.step_count:
            self._checkpoints.keep(turn.run, turn.trainer)
            ended = time.monotonic()
            turn.keep_due = ended + max(KEEP_EVERY, (ended - began) / KEEP_SHARE)

    def _emit(self, turn: Turn, frame: frames.Frame) -> None:
        if frame.step <= turn.known:
            return
        data = frames.encode(turn.trainer.schema, frame, turn.seq, time.time())
        turn.trainer.let_go()
        self._pipe.send(Emitted(turn.run, turn.seq, frame.step, data))
        turn.seq, turn.shown = turn.seq + 1, frame.step
        turn.frame_due = (
            max(turn.frame_due, time.monotonic() - self._frame_every) + self._frame_every
        )

    def _report(self, turn: Turn) -> None:
        trainer, now = turn.trainer, time.monotonic()
        if turn.playing and now > turn.mark[1]:
            turn.rate = (trainer.step_count - turn.mark[0]) / (now - turn.mark[1])
        turn.mark = trainer.step_count, now
        status = (
            "running"
            if turn.playing
            else "paused"
            if trainer.step_count or turn.owed or turn.behind
            else "ready"
        )
        notice = diverged(trainer.divergences[-1]) if trainer.divergences else None
        if trainer.finished:
            status = "diverged" if len(trainer.divergences) == len(trainer.lanes) else "finished"
        self._pipe.send(
            Progress(
                turn.run, status, trainer.step_count, turn.rate if turn.playing else 0.0, notice
            )
        )

    def _finish(self, turn: Turn) -> None:
        turn.playing, turn.owed = False, 0
        self._report(turn)
        del self._turns[turn.run]


def main(
    pipe: Pipe,
    fps: float,
    slice_s: float,
    checkpoints_mb: float,
    cpu_s: float = math.inf,
    memory_mb: float = 0,
    *,
    warm: bool = True,
) -> None:
    """Warm up with two steps of the default run, say so, and serve until the pipe closes.

    Settings as in :class:`Worker`, and :func:`bound`. Where a run waits already there is no time to warm up.
    """
    torch.set_num_threads(1)
    bound(memory_mb)
    if warm:
        with suppress(
            torch.OutOfMemoryError
        ):  # a GPU that is full: the runs that want it will say so
            Trainer(RunConfig()).step(measure=True)
    gc.collect()
    gc.freeze()
    try:
        pipe.send(Ready(os.getpid()))
        Worker(pipe, fps, slice_s, checkpoints_mb, cpu_s).serve()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def bound(memory_mb: float) -> None:
    """Let this process have no more memory for data; 0 is no limit, and a GPU's driver reserves more than any limit.

    What wants more fails, and with it the run that wanted it, where without a limit the system would end a process,
    and not always this one.
    """
    if memory_mb and not torch.cuda.is_available():
        limit = int(memory_mb * 2**20)
        resource.setrlimit(
            resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1])
        )
