"""The Lab page: controls at the left, the live view at the right, the configuration in the link."""

import streamlit as st

from normviz.ui import controls, link, live

_STYLE = """<style>
[data-testid="stMainBlockContainer"] { padding: 2.75rem 1rem 0.5rem; }
[data-testid="stSidebarUserContent"] { padding-bottom: 2rem; }
[data-testid="stSidebar"] [data-testid="stVerticalBlock"] { gap: 0.6rem; }
</style>"""


def page() -> None:
    """Draw the page."""
    st.html(_STYLE)
    problems = link.restore(st.session_state, st.query_params)
    with st.sidebar:
        controls.draw()
    config = link.current(st.session_state)
    link.write(config, st.query_params)
    if problems:
        st.error("The link could not be read, so the Lab shows the default network. " + " ".join(f"**{p.field}** = {p.value}: allowed is {p.allowed}." for p in problems))
    live.view(config)
