"""The live view: the browser component, given the configuration it opens."""

import json

import streamlit as st
from streamlit.components.v2 import component as component_of

from normviz.charts.assets import assets
from normviz.config import RunConfig
from normviz.ui import lecture, own
from normviz.ui.attempts import attempt

_KEY = "live"


def view(config: RunConfig, recording: str = "") -> int | None:
    """Show the run of this configuration. The component opens and steers it over its own WebSocket.

    ``recording`` is the id of a run of it that came with a file.

    Return the step at which a person has just asked to change something.
    """
    component = component_of("normviz_live", js=assets().loader)
    result = component(
        key=_KEY,
        on_change_change=lambda: None,
        on_attempt_change=_attempt,
        on_drawn_change=_drawn,
        data={
            "config": json.loads(config.canonical()),
            "module": assets().module("live"),
            "base": st.get_option("server.baseUrlPath") or "",
            "words": {},
            "recording": recording,
            "view": lecture.view(st.session_state),
            "closed": lecture.closed(st.session_state),
        },
    )
    step = result.get("change")
    return step if isinstance(step, int) else None


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
