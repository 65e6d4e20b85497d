"""A lesson's page, from its question to the next lesson."""

import json
from collections.abc import Callable

import streamlit as st
from streamlit.components.v2 import component as component_of

from normviz.charts.assets import assets
from normviz.config import RunConfig, from_link
from normviz.lessons import LESSONS, Lesson


def page(name: str, demo: Callable[[], None] | None = None) -> None:
    """Draw the page of a lesson; ``demo`` draws its part that needs no training."""
    lesson = LESSONS[name]
    _head(lesson)
    if demo is not None:
        demo()
    _run(name, from_link(dict(lesson.run)))
    for each in lesson.reading:
        st.markdown(f"- [{each.text}]({each.where})" if each.where else f"- {each.text}")


def _head(lesson: Lesson) -> None:
    st.title(lesson.title)
    st.subheader(lesson.question)
    st.markdown(lesson.about)
    if lesson.formula:
        st.latex(lesson.formula)


def _run(name: str, config: RunConfig) -> None:
    component = component_of("normviz_live", js=assets().loader)
    component(
        key=f"lesson.{name}.live",
        data={
            "config": json.loads(config.canonical()),
            "module": assets().module("live"),
            "base": st.get_option("server.baseUrlPath") or "",
            "words": {},
            "recording": "",
            "view": "",
            "closed": ["lanes", "changes"],
        },
    )
