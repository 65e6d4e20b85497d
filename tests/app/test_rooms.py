"""Rooms in the page: opening one, following it by link or by code, stepping aside, coming back."""

import asyncio
import json
import re
import threading
from collections.abc import Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from normviz.config import RunConfig, from_link, to_link
from normviz.engine.local import LocalEngine
from normviz.engine.rooms import Rooms, Shown
from normviz.engine.running import running
from normviz.settings import Settings
from normviz.ui import rooms as ui
from tests.app.test_lab import given, lab, link, widgets
from tests.app.test_lecture import told


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    """Lend the rooms of an engine that trains nothing to the pages."""
    engine = LocalEngine(Settings(workers=1, rooms=2))
    there, over = threading.Event(), asyncio.Event()

    async def main() -> None:
        with running().lend(engine):
            loops.append(asyncio.get_running_loop())
            there.set()
            await over.wait()
        engine.rooms.close()

    loops: list[asyncio.AbstractEventLoop] = []
    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert there.wait(10)
    yield engine.rooms
    loops[0].call_soon_threadsafe(over.set)
    thread.join(10)


def opened() -> str:
    return running().open_room()[0]


def room(app: Any) -> dict[str, str] | None:
    return told(app)["room"]


class Session(MutableMapping):
    """A page's session, as a callback has it."""

    def __init__(self, app: Any) -> None:
        self._state = app.session_state

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._state[key] = value

    def __delitem__(self, key: str) -> None:
        del self._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._state.keys()))

    def __len__(self) -> int:
        return len(list(self._state.keys()))


def asks(app: Any, **wish: Any) -> Any:
    """Say what the live view says to the page around it."""
    ui.obey(Session(app), wish)
    return app.run()


def test_a_lecturer_opens_a_room_and_gets_code_link_and_qr_code(rooms):
    app = lab(depth="3")
    assert room(app) is None
    app.sidebar.button(key="room.open").click().run()
    assert not app.exception
    mine = room(app)
    assert mine is not None and mine["part"] == "lead" and len(rooms) == 1
    assert mine["link"].endswith(f"/?room={mine['code']}")
    assert mine["qr"].startswith("data:image/svg+xml")
    assert f"Room **{mine['code']}**" in [each.value for each in app.sidebar.markdown]
    assert mine["link"] in [each.value for each in app.sidebar.code]
    assert link(app) == to_link(given(app)), "the lecturer's own address has nothing of the room"
    assert running().leads(mine["code"], mine["key"])
    app.sidebar.button(key="room.end").click().run()
    assert room(app) is None and len(rooms) == 0


def test_the_key_is_in_nothing_that_a_class_gets(rooms):
    app = lab()
    app.sidebar.button(key="room.open").click().run()
    mine = room(app)
    assert mine is not None
    shown = " ".join(each.value for each in (*app.sidebar.code, *app.sidebar.markdown))
    assert mine["key"] not in shown + mine["link"] + mine["qr"]
    assert room(lab(room=mine["code"])) == {"code": mine["code"], "part": "follow"}


def test_who_follows_has_no_controls_and_nothing_but_the_room_in_the_link(rooms):
    code = opened()
    app = lab(room=code.lower(), lang="en")
    assert not app.exception and not app.error
    assert widgets(app) == {} or set(widgets(app)) <= {"language"}
    assert room(app) == {"code": code, "part": "follow"}
    assert link(app) == {"room": code, "lang": "en"}
    assert told(app)["closed"] == ["lanes", "changes"]


def test_who_steps_aside_has_the_rooms_configuration_and_all_controls_and_comes_back(rooms):
    code, config = opened(), from_link({"depth": "4", "b.norm": "batch", "lr@30": "0.5"})
    app = lab(room=code)
    asks(app, do="explore", config=json.loads(config.canonical()))
    assert not app.exception
    assert room(app) == {"code": code, "part": "explore"}
    assert given(app) == config and link(app) == {**to_link(config), "room": code}
    widgets(app)["a.depth"].set_value(5).run()
    assert given(app).lane.depth == 5 and link(app)["room"] == code
    asks(app, do="follow")
    assert room(app) == {"code": code, "part": "follow"} and link(app) == {"room": code}
    asks(app, do="explore", config=json.loads(config.canonical()))
    assert given(app) == config


