"""The glossary."""

import streamlit as st

from normviz.ui.lessons import frame


def page() -> None:
    """Draw the page."""
    frame.draw()
    st.title("Glossary", anchor=False)
