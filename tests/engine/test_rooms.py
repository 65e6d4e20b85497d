"""Rooms: who may lead, what a class is told, and how a room ends."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from normviz.config import RunConfig, from_link
from normviz.engine.rooms import LETTERS, SEATS, Part, RoomRefused, Rooms, Seat, Shown
from normviz.stream.attendant import Attendant
from tests.browser.serving import ROOT, free_port

LANE: dict[str, Any] = {"depth": 2, "width": 16, "dataset": "digits"}
CONFIG = {"lane": LANE, "steps": 100_000}


class Page:
    """The page's side of one attendant."""

    def __init__(self, rooms: Rooms) -> None:
        self.attendant = Attendant(rooms)

    async def say(self, **message: Any) -> None:
        await self.attendant.obey(json.dumps(message))

    async def hear(self) -> dict[str, Any] | None:
        told = await asyncio.wait_for(self.attendant.next(), 10)
        return json.loads(told) if told else None

    async def quiet(self) -> bool:
        """Tell whether nothing more comes."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.attendant.next(), 0.05)
            return False
        return True


def in_rooms(test, most: int = 4, seconds: float = 60.0) -> None:
    async def main() -> None:
        rooms = Rooms(most, seconds)
        await asyncio.wait_for(test(rooms), 30)
        rooms.close()

    asyncio.run(main())


async def led(rooms: Rooms) -> tuple[Page, Page, str]:
    """Return a lecturer's page and a student's in a room of its code."""
    room = rooms.open()
    lecturer, student = Page(rooms), Page(rooms)
    await lecturer.say(**{"do": "enter", "as": "lead", "code": room.code, "key": room.key})
    await student.say(**{"do": "enter", "as": "follow", "code": room.code.lower()})
    assert await lecturer.hear() == {"is": "entered", "code": room.code, "as": "lead"}
    assert await student.hear() == {"is": "entered", "code": room.code, "as": "follow"}
    assert await lecturer.hear() == {"is": "people", "follow": 1, "explore": 0}
    assert await student.hear() == {"is": "shown", "led": True, "shown": None}
    return lecturer, student, room.code


def test_a_class_is_told_what_the_lecturer_shows():
    async def test(rooms: Rooms) -> None:
        lecturer, student, code = await led(rooms)
        view = {"run": "r-1", "step": 40, "difference": True, "solo": 1}
        await lecturer.say(do="show", config=CONFIG, **view)
        told = await student.hear()
        assert told is not None and {name: told["shown"][name] for name in view} == view
        assert told["shown"]["config"]["lane"]["depth"] == 2
        await lecturer.say(do="show", config=CONFIG, **view)
        assert await student.quiet(), "nothing is new"
        late = Page(rooms)
        await late.say(**{"do": "enter", "as": "follow", "code": code})
        await late.hear()
        assert await late.hear() == told
        assert await lecturer.hear() == {"is": "people", "follow": 2, "explore": 0}
        assert await lecturer.quiet(), "who leads is not told what it shows"

    in_rooms(test)


def test_only_the_newest_of_what_is_shown_is_sent():
    async def test(rooms: Rooms) -> None:
        lecturer, student, _ = await led(rooms)
        for step in range(200):
            await lecturer.say(do="show", config=CONFIG, step=step)
        told = await student.hear()
        assert told is not None and told["shown"]["step"] == 199
        assert await student.quiet()

    in_rooms(test)


def test_who_steps_aside_is_counted_as_such_and_comes_back():
    async def test(rooms: Rooms) -> None:
        lecturer, student, code = await led(rooms)
        await student.say(**{"do": "enter", "as": "explore", "code": code})
        assert await student.hear() == {"is": "entered", "code": code, "as": "explore"}
        assert await lecturer.hear() == {"is": "people", "follow": 0, "explore": 1}
        student.attendant.close()
        assert await lecturer.hear() == {"is": "people", "follow": 0, "explore": 0}

    in_rooms(test)


@pytest.mark.parametrize("key", ["", "none", "é", "A" * 32])
def test_nobody_leads_without_the_key(key):
    async def test(rooms: Rooms) -> None:
        lecturer, student, code = await led(rooms)
        await student.say(**{"do": "enter", "as": "lead", "code": code, "key": key})
        told = await student.hear()
        assert told is not None and told["rule"] == "room_key"
        for wish in ({"do": "show", "config": CONFIG}, {"do": "end"}):
            await student.say(**wish)
            told = await student.hear()
            assert told is not None and told["rule"] == "message", told
        assert rooms.find(code).shown is None
        assert await lecturer.hear() == {"is": "people", "follow": 0, "explore": 0}

    in_rooms(test)


@pytest.mark.parametrize(
    ("said", "rule", "words"),
    [
        ("{", "message", "JSON object"),
        ('{"do": "dance"}', "message", "do: dance is not possible now; allowed: enter"),
        ('{"do": "enter", "as": "king"}', "message", "as: king is not possible; allowed: one of"),
        ('{"do": "enter", "as": "follow", "code": "abc!"}', "no_room", "no room ABC! on this"),
        ('{"do": "enter", "as": "follow"}', "no_room", "5 of the characters"),
    ],
)
def test_what_cannot_be_is_answered(said, rule, words):
    async def test(rooms: Rooms) -> None:
        page = Page(rooms)
        await page.attendant.obey(said)
        told = await page.hear()
        assert told is not None and told["is"] == "error" and told["rule"] == rule
        assert words in told["values"]["text"]

    in_rooms(test)


@pytest.mark.parametrize(
    ("wrong", "rule", "words"),
    [
        ({"config": {"lane": {"depth": 0}}}, "config", "depth"),
        ({"config": CONFIG, "step": -1}, "message", "step: -1 is not possible"),
        ({"config": CONFIG, "step": True}, "message", "a whole number from 0"),
        ({"config": CONFIG, "solo": 4}, "message", "a whole number from 0 to 3"),
    ],
)
def test_what_cannot_be_shown_changes_nothing(wrong, rule, words):
    async def test(rooms: Rooms) -> None:
        lecturer, student, _ = await led(rooms)
        await lecturer.say(do="show", **wrong)
        told = await lecturer.hear()
        assert told is not None and told["rule"] == rule and words in told["values"]["text"]
        assert await student.quiet()
        await lecturer.say(do="show", config=CONFIG)
        assert (await student.hear() or {})["shown"]["config"]["lane"]["depth"] == 2

    in_rooms(test)


def test_a_room_ends_by_itself_when_its_lecturer_stays_away():
    async def test(rooms: Rooms) -> None:
        lecturer, student, code = await led(rooms)
        lecturer.attendant.close()
        assert (await student.hear() or {})["led"] is False
        again = Page(rooms)
        key = rooms.find(code).key
        await again.say(**{"do": "enter", "as": "lead", "code": code, "key": key})
        assert (await student.hear() or {})["led"] is True
        await asyncio.sleep(0.5)
        assert await student.quiet(), "a lecturer who has come back keeps the room"
        again.attendant.close()
        assert (await student.hear() or {})["led"] is False
        assert await student.hear() == {"is": "ended", "why": "away"}
        assert await student.hear() is None
        with pytest.raises(RoomRefused):
            rooms.find(code)

    in_rooms(test, seconds=0.3)


def test_a_room_that_its_lecturer_ends_is_gone_for_all():
    async def test(rooms: Rooms) -> None:
        lecturer, student, code = await led(rooms)
        await lecturer.say(do="end")
        assert await student.hear() == {"is": "ended", "why": "end"}
        assert await lecturer.hear() == {"is": "ended", "why": "end"}
        await student.say(**{"do": "enter", "as": "follow", "code": code})
        assert not len(rooms)

    in_rooms(test)


def test_there_are_so_many_rooms_and_seats_and_no_more():
    async def test(rooms: Rooms) -> None:
        codes = {rooms.open().code for _ in range(4)}
        assert len(codes) == 4 and all(set(code) <= set(LETTERS) for code in codes)
        with pytest.raises(RoomRefused, match="4 rooms are open on this server already"):
            rooms.open()
        room = rooms.find(min(codes))
        for _ in range(SEATS):
            rooms.enter(room, Seat(lambda: None, Part.FOLLOW))
        with pytest.raises(RoomRefused, match=f"{SEATS} pages are in room {room.code} already"):
            rooms.enter(room, Seat(lambda: None, Part.EXPLORE))
        rooms.enter(room, Seat(lambda: None, Part.LEAD))
        rooms.end(room, "end")
        assert rooms.open()

    in_rooms(test)


def test_a_key_is_long_and_nothing_of_it_is_told():
    async def test(rooms: Rooms) -> None:
        _, student, code = await led(rooms)
        key = rooms.find(code).key
        assert len(key) == 32 and code not in key
        rooms.show(rooms.find(code), Shown(RunConfig()))
        assert key not in json.dumps(await student.hear())

    in_rooms(test)


# -- a real server --------------------------------------------------------------------------------------------------


@dataclass
class Server:
    """A server with rooms, in a process of its own."""

    port: int

    def get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return json.load(answer)

    def page(self, path: str = "/nv/room") -> connect:
        return connect(f"ws://127.0.0.1:{self.port}{path}", max_size=None, compression=None)


@pytest.fixture(scope="module")
def server() -> Generator[Server]:
    server = Server(free_port())
    command = [sys.executable, "-m", "tests.engine.live_server", str(server.port), "20"]
    environment = {**os.environ, "NORMVIZ_WORKERS": "1", "NORMVIZ_LOG": "json"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    try:
        end = time.monotonic() + 90
        while process.poll() is None and time.monotonic() < end:
            with suppress(OSError):
                server.get("/now")
                break
            time.sleep(0.2)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert b"Traceback" not in said, said[-3000:].decode()


async def hear(page: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next message of this kind."""
    async with asyncio.timeout(20):
        while True:
            message = json.loads(await page.recv())
            assert message["is"] != "error", message
            if message["is"] == kind:
                return message


