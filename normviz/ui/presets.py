"""The choice of a preset: one click sets all controls."""

import streamlit as st

from normviz.config import from_link
from normviz.config.presets import PRESETS
from normviz.ui.link import set_controls

_CHOSEN = "preset"


def draw() -> None:
    """Offer the presets; the chosen one sets every control, and the list is then free for the next."""
    st.selectbox(
        "Presets",
        list(PRESETS),
        index=None,
        key=_CHOSEN,
        format_func=lambda name: PRESETS[name].title,
        placeholder="Something worth a look…",
        on_change=_apply,
        help="Each sets every control and the link. "
        + " ".join(f"**{preset.title}:** {preset.about}" for preset in PRESETS.values()),
    )
    if about := st.session_state.get(_ABOUT):
        st.caption(about)


_ABOUT = "preset.about"


def _apply() -> None:
    state = st.session_state
    if name := state[_CHOSEN]:
        set_controls(state, from_link(PRESETS[name].link))
        state[_ABOUT], state[_CHOSEN] = PRESETS[name].about, None
