"""The script that Streamlit runs for every visitor: page frame and navigation."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parents[2] / "pages"

st.set_page_config(
    page_title="normviz", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide"
)
st.navigation([st.Page(PAGES / "lab.py", title="Lab", default=True)]).run()
