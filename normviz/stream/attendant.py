"""One page in a room: what it says, and what it is told."""

import asyncio
import json
from collections import deque
from dataclasses import asdict
from typing import Any

from normviz.config import ConfigError, parse
from normviz.engine.asking import PAGE_LETTERS, BadQuestion
from normviz.engine.rooms import Part, Room, RoomRefused, Rooms, Seat, Shown
from normviz.stream.messages import BadMessage, choice, error, number, read

#: Answers that wait for a page; while there are more, nothing is read of what it says.
MAX_QUEUED = 64
LAST_STEP = 2**32
LAST_LANE = 3


class Attendant:
    """A connection's state between the room and the socket. Of what is shown only the newest is sent."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._news, self._space = asyncio.Event(), asyncio.Event()
        self._queue: deque[str] = deque()
        self._seat = Seat(self._news.set, Part.FOLLOW)
        self._room: Room | None = None
        self._page = ""
        self._seen: tuple[object, ...] = ()
        self._seen_asked: tuple[object, ...] = (None,)
        self._raw: object = None
        self._over = False

    # -- what the page says --------------------------------------------------------------------------------------

    async def obey(self, text: str) -> None:
        """Do what a message asks; a bad one is answered with an error and changes nothing."""
        try:
            self._do(read(text))
        except (ConfigError, BadMessage, BadQuestion, RoomRefused) as refused:
            rule = refused.rule if isinstance(refused, RoomRefused) else None
            self._say(error(refused, rule))

    def _do(self, message: dict[str, Any]) -> None:
        leads = self._room is not None and self._seat.part is Part.LEAD
        match message.get("do"):
            case "enter":
                self._enter(message)
            case "show" if self._room and leads:
                self._rooms.show(self._room, self._shown(message))
            case "answer" if self._room and not leads:
                self._rooms.answer(self._room, self._page, message.get("value"))
            case "reveal" if self._room and leads:
                self._rooms.reveal(self._room)
            case "dismiss" if self._room and leads:
                self._rooms.ask(self._room, None)
            case "end" if self._room and leads:
                self._rooms.end(self._room, "end")
            case other:
                allowed = "enter, then answer; who leads: show, reveal, dismiss, end"
                raise BadMessage(f"do: {str(other)[:40]} is not possible now; allowed: {allowed}")

    def _enter(self, message: dict[str, Any]) -> None:
        part = Part(choice(message, "as", tuple(Part)))
        code, key = str(message.get("code")), str(message.get("key"))
        self.close()
        leads = part is Part.LEAD
        room = self._rooms.led_by(code, key) if leads else self._rooms.find(code)
        self._seat.part = part
        self._rooms.enter(room, self._seat)
        self._room, self._seen, self._seen_asked = room, (), (None,)
        self._page = str(message.get("page") or "")[: PAGE_LETTERS + 1]
        self._say({"is": "entered", "code": room.code, "as": part})

    def _shown(self, message: dict[str, Any]) -> Shown:
        before, raw = self._room and self._room.shown, message.get("config")
        # a slider that is dragged says the same configuration ten times a second
        known = before is not None and raw == self._raw
        config = before.config if before is not None and known else parse(raw)
        self._raw = raw
        return Shown(
            config,
            str(message.get("run") or "")[:80],
            _or_none(message, "step", LAST_STEP),
            message.get("difference") is True,
            _or_none(message, "solo", LAST_LANE),
        )

    # -- what the page is told -----------------------------------------------------------------------------------

    def _say(self, message: dict[str, Any]) -> None:
        self._queue.append(json.dumps(message, separators=(",", ":")))
        self._news.set()

    async def room(self) -> None:
        """Wait until the page has taken enough of what it was answered to say more."""
        while len(self._queue) >= MAX_QUEUED:
            self._space.clear()
            await self._space.wait()

    async def next(self) -> str | None:
        """Wait for the next thing to send; None after the room has ended."""
        while True:
            if self._queue:
                self._space.set()
                return self._queue.popleft()
            if self._over:
                return None
            if (told := self._new()) is not None:
                return told
            self._news.clear()
            await self._news.wait()

    def _new(self) -> str | None:
        """Return what has changed since the page was told last."""
        room = self._room
        if room is None:
            return None
        if room.ended:
            self._over = True
            return json.dumps({"is": "ended", "why": room.ended})
        return self._new_shown(room) or self._new_asked(room)

    def _new_shown(self, room: Room) -> str | None:
        leads = self._seat.part is Part.LEAD
        follow, explore = room.count(Part.FOLLOW), room.count(Part.EXPLORE)
        now = (follow, explore) if leads else (room.version,)
        if now == self._seen:
            return None
        self._seen = now
        if leads:
            return json.dumps({"is": "people", "follow": follow, "explore": explore})
        return told(room)

    def _new_asked(self, room: Room) -> str | None:
        """Return what is asked, with the answers of all for who leads, and for all once they are revealed."""
        asked, leads = room.asked, self._seat.part is Part.LEAD
        now = (asked, asked.version, asked.given if leads else 0) if asked else (None,)
        if now == self._seen_asked:
            return None
        self._seen_asked = now
        if asked is None:
            return json.dumps({"is": "unasked"})
        own = None if leads else asked.answers.get(self._page)
        return json.dumps({**asked.told(results=leads or asked.revealed), "own": own})

    def close(self) -> None:
        """The page has gone, or goes elsewhere."""
        if self._room:
            self._rooms.leave(self._room, self._seat)
        self._room = None


def told(room: Room) -> str:
    """Return what pages that do not lead are told of a room, written once for all of them."""
    if room.written is None or room.written[0] != room.version:
        shown = room.shown and {
            **asdict(room.shown),
            "config": json.loads(room.shown.config.canonical()),
        }
        text = json.dumps({"is": "shown", "led": room.led, "shown": shown}, separators=(",", ":"))
        room.written = room.version, text
    return room.written[1]


def _or_none(message: dict[str, Any], field: str, high: int) -> int | None:
    return None if message.get(field) is None else number(message, field, 0, high)
