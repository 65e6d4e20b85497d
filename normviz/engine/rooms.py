"""Rooms: a lecturer leads, the pages of a class follow. Nothing of a room is stored, and nobody in it has a name."""

import asyncio
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from normviz import logs
from normviz.config import RunConfig
from normviz.engine.asking import Answer, Asked, BadQuestion, Question

#: Of these a code is made: none looks like another one, and no word comes of them.
LETTERS = "34679CDFHJKMNPRTVWXY"
CODE_LETTERS = 5
#: Pages in one room.
SEATS = 1000
_log = logs.of(__name__)


class RoomRefused(RuntimeError):
    """A room cannot be opened or entered.

    Attributes:
        rule: which of the reasons it is: ``no_room``, ``room_key``, ``room_full`` or ``rooms_full``.
    """

    def __init__(self, rule: str, text: str) -> None:
        super().__init__(text)
        self.rule = rule


class Part(StrEnum):
    """What a page does in a room: lead it, show what the leading page shows, or show something of its own."""

    LEAD = "lead"
    FOLLOW = "follow"
    EXPLORE = "explore"


@dataclass(frozen=True)
class Shown:
    """What the leading page shows.

    Attributes:
        config: the configuration.
        run: the id of its run, empty while it is not known.
        step: the recorded step that is held; None while the newest one is followed.
        difference: whether the differences to lane A are drawn.
        solo: the only lane that is drawn; None where all are.
    """

    config: RunConfig
    run: str = ""
    step: int | None = None
    difference: bool = False
    solo: int | None = None


@dataclass(eq=False)
class Seat:
    """A page in a room. ``wake`` is called when there is something new."""

    wake: Callable[[], None]
    part: Part


@dataclass(eq=False)
class Room:
    """One room.

    Attributes:
        code: what the class types; it gives nobody the lead.
        key: who has it leads.
        shown: what is shown; None until the leading page has said so.
        version: counts what following pages have to be told.
        ended: why it has ended, empty while it has not: ``end`` (the lecturer ended it) or ``away`` (no lecturer came
            back in time).
        seats: the pages in it.
        asked: the question that is open; None where there is none.
        written: what all following pages are told, as it is sent, and of which version that is.
    """

    code: str
    key: str
    shown: Shown | None = None
    version: int = 0
    ended: str = ""
    seats: set[Seat] = field(default_factory=set)
    asked: Asked | None = None
    written: tuple[int, str] | None = None

    @property
    def led(self) -> bool:
        """Whether a page that leads is there now."""
        return bool(self.count(Part.LEAD))

    def count(self, part: Part) -> int:
        """Return how many pages do this."""
        return sum(seat.part is part for seat in self.seats)

    def opens_with(self, key: str) -> bool:
        """Tell whether this is its key, in a time that says nothing of how much of it is right."""
        return hmac.compare_digest(key.encode(), self.key.encode())

    def tell(self) -> None:
        """Let all pages be told what is new."""
        self.version += 1
        self.wake()

    def wake(self) -> None:
        """Wake all pages."""
        for seat in self.seats:
            seat.wake()


def code_of(typed: str) -> str:
    """Return what was typed as a code is written: in capitals, without spaces and hyphens, no longer than this."""
    return "".join(typed.upper().replace("-", " ").split())[:20]