async def enter(page: ClientConnection, code: str, part: str, key: str = "") -> None:
    await page.send(json.dumps({"do": "enter", "as": part, "code": code, "key": key}))
    assert (await hear(page, "entered"))["as"] == part


def test_a_hundred_follow_every_toggle_and_watch_one_run(server):
    """Configurations, held steps and following: all hundred come to each, and one run serves the room."""
    shown: list[dict[str, Any]] = [
        {"config": {**CONFIG, "lane": {**LANE, "norm": norm}}, "step": step}
        for norm, step in [("none", None), ("batch", None), ("batch", 12), ("layer", 0)]
    ]
    shown.append({"config": json.loads(from_link({"b.norm": "batch", "lr@5": "0.1"}).canonical())})

    async def main() -> None:
        room = await asyncio.to_thread(server.get, "/open")
        async with AsyncExitStack() as opened:
            lecturer = await opened.enter_async_context(server.page())
            await enter(lecturer, room["code"], "lead", room["key"])
            students = [await opened.enter_async_context(server.page()) for _ in range(100)]
            await asyncio.gather(*(enter(page, room["code"], "follow") for page in students))
            while (await hear(lecturer, "people"))["follow"] < 100:
                pass
            for view in shown:
                await lecturer.send(json.dumps({"do": "show", **view}))
                told = await asyncio.gather(*(until_shown(page, view) for page in students))
                assert len({json.dumps(each) for each in told}) == 1
            await one_run(server, opened, shown[0]["config"])
            await lecturer.send(json.dumps({"do": "end"}))
            for page in students:
                assert (await hear(page, "ended"))["why"] == "end"
        now = await asyncio.to_thread(server.get, "/now")
        assert now["held"] <= 1

    asyncio.run(main())


