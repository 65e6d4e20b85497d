"""The Lab page: controls at the left, the live view at the right, the configuration in the link."""

import streamlit as st

from normviz.config import LaneConfig
from normviz.language import _
from normviz.ui import (
    controls,
    lanes,
    lecture,
    link,
    live,
    navigation,
    presets,
    problems,
    rooms,
    turns,
)
from normviz.ui.link import key

#: On wide screens the page's header floats above the view, so that the view starts at the top of the window.
_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 4rem 0.75rem 0.5rem; }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.6rem; }
[data-testid="stSidebar"] h3 { padding: 0.4rem 0; }
[data-testid="stSidebar"] [data-testid="stCaptionContainer"] { margin-top: -0.4rem; line-height: 1.35; }
@media (min-width: 1100px) {
  [data-testid="stHeader"] { background: transparent; pointer-events: none; }
  [data-testid="stHeader"] div { pointer-events: none; }
  [data-testid="stHeader"] button { pointer-events: auto; }
  [data-testid="stMainBlockContainer"] { padding: 0.6rem 1rem 0.5rem; }
  .stApp:has([data-testid="stExpandSidebarButton"]) [data-testid="stMainBlockContainer"] { padding-top: 3.2rem; }
}
</style>"""

_MARK = """<style>
@keyframes pointed { from { background: color-mix(in srgb, #f0a030 60%, transparent); } }
.st-key-NAME { animation: pointed 4s ease-out; border-radius: 6px; }
</style>"""


def page() -> None:
    """Draw the page."""
    st.html(_STYLE)
    entered = navigation.entered(st.session_state)
    link.restore(st.session_state, st.query_params, entered=entered)
    lecture.restore(st.session_state, st.query_params)
    rooms.restore(st.session_state, st.query_params)
    if rooms.follows(st.session_state):
        return _follow()
    with st.sidebar:
        if not lecture.limited(st.session_state):  # a preset sets every control
            presets.draw()
        lanes.draw()
        turns.draw()
        controls.draw()
        config = link.current(st.session_state)
        lecture.draw(config)
        rooms.draw(st.session_state)
    state = st.session_state
    link.write(config, st.query_params, link.recording(state), rooms.code(state))
    rooms.say(state)
    problems.say(
        link.problems(state), _("The link is not one of ours, so this is the default network.")
    )
    problems.say(
        lecture.problems(state),
        _("The link shows, locks or opens something unknown, which is left out."),
    )
    control = _pointed(st.query_params.get(link.CONTROL, ""))
    step = live.view(config, link.recording(st.session_state), control)
    if step is not None:
        turns.ask(step)
    return None


def _follow() -> None:
    """Draw the page of somebody who follows a room: the room says what is shown, so there are no controls."""
    state = st.session_state
    with st.sidebar:
        rooms.draw(state)
    link.write_room(st.query_params, rooms.code(state))
    live.view(state[link.RESTORED])


def _pointed(field: str) -> str:
    """Mark the control that the link points at, for a moment; return its name in the page, or nothing."""
    if field not in LaneConfig.model_fields:
        return ""
    name = key(0, field).replace(".", "-")
    st.html(_MARK.replace("NAME", name))
    return name
