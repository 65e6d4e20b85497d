"""Drive a real engine from a test: worker processes, pipes and all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from normviz.config import RunConfig
from normviz.engine.local import LocalEngine
from normviz.engine.run import Run, Watcher
from normviz.frames import HEADER, Bins, Field, LaneInfo, Placed, Received, Schema, decode
from normviz.settings import Settings

TIMEOUT = 120


def with_engine(test: Callable[[LocalEngine], Awaitable[Any]], **settings: Any) -> Any:
    """Run an asynchronous test against a fresh engine with one warm worker."""

    async def main() -> Any:
        wanted: dict[str, Any] = {"workers": 1, **settings}
        async with LocalEngine(Settings(**wanted)) as engine:
            await asyncio.wait_for(engine.warm(), TIMEOUT)
            return await asyncio.wait_for(test(engine), TIMEOUT)

    return asyncio.run(main())


class Audience:
    """Somebody who watches a run and collects every frame."""

    def __init__(self, engine: LocalEngine, run: Run) -> None:
        self.engine, self.run = engine, run
        self.frames: dict[int, bytes] = {}
        self._news = asyncio.Event()
        self.watcher = Watcher(self._wake)
        engine.watch(run, self.watcher)

    def _wake(self) -> None:
        if latest := self.run.record.latest:
            self.frames[latest[1]] = latest[2]
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds, checking at every piece of news."""
        while not condition():
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), TIMEOUT)

    async def steps(self, n: int) -> None:
        """Take single steps and wait for their frames."""
        goal = self.run.step + n
        self.engine.step(self.run, n)
        await self.until(lambda: goal in self.frames)

    async def play_to_the_end(self) -> None:
        """Train at full speed until the run is over."""
        self.watcher.playing = True
        self.engine.repace(self.run)
        await self.until(lambda: self.run.over)

    def leave(self) -> None:
        """Stop watching."""
        self.engine.leave(self.run, self.watcher)

    def read(self, step: int) -> Received:
        """Decode the frame of a step."""
        return decode(schema_of(self.run), self.frames[step])

    def payload(self, step: int) -> bytes:
        """Return a frame's arrays and notes, without the header's number and time."""
        return self.frames[step][HEADER.size :]


async def start(engine: LocalEngine, config: RunConfig) -> Audience:
    """Open a run and watch it from its step 0."""
    audience = Audience(engine, engine.open(config)[0])
    await audience.until(lambda: audience.run.status != "starting")
    return audience


def schema_of(run: Run) -> Schema:
    """Read the schema back from the JSON that a page gets."""
    sent = run.schema
    assert sent is not None
    fields = []
    for each in sent["fields"]:
        bins = Bins(**each["bins"]) if each["bins"] else None
        field = Field(
            each["name"],
            tuple(each["axes"]),
            each["dtype"],
            each["label"],
            each["unit"],
            each["description"],
            each["log"],
            bins,
        )
        fields.append(Placed(field, each["lane"], tuple(each["shape"]), each["offset"]))
    return Schema(tuple(LaneInfo(**lane) for lane in sent["lanes"]), tuple(fields), sent["bytes"])
