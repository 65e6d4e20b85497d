"""A browser component of ours: which part of the app it is, and what each of them is told."""

from typing import Any

import streamlit as st
from streamlit.components.v2 import component as component_of

from normviz.charts.assets import assets
from normviz.language import language
from normviz.ui import languages


def component(folder: str) -> Any:  # noqa: ANN401 - Streamlit's renderer
    """Return what draws the component of a folder of :mod:`normviz.charts`."""
    return component_of(f"normviz_{folder}", js=assets().loader)


def supplied(folder: str) -> dict[str, str]:
    """Return what every component is told: where its module and its words are, and how numbers are written."""
    return {
        "module": assets().module(folder),
        "base": st.get_option("server.baseUrlPath") or "",
        "words": assets().words(folder, language()),
        "locale": languages.locale(),
    }
