"""The choice of a preset: one click sets all controls."""

import streamlit as st

from normviz.config import from_link
from normviz.config.presets import PRESETS, Preset
from normviz.language import _
from normviz.ui.link import set_controls

_CHOSEN, _APPLIED = "preset", "preset.applied"


def draw() -> None:
    """Offer the presets; the chosen one sets every control, and the list is then free for the next."""
    st.selectbox(
        _("Presets"),
        list(PRESETS),
        index=None,
        key=_CHOSEN,
        format_func=lambda name: _(PRESETS[name].title),
        placeholder=_("Something worth a look…"),
        on_change=_apply,
        help=" ".join([_("Each sets every control and the link."), *map(_said, PRESETS.values())]),
    )
    if (applied := st.session_state.get(_APPLIED)) in PRESETS:
        st.caption(_(PRESETS[applied].about))


def _said(preset: Preset) -> str:
    return f"**{_(preset.title)}:** {_(preset.about)}"


def _apply() -> None:
    state = st.session_state
    if name := state[_CHOSEN]:
        set_controls(state, from_link(PRESETS[name].link))
        state[_APPLIED], state[_CHOSEN] = name, None
