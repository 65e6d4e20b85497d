"""The live view: the browser component, given the configuration it opens."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from streamlit.components.v2 import component as component_of

from normviz.charts.assets import assets
from normviz.config import RunConfig
from normviz.ui import lecture, own
from normviz.ui.attempts import attempt

_KEY = "live"


def view(config: RunConfig, recording: str = "", control: str = "") -> int | None:
    """Show the run of this configuration. The component opens and steers it over its own WebSocket.

    ``recording`` is the id of a run of it that came with a file, ``control`` the key of a control to bring into sight.

    Return the step at which a person has just asked to change something.
    """
    shown = {
        "recording": recording,
        "view": lecture.view(st.session_state),
        "closed": lecture.closed(st.session_state),
        "control": control,
    }
    result = _component()(
        key=_KEY,
        on_change_change=lambda: None,
        on_attempt_change=_attempt,
        on_drawn_change=_drawn,
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

    def told() -> None:
        said = st.session_state[key].get("reached")
        if isinstance(said, dict) and isinstance(run := said.get("run"), str):
            reached(run)

    _component()(key=key, on_reached_change=told, data={**_opened(config), **shown})


def _component() -> Any:  # noqa: ANN401 - Streamlit's renderer
    return component_of("normviz_live", js=assets().loader)


def _opened(config: RunConfig) -> dict[str, Any]:
    """Return what the component needs to open a run."""
    return {
        "config": json.loads(config.canonical()),
        "module": assets().module("live"),
        "base": st.get_option("server.baseUrlPath") or "",
        "words": {},
    }


def _attempt() -> None:
    """Add the lane that the diagnosis proposes; nothing else in the page changes."""
    asked = st.session_state[_KEY].get("attempt")
    if asked is not None and (refused := attempt(st.session_state, asked)):
        st.toast(refused)


def _drawn() -> None:
    """Make the points that were drawn on the surface the data set."""
    text = st.session_state[_KEY].get("drawn")
    if text is not None and (refused := own.take_drawn(text)):
        st.toast(refused)
