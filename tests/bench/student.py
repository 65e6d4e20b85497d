"""A student: a page of the Lab and its live view, which trains what the page's controls say."""

import asyncio
import json
import random
import struct
import time
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from normviz.config import parse
from normviz.config.presets import PRESETS
from tests.bench.page import Page

SENT_AT, STEP_AT = 16, 12
#: Who has not seen a frame by then has seen an error.
PATIENCE = 30.0


@dataclass(frozen=True)
class Setting:
    """A preset of the Lab with a seed."""

    preset: str
    seed: int = 0

    def query(self) -> str:
        """Return it as a link."""
        return urlencode({**PRESETS[self.preset].link, "seed": str(self.seed)})


#: A list of 20: every preset, and the first six of them with another seed.
SETTINGS = (
    *(Setting(name) for name in PRESETS),
    *(Setting(name, 1) for name in list(PRESETS)[: 20 - len(PRESETS)]),
)


@dataclass
class Seen:
    """What a student has seen: seconds to first frames, ages of frames with when they came, and what went wrong."""

    arrivals: list[float] = field(default_factory=list)
    clicks: list[tuple[float, float]] = field(default_factory=list)
    trained: list[tuple[float, float]] = field(default_factory=list)
    frames: list[tuple[float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class Student:
    """Opens a link, presses Train if they are one who ``plays``, and clicks every so often; ``seen`` says what came."""

    def __init__(self, url: str, name: int, *, plays: bool = True) -> None:
        self.seen = Seen()
        self._url, self._name, self._plays = url.replace("http", "ws", 1), name, plays
        self._wanted: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._key = ""
        self._open = self._new = self._live_now = False
        self._first = asyncio.Event()
        self._came = self._pressed = 0.0

    async def attend(self, query: str, delay: float, clicks: Sequence["Click"]) -> None:
        """Come after a while, and click when it is time. Whatever goes wrong is noted, and ends it."""
        await asyncio.sleep(delay)
        try:
            async with AsyncExitStack() as stack:
                page = await stack.enter_async_context(_page(self._url))
                live = await stack.enter_async_context(_live(self._url))
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._hear(live))
                    tasks.create_task(self._ask(live))
                    await self._click_through(Page(page, self._wanted.put_nowait), query, clicks)
        except* Exception as group:
            self.seen.errors += [f"student {self._name}: {each!r}" for each in group.exceptions]

    async def _click_through(self, page: Page, query: str, clicks: Sequence["Click"]) -> None:
        self.seen.arrivals.append(await self._seconds(page.visit(query)))
        for click in clicks:
            await asyncio.sleep(click.after)
            pressed = time.time()
            self.seen.clicks.append((pressed, await self._seconds(click.on(page))))
        await asyncio.Event().wait()

    async def _seconds(self, doing: Coroutine[Any, Any, None]) -> float:
        """Do something to the page; return how long after it the first frame of the new run has come."""
        self._first.clear()
        start = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            await doing
            await self._first.wait()
        return self._came - start

    async def _ask(self, live: ClientConnection) -> None:
        """Open what the page says, as its component does."""
        while True:
            config = await self._wanted.get()
            self._key, self._open, self._live_now = parse(config).key(), False, False
            await live.send(json.dumps({"do": "open", "config": config}))

    async def _hear(self, live: ClientConnection) -> None:
        async for message in live:
            if isinstance(message, bytes):
                self._look(message)
                continue
            said = json.loads(message)
            if said["is"] == "opened" and said["run"].startswith(self._key):
                self._open = self._new = True
                if self._plays:
                    self._pressed = time.perf_counter() if said["how"] == "new" else 0.0
                    await live.send(json.dumps({"do": "play", "speed": 0}))
            elif said["is"] == "history":
                self._live_now = self._open
            elif said.get("status") == "ended" and self._plays and self._live_now:
                self._live_now = False  # it ended while nobody watched it: press Train again
                await live.send(json.dumps({"do": "again"}))
            elif said["is"] in ("error", "closing") or said.get("status") == "failed":
                self.seen.errors.append(f"student {self._name}: {message[:300]}")
        raise ConnectionError("the server has closed the stream")

    def _look(self, frame: bytes) -> None:
        if not self._open:
            return
        now = time.time()
        if self._new:
            self._new, self._came = False, time.perf_counter()
            self._first.set()
        if self._pressed and struct.unpack_from("<I", frame, STEP_AT)[0] > 0:
            self.seen.trained.append((now, time.perf_counter() - self._pressed))
            self._pressed = 0.0
        if self._live_now:
            self.seen.frames.append((now, now - struct.unpack_from("<d", frame, SENT_AT)[0]))


def _page(url: str) -> connect:
    return connect(url + "/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None)


def _live(url: str) -> connect:
    return connect(url + "/nv/live", compression=None, max_size=None, max_queue=8)


@dataclass(frozen=True)
class Click:
    """A control changed so many seconds after the last one: the preset, or where none is named, the seed."""

    after: float
    preset: str = ""
    seed: int = 0

    async def on(self, page: Page) -> None:
        """Do it."""
        if self.preset:
            await page.choose_preset(PRESETS[self.preset].title)
        else:
            await page.set_seed(self.seed)


def at_random(rng: random.Random, first: Setting, every: float, count: int) -> list[Click]:
    """Return the clicks to so many settings of the list, each another one than that before; some take two."""
    clicks, here = list[Click](), first
    for _ in range(count):
        there = rng.choice([setting for setting in SETTINGS if setting != here])
        moved = there.preset != here.preset or not there.seed
        clicks += [Click(every, there.preset)] if moved else []
        clicks += [Click(0.0 if moved else every, seed=there.seed)] if there.seed else []
        here = there
    return clicks


def never_twice(name: int, every: float, count: int) -> list[Click]:
    """Return clicks to seeds that nobody else has."""
    return [Click(every, seed=1000 * (name + 1) + index) for index in range(count)]
