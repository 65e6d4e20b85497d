"""All lessons as cards."""

import streamlit as st

from normviz.lessons import LESSONS
from normviz.ui import navigation
from normviz.ui.lessons import frame


def page() -> None:
    """Draw the page."""
    frame.draw()
    st.title("Lessons", anchor=False)
    for name in LESSONS:
        st.page_link(navigation.path(name), label=navigation.label(name))
