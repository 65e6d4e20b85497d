"""The live view: the browser component, given the configuration it opens."""

import json

import streamlit as st

from normviz.charts.live import assets
from normviz.config import RunConfig


def view(config: RunConfig) -> None:
    """Show the run of this configuration. The component opens and steers it over its own WebSocket."""
    component = st.components.v2.component("normviz_live", js=assets().loader)
    component(
        key="live",
        data={
            "config": json.loads(config.canonical()),
            "module": assets().module,
            "base": st.get_option("server.baseUrlPath") or "",
            "words": {},
        },
    )