async def until_shown(page: ClientConnection, view: dict[str, Any]) -> dict[str, Any]:
    """Read until a page is told of this view."""
    while True:
        told = (await hear(page, "shown"))["shown"]
        if told and told["step"] == view.get("step") and _of(told["config"]) == _of(view["config"]):
            return told


def _of(config: dict[str, Any]) -> tuple[object, ...]:
    lane, others = config["lane"], config.get("others", [])
    return lane.get("norm"), lane.get("depth"), len(others), len(config.get("interventions", []))


async def one_run(server: Server, opened: AsyncExitStack, config: dict[str, Any]) -> None:
    """Let a hundred pages open the shown configuration as followers do: all get the same run."""
    pages = [await opened.enter_async_context(server.page("/nv/live")) for _ in range(100)]
    for page in pages:
        await page.send(json.dumps({"do": "open", "config": config}))
    runs = {(await hear_text(page))["run"] for page in pages}
    assert len(runs) == 1
    (run,) = runs
    apart = await opened.enter_async_context(server.page("/nv/live"))
    await apart.send(json.dumps({"do": "open", "config": config, "beside": run}))
    assert (await hear_text(apart))["run"] != run
    again = await opened.enter_async_context(server.page("/nv/live"))
    await again.send(json.dumps({"do": "open", "config": config, "run": run, "after": -1}))
    assert (await hear_text(again))["run"] == run


async def hear_text(page: ClientConnection) -> dict[str, Any]:
    """Return what a page of a run is told when it is open."""
    async with asyncio.timeout(20):
        while True:
            message = await page.recv()
            told = json.loads(message) if isinstance(message, str) else {"is": "frame"}
            assert told["is"] != "error", told
            if told["is"] == "opened":
                return told
