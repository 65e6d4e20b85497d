"""What a page says over its WebSocket: a real engine and viewer, before workers that start runs and never train."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any
from unittest import mock

from normviz.engine import pools
from normviz.engine.local import LocalEngine
from normviz.engine.messages import Emitted, Progress, Start, Started, Steps
from normviz.engine.pools import Hear, Mourn
from normviz.engine.run import Run
from normviz.settings import Settings
from normviz.stream.messages import LONGEST_ERROR
from normviz.stream.viewer import MAX_QUEUED, Viewer
from tests.fuzz.binary import FRAMES, JSON_WORDS, SCHEMA
from tests.fuzz.target import Target

MOST_MESSAGES = 8
KINDS = {"opened", "history", "state", "error", "download"}


class Starting:
    """Workers that build every run at once and never train it."""

    workers: Sequence[Any] = ()
    deaths = 0
    able = True

    def __init__(self, _: Settings, hear: Hear, __: Mourn) -> None:
        self._hear, self._runs = hear, dict[str, Run]()

    def warmth(self) -> tuple[int, int]:
        return 1, 1

    async def warm(self) -> None: ...

    async def close(self) -> None: ...

    def place(self, run: Run, past: Run | None = None) -> None:
        self._runs[run.id] = run

    def crowded(self, run: Run) -> bool:
        return False

    def knows(self, run: Run) -> bool:
        return run.id in self._runs

    def release(self, run: Run) -> None:
        self._runs.pop(run.id, None)

    def forget(self, run: Run) -> None:
        self._runs.pop(run.id, None)

    def count(self) -> int:
        return len(self._runs)

    def share(self) -> None: ...

    def send(self, run: Run, message: Any) -> None:
        if isinstance(message, Start):
            self._hear(run, Started(run.id, SCHEMA.to_json()))
            self._hear(run, Emitted(run.id, 0, 0, FRAMES[0]))
            self._hear(run, Progress(run.id, "ready", 0, 0.0, None))
        if isinstance(message, Steps):
            assert 1 <= message.n <= 100


async def converse(messages: Sequence[str]) -> None:
    """Say all this, one after the other; everything is answered, and nothing is left behind."""
    settings = Settings(downloads=False, grace_seconds=0, workers=1, held=4)
    with mock.patch.object(pools, "Pool", Starting):
        async with LocalEngine(settings) as engine:
            viewer = Viewer(engine)
            for message in messages:
                await asyncio.wait_for(viewer.obey(message), 10)
                check(viewer)
            viewer.close()
            assert engine.numbers().viewers == 0


def check(viewer: Viewer) -> None:
    """Look at what the page would be sent."""
    assert len(viewer._queue) <= MAX_QUEUED
    while viewer._queue:
        if isinstance(item := viewer._queue.popleft(), str):
            told = json.loads(item)
            assert told["is"] in KINDS
            assert told["is"] != "error" or len(told["values"]["text"]) <= LONGEST_ERROR + 1


def read_messages(data: bytes) -> None:
    """Be a page that says every line of this."""
    lines = data.decode("utf-8", "replace").split("\n")
    asyncio.run(converse(lines[:MOST_MESSAGES]))


def conversations() -> Sequence[bytes]:
    """Return what pages say."""
    config = {"lane": {"depth": 2, "dataset": "digits"}, "others": [{"norm": "batch"}], "steps": 9}
    turn = {"lane": 1, "at": 5, "changes": {"lr": 0.5}}
    opening = {"do": "open", "config": config, "run": None, "server": "0a", "after": -1}
    forked = {**opening, "config": {**config, "interventions": [turn]}, "run": "x-1"}
    pace = [{"do": "play", "speed": 30}, {"do": "step", "n": 3}, {"do": "pause"}]
    more = [{"do": "backfill", "after": -1, "before": 5}, {"do": "reset"}, {"do": "again"}]
    asked = [{"do": "download", "dataset": "mnist"}, {"do": "cancel"}]
    talks = [[opening, *pace], [forked, *more], asked, [opening, forked, *asked]]
    return ["\n".join(map(json.dumps, talk)).encode() for talk in talks]


_VERBS = tuple(f'{{"do":"{verb}"}}\n'.encode() for verb in ("reset", "again", "cancel", "pause"))

TARGETS = {"messages": Target(read_messages, (), conversations, words=(*JSON_WORDS, *_VERBS))}
