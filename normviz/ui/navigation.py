"""From page to page: the Lab, the lessons in reading order, the glossary, the published figures."""

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import streamlit as st

from normviz.language import _
from normviz.lessons import LESSONS
from normviz.settings import in_force
from normviz.ui import access, languages, operator, sign_in

PAGES = Path(__file__).parents[2] / "pages"
LAB, INDEX, GLOSSARY, FIGURES = "lab", "lessons", "glossary", "figures"
OPERATOR = "operator"
_BEFORE, _ENTERED = "page.before", "page.entered"

#: In the Lab three links stand in the sidebar's empty head, so that no control has to move down for them.
_STYLE = """<style>
.st-key-navigation.stVerticalBlock { gap: 0.15rem; }
.st-key-navigation [data-testid="stPageLink"] a { padding: 0.2rem 0.4rem; line-height: 1.3; margin: 0; }
.st-key-navigation.stVerticalBlock > [data-testid="stElementContainer"] { margin: 0; }
.st-key-navigation [data-testid="stPageLink"] p { white-space: normal; }
.st-key-navigation-head { margin: -2.1rem 0 -1rem; padding-right: 2.5rem; flex-wrap: nowrap; gap: 0.2rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-navigation-head) { margin-bottom: -0.6rem; }
.st-key-navigation-head [data-testid="stPageLink"] a { padding: 0.2rem 0.5rem; }
[data-testid="stSidebarHeader"] { height: 2.5rem; margin-bottom: 0; padding-top: 0.4rem; padding-bottom: 0; }
[data-testid="stSidebarUserContent"] { padding-top: 0; padding-bottom: 2rem; }
</style>"""


def path(name: str) -> Path:
    """Return the script of a page."""
    return PAGES / f"{name}.py"


def label(name: str) -> str:
    """Return what a page is called: a lesson by its number and title."""
    others = {
        LAB: _("Lab"),
        INDEX: _("Lessons"),
        GLOSSARY: _("Glossary"),
        FIGURES: _("Published figures"),
        OPERATOR: _("Operator"),
    }
    return others.get(name) or f"{list(LESSONS).index(name) + 1}. {_(LESSONS[name].title)}"


def run() -> None:
    """Draw the navigation and run the page that is open, or ask the visitor to sign in."""
    languages.start()
    settings = in_force()
    names = [LAB, INDEX, *LESSONS, GLOSSARY, FIGURES]
    names += [OPERATOR] if operator.reachable(settings) else []
    pages = {name: st.Page(path(name), title=label(name), default=name == LAB) for name in names}
    page = st.navigation(list(pages.values()), position="hidden")
    access.draw()
    if sign_in.needed(settings):
        languages.draw()
        return sign_in.ask(settings)
    state = st.session_state
    state[_ENTERED], state[_BEFORE] = state.get(_BEFORE) != page.url_path, page.url_path
    with st.sidebar:
        _links(lab=page.url_path == "")
    languages.say_problems()
    page.run()
    with st.sidebar:
        if operator.listed(settings):
            _link(OPERATOR)
        sign_in.draw(settings)


def _links(*, lab: bool) -> None:
    """Draw the links: three in the Lab, whose sidebar is for its controls, and all pages elsewhere."""
    st.html(_STYLE)
    if lab:
        with st.container(key="navigation-head", horizontal=True):
            for name in (LAB, INDEX, GLOSSARY):
                _link(name)
            languages.draw()
        return
    with st.container(key="navigation"):
        for name in (LAB, INDEX, *LESSONS, GLOSSARY, FIGURES):
            _link(name)
        languages.draw()


def _link(name: str) -> None:
    st.page_link(path(name), label=label(name), query_params=languages.carried())


def entered(state: MutableMapping[Any, Any]) -> bool:
    """Tell whether the session has come to this page from another one, or has just begun."""
    return bool(state.get(_ENTERED))
