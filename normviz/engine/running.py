"""The engine that runs in this process, for those who are not on its event loop: the scripts of the pages."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from normviz.config import RunConfig
from normviz.engine.local import LocalEngine

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
        if self._engine is None:
            return None
        engine, loop = self._engine
        asked = asyncio.run_coroutine_threadsafe(_record(engine, run_id), loop)
        try:
            return asked.result(PATIENCE_SECONDS)
        except TimeoutError:
            asked.cancel()
            return None


async def _record(engine: LocalEngine, run_id: str) -> Recorded | None:
    """Copy the record on the engine's own event loop, where nothing is appended meanwhile."""
    run = engine.find(run_id)
    if run is None or run.schema is None or run.record.latest is None:
        return None
    frames = tuple(run.record.between(-1, run.record.latest[0] + 1))
    return Recorded(run.config, run.schema, frames)


@cache
def running() -> Running:
    """Return the one of this process."""
    return Running()
