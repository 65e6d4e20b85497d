"""What pages in a room say, over real rooms: one with a question to choose from, one with a curve to draw."""

import asyncio
import json
from collections.abc import Sequence

from normviz.engine.asking import Axes, Question
from normviz.engine.rooms import Rooms
from normviz.stream.attendant import Attendant
from normviz.stream.messages import LONGEST_ERROR
from tests.fuzz.binary import JSON_WORDS
from tests.fuzz.target import Target

MOST_MESSAGES = 12
KINDS = {"entered", "shown", "people", "asked", "unasked", "ended", "error"}
QUESTIONS = (
    Question("Which?", ("A", "B")),
    Question("Draw.", axes=Axes("layer", "std", (1.0, 2.0), 0.0, 1.0)),
)


async def converse(messages: Sequence[str]) -> None:
    """Say all this in turns, first who leads, then a student; everything is answered, and nobody is left behind."""
    for question in QUESTIONS:
        rooms = Rooms(2, 60.0)
        room = rooms.open()
        rooms.ask(room, question)
        pages = [Attendant(rooms), Attendant(rooms)]
        for number, message in enumerate(messages):
            page = pages[number % 2]
            await page.obey(message.replace("CODE", room.code).replace("KEY", room.key))
            await check(page, room.key)
        for page in pages:
            page.close()
        assert not room.seats
        rooms.close()


async def check(page: Attendant, key: str) -> None:
    """Look at what the page is sent until there is nothing more."""
    for _ in range(8):
        try:
            async with asyncio.timeout(0):
                text = await page.next()
        except TimeoutError:
            return
        if text is None:
            return
        told = json.loads(text)
        assert told["is"] in KINDS and key not in text
        assert told["is"] != "error" or len(told["values"]["text"]) <= LONGEST_ERROR + 1
    raise AssertionError("a page is told things without end")


def read_messages(data: bytes) -> None:
    """Be two pages that say every other line of this."""
    lines = data.decode("utf-8", "replace").split("\n")
    asyncio.run(converse(lines[:MOST_MESSAGES]))


def conversations() -> Sequence[bytes]:
    """Return what pages say."""
    lead = {"do": "enter", "as": "lead", "code": "CODE", "key": "KEY"}
    follow = {"do": "enter", "as": "follow", "code": "CODE", "page": "p1"}
    config = {"lane": {"depth": 2, "dataset": "digits"}, "others": [{"norm": "batch"}], "steps": 9}
    show = {"do": "show", "config": config, "run": "r", "step": 3, "difference": True, "solo": 1}
    chosen, drawn = {"do": "answer", "value": 1}, {"do": "answer", "value": [0.5, 2]}
    talks = [
        [lead, follow, show, chosen, {**show, "step": None}, drawn, {"do": "reveal"}, chosen],
        [lead, follow, {"do": "dismiss"}, chosen, {"do": "end"}, follow],
        [follow, {**follow, "as": "explore"}, {**follow, "code": "ABC"}, lead],
    ]
    return ["\n".join(map(json.dumps, talk)).encode() for talk in talks]


_ENTER = (b'{"do":"enter","as":"lead","code":"CODE","key":"KEY"}\n', b'{"do":"reveal"}\n')

TARGETS = {"rooms": Target(read_messages, (), conversations, words=(*JSON_WORDS, *_ENTER))}
