"""The live view: the browser component, given the configuration it opens."""

import json

import streamlit as st
from streamlit.components.v2 import component as component_of

from normviz.charts.live import assets
from normviz.config import RunConfig


def view(config: RunConfig) -> None:
    """Show the run of this configuration. The component opens and steers it over its own WebSocket."""
    component = component_of("normviz_live", js=assets().loader)
    component(
        key="live",
        data={
            "config": json.loads(config.canonical()),
            "module": assets().module,
            "base": st.get_option("server.baseUrlPath") or "",
            "words": {},
        },
    )
