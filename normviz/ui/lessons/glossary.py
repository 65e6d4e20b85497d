"""The glossary: every term with the lesson and the control that show it."""

import streamlit as st

from normviz.config import LaneConfig
from normviz.lessons import LESSONS
from normviz.lessons.glossary import TERMS, Term
from normviz.ui import navigation
from normviz.ui.lessons import frame
from normviz.ui.link import CONTROL


def page() -> None:
    """Draw the page."""
    frame.draw()
    st.title("Glossary", anchor=False)
    wanted = st.text_input(
        "Find a term",
        key="glossary.find",
        placeholder="Find a term",
        label_visibility="collapsed",
        width=400,
    )
    found = {name: term for name, term in TERMS.items() if wanted.strip().lower() in name.lower()}
    for name, term in found.items():
        _term(name, term)
    if not found:
        st.markdown("No such term here.")


def _term(name: str, term: Term) -> None:
    st.markdown(f"**{name[0].upper()}{name[1:]}**  \n{term.text}")
    with st.container(horizontal=True, gap="small"):
        if term.lesson in LESSONS:
            st.page_link(
                navigation.path(term.lesson), label=f"Lesson {navigation.label(term.lesson)}"
            )
        title = LaneConfig.model_fields[term.control].title
        st.page_link(
            navigation.path(navigation.LAB),
            label=f"In the Lab: {title}",
            query_params={**term.link, CONTROL: term.control},
        )
