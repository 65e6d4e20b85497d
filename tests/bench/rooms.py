"""A lecturer and a hundred students in a room: how long until the last of them shows what the lecturer shows.

Every student has both connections of a page: the room's, and the run's, on which it opens what is shown. The server is
the one that :mod:`tests.engine.live_server` starts; all clients share one process beside it, on the same machine.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.bench.report import Result, Row, at_most, median
from tests.browser.serving import ROOT, free_port

STUDENTS = 100
TOGGLES = 20
HELD = 40
#: Seconds in which a class is to see what its lecturer does.
TARGET = 0.5
LANE = {"dataset": "digits", "depth": 5, "width": 50}
NORMS = ("none", "batch", "layer", "group")
ACTIVATIONS = ("sigmoid", "tanh", "relu", "linear", "elu")


def bench() -> Result:
    """Toggle, and hold one step after another; wait each time until all are there."""
    with server() as port:
        told, painted, held = asyncio.run(_lesson(port))
    name = f"room of {STUDENTS}, {{}}: until the last one (s)"
    rows = [
        at_most(name.format("a toggle, first frame of its run"), median(painted), TARGET),
        Row(name.format("the same, slowest toggle"), f"{max(painted):.3g}"),
        at_most(name.format("a step that is held"), median(held), TARGET),
        Row(name.format("the same, slowest"), f"{max(held):.3g}"),
    ]
    return Result(rows, {"told_s": told, "painted_s": painted, "held_s": held})


@contextmanager
def server() -> Generator[int]:
    """Run a server until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "tests.engine.live_server", str(port), "20"]
    environment = {**os.environ, "NORMVIZ_WORKERS": "2"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with suppress(OSError):
                _get(port, "/now")
                break
            time.sleep(0.2)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _get(port: int, path: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return json.load(answer)


class Student:
    """A page that follows: what it was told last, and whether the run of it has shown a frame."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] = {}
        self.told_at = self.painted_at = 0.0
        self.news = asyncio.Event()

    async def attend(self, port: int, code: str) -> None:
        """Follow until cancelled."""
        async with _open(port, "/nv/room") as room, _open(port, "/nv/live") as live:
            await room.send(json.dumps({"do": "enter", "as": "follow", "code": code}))
            await asyncio.gather(self._follow(room, live), self._watch(live))

    async def _follow(self, room: ClientConnection, live: ClientConnection) -> None:
        async for message in room:
            told = json.loads(message)
            if told["is"] != "shown" or told["shown"] is None:
                continue
            self.told_at = time.perf_counter()
            before, self.shown = self.shown, told["shown"]
            if before.get("config") != self.shown["config"]:
                self.painted_at = 0.0
                await live.send(json.dumps({"do": "open", "config": self.shown["config"]}))
            self.news.set()

    async def _watch(self, live: ClientConnection) -> None:
        opened = False
        async for message in live:
            if isinstance(message, str):
                told = json.loads(message)
                opened = opened or told["is"] == "opened"
                if told["is"] == "opened":
                    self.painted_at = 0.0
            elif opened and not self.painted_at:
                self.painted_at = time.perf_counter()
                self.news.set()


def _open(port: int, path: str) -> connect:
    return connect(f"ws://127.0.0.1:{port}{path}", max_size=None, compression=None)


async def _lesson(port: int) -> tuple[list[float], list[float], list[float]]:
    room = await asyncio.to_thread(_get, port, "/open")
    students = [Student() for _ in range(STUDENTS)]
    tasks = [asyncio.create_task(student.attend(port, room["code"])) for student in students]
    told, painted, held = list[float](), list[float](), list[float]()
    async with _open(port, "/nv/room") as lecturer:
        who = {"as": "lead", "code": room["code"], "key": room["key"]}
        await lecturer.send(json.dumps({"do": "enter", **who}))
        async for message in lecturer:
            if json.loads(message).get("follow") == STUDENTS:
                break
        for index in range(TOGGLES):
            config = {"lane": {**LANE, **_toggled(index)}, "steps": 100_000}
            begun = await _show(lecturer, config, None)
            await _until(students, lambda s, b=begun: s.told_at > b and s.painted_at > b)
            told.append(max(student.told_at for student in students) - begun)
            painted.append(max(student.painted_at for student in students) - begun)
            await asyncio.sleep(0.2)
        config = {"lane": {**LANE, **_toggled(0)}, "steps": 100_000}
        for step in range(HELD):
            begun = await _show(lecturer, config, step)
            await _until(students, lambda s, step=step: s.shown["step"] == step)
            held.append(max(student.told_at for student in students) - begun)
            await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return told, painted, held


def _toggled(index: int) -> dict[str, str]:
    return {"norm": NORMS[index % 4], "activation": ACTIVATIONS[index // 4]}


async def _show(lecturer: ClientConnection, config: dict[str, Any], step: int | None) -> float:
    begun = time.perf_counter()
    await lecturer.send(json.dumps({"do": "show", "config": config, "step": step}))
    return begun


async def _until(students: list[Student], holds: Any) -> None:
    async with asyncio.timeout(60):
        for student in students:
            while not holds(student):
                student.news.clear()
                await student.news.wait()
