"""The engine that runs in this process, for those who are not on its event loop: the scripts of the pages."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from normviz.config import RunConfig
from normviz.engine.asking import Answer, Question
from normviz.engine.local import LocalEngine
from normviz.engine.numbers import Numbers
from normviz.engine.rooms import RoomRefused, Shown
from normviz.engine.run import Run

T = TypeVar("T")

#: A busy event loop answers within this; a page then simply says nothing of the run.
PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Recorded:
    """What is recorded of a run at one moment.

    Attributes:
        config: its configuration.
        schema: describes the frames, as the JSON object that pages are sent.
        frames: the encoded frames, in order.
    """

    config: RunConfig
    schema: dict[str, Any]
    frames: tuple[bytes, ...]


@dataclass(frozen=True)
class Kept:
    """A run as an operator sees it: how far it is, in steps and steps a second, who watches, and its record's bytes."""

    id: str
    status: str
    step: int
    steps: int
    rate: float
    viewers: int
    nbytes: int


@dataclass(frozen=True)
class Found:
    """A room as a page finds it: its code, what is shown in it, and what is asked, if something is."""

    code: str
    shown: Shown | None
    asked: Question | None


class Running:
    """Asks the engine from another thread; without an engine nothing is known."""

    def __init__(self) -> None:
        self._engine: tuple[LocalEngine, asyncio.AbstractEventLoop] | None = None

    @contextmanager
    def lend(self, engine: LocalEngine) -> Generator[None]:
        """Let the threads ask this engine, from its own event loop, until the block ends."""
        self._engine = engine, asyncio.get_running_loop()
        try:
            yield
        finally:
            self._engine = None

    def record(self, run_id: str) -> Recorded | None:
        """Return what is recorded of a run; None of one that is not known, or not any more, or has no frame yet."""
        return self._ask(lambda engine: _record(engine, run_id))

    def numbers(self) -> Numbers | None:
        """Return what an operator watches, as it is now; None without an engine, or when it does not answer."""
        return self._ask(lambda engine: engine.numbers())

    def runs(self) -> tuple[Kept, ...]:
        """Return all runs that are kept, the newest first."""
        return self._ask(lambda engine: tuple(map(_kept, reversed(engine.runs())))) or ()

    def open_room(self) -> tuple[str, str]:
        """Open a room; return its code and its key.

        Raises:
            RoomRefused: there are as many as there may be, or there is no engine.
        """

        def opened(engine: LocalEngine) -> tuple[str, str]:
            room = engine.rooms.open()
            return room.code, room.key

        return self._insist(opened)

    def room(self, code: str) -> Found:
        """Return the room of this code, as somebody typed it.

        Raises:
            RoomRefused: there is none.
        """

        def found(engine: LocalEngine) -> Found:
            room = engine.rooms.find(code)
            return Found(room.code, room.shown, room.asked and room.asked.question)

        return self._insist(found)

    def leads(self, code: str, key: str) -> bool:
        """Tell whether there is a room of this code with this key."""
        try:
            self._insist(lambda engine: engine.rooms.led_by(code, key))
        except RoomRefused:
            return False
        return True

    def ask(self, code: str, key: str, question: Question) -> None:
        """Ask the class in the room.

        Raises:
            RoomRefused: there is no room of this code with this key.
        """

        def ask(engine: LocalEngine) -> bool:
            engine.rooms.ask(engine.rooms.led_by(code, key), question)
            return True

        self._insist(ask)

    def reveal(self, code: str, key: str, right: Answer | None = None) -> None:
        """Let the class see its answers, and what the run has shown; nothing happens where there is no such room."""

        def reveal(engine: LocalEngine) -> None:
            with suppress(RoomRefused):
                engine.rooms.reveal(engine.rooms.led_by(code, key), right)

        self._ask(reveal)

    def answers(self, code: str, key: str) -> str:
        """Return the answers to what is asked as a table; empty where nothing is."""

        def answers(engine: LocalEngine) -> str:
            asked = engine.rooms.led_by(code, key).asked
            return asked.csv() if asked else ""

        try:
            return self._insist(answers)
        except RoomRefused:
            return ""

    def end_room(self, code: str, key: str) -> None:
        """End the room; nothing happens where there is none of this code and this key."""

        def end(engine: LocalEngine) -> None:
            with suppress(RoomRefused):
                engine.rooms.end(engine.rooms.led_by(code, key), "end")

        self._ask(end)

    def _insist(self, question: Callable[[LocalEngine], T]) -> T:
        answer = self._ask(question)
        if answer is None:
            raise RoomRefused("busy", "The server does not answer. Try again in a moment.")
        return answer

    def _ask(self, question: Callable[[LocalEngine], T]) -> T | None:
        """Put a question on the engine's own event loop, where nothing changes meanwhile."""
        if self._engine is None:
            return None
        engine, loop = self._engine

        async def answer() -> T:
            return question(engine)

        asked = asyncio.run_coroutine_threadsafe(answer(), loop)
        try:
            return asked.result(PATIENCE_SECONDS)
        except TimeoutError:
            asked.cancel()
            return None


def _record(engine: LocalEngine, run_id: str) -> Recorded | None:
    run = engine.find(run_id)
    if run is None or run.schema is None or run.record.latest is None:
        return None
    frames = tuple(run.record.between(-1, run.record.latest[0] + 1))
    return Recorded(run.config, run.schema, frames)


def _kept(run: Run) -> Kept:
    return Kept(
        run.id,
        run.status,
        run.step,
        run.config.steps,
        run.rate,
        len(run.watchers),
        run.record.nbytes,
    )


@cache
def running() -> Running:
    """Return the one of this process."""
    return Running()