class Rooms:
    """The rooms of this server. All methods belong to one event loop.

    Args:
        most: how many there may be.
        seconds: how long one stays without its lecturer.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._rooms: dict[str, Room] = {}
        self._alone: dict[Room, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._rooms)

    def open(self) -> Room:
        """Open a room; it waits for its lecturer like one whose lecturer has gone.

        Raises:
            RoomRefused: there are as many as there may be.
        """
        if len(self._rooms) >= self.most:
            text = f"{self.most} rooms are open on this server already. Try again in a while."
            raise RoomRefused("rooms_full", text)
        code = _fresh_code(self._rooms)
        room = self._rooms[code] = Room(code, secrets.token_urlsafe(24))
        self._wait(room)
        _log.info("room opened", rooms=len(self._rooms))
        return room

    def find(self, code: str) -> Room:
        """Return the room of this code, as somebody typed it.

        Raises:
            RoomRefused: there is none.
        """
        room = self._rooms.get(code_of(code))
        if room is None:
            text = (
                f"There is no room {code_of(code) or '(no code)'} on this server: it has ended, or the code is "
                f"mistyped. A code has {CODE_LETTERS} of the characters {LETTERS}."
            )
            raise RoomRefused("no_room", text)
        return room

    def led_by(self, code: str, key: str) -> Room:
        """Return the room of this code to who has its key.

        Raises:
            RoomRefused: there is none, or the key is another one's.
        """
        room = self.find(code)
        if not room.opens_with(key):
            raise RoomRefused("room_key", f"Somebody else leads room {room.code}.")
        return room

    def enter(self, room: Room, seat: Seat) -> None:
        """Let a page in.

        Raises:
            RoomRefused: as many are in there as there may be; who leads always comes in.
        """
        if len(room.seats) >= SEATS and seat.part is not Part.LEAD:
            raise RoomRefused("room_full", f"{SEATS} pages are in room {room.code} already.")
        was = room.led
        room.seats.add(seat)
        if room.led and (alone := self._alone.pop(room, None)):
            alone.cancel()
        self._changed(room, was)

    def leave(self, room: Room, seat: Seat) -> None:
        """Let a page go. A room without its lecturer ends after a while."""
        was = room.led
        room.seats.discard(seat)
        if was and not room.led and not room.ended:
            self._wait(room)
        self._changed(room, was)

    def show(self, room: Room, shown: Shown) -> None:
        """Let all pages show this."""
        if shown != room.shown:
            room.shown = shown
            room.tell()

    def ask(self, room: Room, question: Question | None) -> None:
        """Ask the class, in the place of what was asked before, or ask nothing any more."""
        room.asked = Asked(question, SEATS) if question else None
        room.wake()

    def answer(self, room: Room, page: str, sent: Any) -> None:  # noqa: ANN401 - what a browser sent
        """Take a page's answer; who leads sees how the answers are distributed.

        Raises:
            BadQuestion: it is no answer, or nothing is asked, or the answers are revealed.
        """
        if room.asked is None:
            raise BadQuestion("answer: nothing is asked")
        room.asked.take(page, sent)
        self._wake_lead(room)

    def reveal(self, room: Room, right: Answer | None = None) -> None:
        """Let all see the answers, and what the run has shown, once that is known."""
        if room.asked is not None:
            room.asked.revealed, room.asked.right = True, right
            room.asked.version += 1
            room.wake()

    def end(self, room: Room, why: str) -> None:
        """End a room, and let all who are in it know why."""
        if room.ended:
            return
        room.ended = why
        self._rooms.pop(room.code, None)
        if alone := self._alone.pop(room, None):
            alone.cancel()
        _log.info("room ended", rooms=len(self._rooms), rule=why, pages=len(room.seats))
        room.tell()

    def close(self) -> None:
        """End nothing any more: the server ends."""
        for alone in self._alone.values():
            alone.cancel()
        self._alone.clear()

    def _wait(self, room: Room) -> None:
        loop = asyncio.get_running_loop()
        self._alone[room] = loop.call_later(self.seconds, self.end, room, "away")

    def _changed(self, room: Room, was_led: bool) -> None:
        """Wake those who are told who is there: who leads is told how many, the others whether somebody leads."""
        if room.led is not was_led:
            return room.tell()
        return self._wake_lead(room)

    def _wake_lead(self, room: Room) -> None:
        for seat in room.seats:
            if seat.part is Part.LEAD:
                seat.wake()


def _fresh_code(taken: dict[str, Room]) -> str:
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LETTERS))
        if code not in taken:
            return code
