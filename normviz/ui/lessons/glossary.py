"""The glossary: every term with the lesson and the control that show it."""

import streamlit as st

from normviz.config import LaneConfig
from normviz.language import _
from normviz.lessons import LESSONS
from normviz.lessons.glossary import TERMS, Term
from normviz.ui import navigation
from normviz.ui.lessons import frame
from normviz.ui.link import CONTROL


def page() -> None:
    """Draw the page."""
    frame.draw()
    st.title(_("Glossary"), anchor=False)
    wanted = st.text_input(
        _("Find a term"),
        key="glossary.find",
        placeholder=_("Find a term"),
        label_visibility="collapsed",
        width=400,
    )
    found = {name: term for name, term in TERMS.items() if _fits(wanted.strip().lower(), name)}
    for name, term in found.items():
        _term(name, term)
    if not found:
        st.markdown(_("No such term here."))


def _fits(wanted: str, name: str) -> bool:
    """Tell whether a term has these letters, in English or in the language that is spoken."""
    return wanted in name.lower() or wanted in _(name).lower()


def _term(name: str, term: Term) -> None:
    shown = _(name)
    st.markdown(f"**{shown[0].upper()}{shown[1:]}**  \n{_(term.text)}")
    with st.container(horizontal=True, gap="small"):
        if term.lesson in LESSONS:
            st.page_link(
                navigation.path(term.lesson),
                label=_("Lesson {label}").format(label=navigation.label(term.lesson)),
            )
        title = _(str(LaneConfig.model_fields[term.control].title))
        st.page_link(
            navigation.path(navigation.LAB),
            label=_("In the Lab: {title}").format(title=title),
            query_params={**term.link, CONTROL: term.control},
        )
