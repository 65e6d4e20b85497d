"""The script that Streamlit runs for every visitor: page frame and navigation."""

from pathlib import Path

import streamlit as st

from normviz.ui import navigation

st.set_page_config(
    page_title="normviz", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide"
)
navigation.run()