def test_a_link_with_a_configuration_explores(rooms):
    code = opened()
    app = lab(room=code, depth="4")
    assert room(app) == {"code": code, "part": "explore"} and given(app).lane.depth == 4


@pytest.mark.parametrize("config", [None, 5, {"lane": {"depth": 0}}, {"lane": "deep"}])
def test_a_configuration_that_cannot_be_leaves_the_controls_as_they_were(rooms, config):
    app = lab(room=opened())
    asks(app, do="explore", config=config)
    assert not app.exception and given(app) == RunConfig()


def test_a_code_is_typed_in_the_page(rooms):
    code = opened()
    app = lab()
    app.sidebar.text_input(key="room.typed").set_value(f" {code[:2]}-{code[2:].lower()} ").run()
    assert room(app) == {"code": code, "part": "follow"} and link(app) == {"room": code}


@pytest.mark.parametrize("typed", ["ABCDE", "`*x*`", "<b>", "0"])
def test_a_code_that_is_none_is_named_with_what_is_allowed(rooms, typed):
    for app in (lab(room=typed), lab()):
        if room(app) is None and not app.error:
            app.sidebar.text_input(key="room.typed").set_value(typed).run()
        assert not app.exception and room(app) is None and "room" not in link(app)
        (said,) = [each.value for each in app.error]
        named = re.search("There is no room `([^`]*)` on this server", said)
        assert named and named[1] == typed.upper().replace("`", "'")
        assert "5 of the characters 34679CDF" in said


def test_more_rooms_than_the_server_allows_are_refused(rooms):
    app = lab()
    assert opened() != opened()
    app.sidebar.button(key="room.open").click().run()
    assert room(app) is None
    assert "As many rooms are open on this server as it allows" in app.error[0].value


def test_a_page_that_led_a_room_leads_it_again_with_its_key_only(rooms):
    code, key = running().open_room()
    app = lab()
    assert room(asks(app, do="lead", code=code, key="guess", config=None)) is None
    mine = room(asks(app, do="lead", code=code, key=key, config=None))
    assert mine is not None and (mine["code"], mine["part"]) == (code, "lead")
    student = lab(room=code)
    again = asks(student, do="lead", code=code, key=key, config=None)
    assert room(again) == {"code": code, "part": "follow"}, "who is in a room stays what they are"


def test_who_leaves_keeps_what_was_shown(rooms):
    code, config = opened(), from_link({"norm": "layer"})
    rooms.find(code).shown = Shown(config)
    app = lab(room=code)
    asks(app, do="leave", config=json.loads(config.canonical()))
    assert room(app) is None and given(app) == config and link(app) == to_link(config)


@pytest.mark.parametrize("wish", [{}, {"do": "dance"}, {"do": "lead", "code": 5}, {"do": "follow"}])
def test_wishes_that_cannot_be_change_nothing(rooms, wish):
    app = lab(depth="3")
    assert room(asks(app, **wish)) is None and given(app).lane.depth == 3


def test_a_link_that_hides_controls_does_not_offer_rooms():
    labels = [box.label for box in lab(show="lr").sidebar.expander]
    assert "Teach live" not in labels
    assert "Teach live" in [box.label for box in lab().sidebar.expander]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("http://localhost:8501", "http://localhost:8501/?room=K7MXR"),
        ("https://x.example/course/", "https://x.example/course/?room=K7MXR"),
        ("https://x.example/?norm=batch", "https://x.example/?room=K7MXR"),
    ],
)
def test_the_link_of_a_room(page, expected):
    made = ui.address(page, "K7MXR")
    assert made == expected and parse_qs(urlsplit(made).query) == {"room": ["K7MXR"]}
    picture = ui.qr(made)
    assert picture.error in ("M", "Q", "H") and picture.symbol_size(border=4)[0] <= 45


@pytest.mark.parametrize(
    ("address", "only_here"),
    [
        ("http://localhost:8501/?room=K7MXR", True),
        ("http://127.0.0.1/?room=K7MXR", True),
        ("http://[::1]:8501/?room=K7MXR", True),
        ("https://localhost.example/?room=K7MXR", False),
        ("https://lab.example:8501/?room=K7MXR", False),
    ],
)
def test_a_link_that_only_this_machine_can_open_is_noticed(address, only_here):
    assert ui._only_here(address) is only_here
