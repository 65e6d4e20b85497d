"""The live view: the browser component, given the configuration it opens."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from normviz.config import RunConfig
from normviz.ui import languages, lecture, own, rooms
from normviz.ui.attempts import attempt
from normviz.ui.component import component, supplied

_KEY = "live"


def view(config: RunConfig, recording: str = "", control: str = "") -> int | None:
    """Show the run of this configuration. The component opens and steers it over its own WebSocket.

    ``recording`` is the id of a run of it that came with a file, ``control`` the key of a control to bring into sight.

    Return the step at which a person has just asked to change something.
    """
    shown = {
        "recording": recording,
        "view": lecture.view(st.session_state),
        "closed": _closed(),
        "control": control,
        "room": rooms.told(st.session_state),
        "until": rooms.until(st.session_state),
    }
    result = component("live")(
        key=_KEY,
        on_change_change=lambda: None,
        on_attempt_change=_attempt,
        on_drawn_change=_drawn,
        on_room_change=_room,
        on_reached_change=_reached,
        data={**_opened(config), **shown},
    )
    step = result.get("change")
    return step if isinstance(step, int) else None


def part(
    key: str, config: RunConfig, charts: Sequence[str], until: int, reached: Callable[[str], None]
) -> None:
    """Show some charts of the run of this configuration; no names: all of them.

    ``key`` is the session key of this view. ``reached`` is called with the id of a run, once it has come to the step
    ``until`` or is over, before the page is drawn again.
    """
    shown = {"closed": [lecture.LANES, lecture.CHANGES], "charts": list(charts), "until": until}

    def said() -> None:
        what = st.session_state[key].get("reached")
        if isinstance(what, dict) and isinstance(run := what.get("run"), str):
            reached(run)

    component("live")(key=key, on_reached_change=said, data={**_opened(config), **shown})


def _opened(config: RunConfig) -> dict[str, Any]:
    """Return what the component needs to open a run."""
    return {"config": json.loads(config.canonical()), **supplied("live")}


@languages.spoken
def _attempt() -> None:
    """Add the lane that the diagnosis proposes; nothing else in the page changes."""
    asked = st.session_state[_KEY].get("attempt")
    if asked is not None and (refused := attempt(st.session_state, asked)):
        st.toast(refused)


@languages.spoken
def _drawn() -> None:
    """Make the points that were drawn on the surface the data set."""
    text = st.session_state[_KEY].get("drawn")
    if text is not None and (refused := own.take_drawn(text)):
        st.toast(refused)


def _closed() -> list[str]:
    """Return what the live view is not to offer; who follows a room gets neither lanes nor changes."""
    state = st.session_state
    return [lecture.LANES, lecture.CHANGES] if rooms.follows(state) else lecture.closed(state)


@languages.spoken
def _room() -> None:
    """Follow, explore, lead or leave, as the live view asks."""
    asked = st.session_state[_KEY].get("room")
    if asked is not None:
        rooms.obey(st.session_state, asked)


def _reached() -> None:
    """Tell the class in a room what the run shows that was opened for its question."""
    match st.session_state[_KEY].get("reached"):
        case {"run": str(run)}:
            rooms.judge(st.session_state, run)
        case _:
            pass
