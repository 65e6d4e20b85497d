"""A published figure beside ours: what its source says, and a run of it that a visitor may start."""

import streamlit as st
from streamlit.components.v2 import component as component_of

from normviz.charts.assets import assets
from normviz.reproduce import FIGURES


def draw(figure: str) -> None:
    """Show a figure; its component starts, follows and cancels a run of it over its own WebSocket.

    Raises:
        KeyError: there is no figure of that name.
    """
    entry = FIGURES[figure]
    component = component_of("normviz_study", js=assets().loader)
    component(
        key=f"study.{figure}",
        data={
            "figure": figure,
            "title": entry.title,
            "source": entry.source,
            "module": assets().module("study"),
            "base": st.get_option("server.baseUrlPath") or "",
            "words": {},
        },
    )
