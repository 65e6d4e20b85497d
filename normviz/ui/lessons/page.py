"""A lesson's page, from its question to the next lesson."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import streamlit as st

from normviz.config import RunConfig, to_link
from normviz.language import _, told
from normviz.lessons import LESSONS, Lesson, Reading
from normviz.ui import live, navigation, problems
from normviz.ui.lessons import controls, frame, happened, link, predict, runs
from normviz.ui.lessons.happened import Picture
from normviz.ui.lessons.state import guessed, slot

#: A lesson's run is short; in the Lab it can go on.
_LAB_STEPS = 10_000


def page(name: str, demo: Callable[[], None] | None = None, picture: Picture | None = None) -> None:
    """Draw the page of a lesson.

    ``demo`` draws its part that needs no training, ``picture`` shows what was recorded beside what happened, of
    whichever of the lesson's runs is chosen.
    """
    lesson = LESSONS[name]
    frame.draw()
    if navigation.entered(st.session_state):
        link.restore(st.session_state, st.query_params, name, lesson)
    above = st.container()
    _head(name, lesson)
    if demo is not None:
        demo()
    place, chosen = runs.choose(name, lesson)
    predict.draw(place, chosen)
    made = guessed(st.session_state, place)
    config = _run(place, chosen, picture) if made else chosen.config()
    _published(lesson)
    _further(lesson.reading)
    _open_in_lab(config)
    _neighbours(name)
    link.write(st.session_state, st.query_params, name, lesson)
    with above:
        problems.say(
            link.problems(st.session_state, name), _("What this page does not know is left out.")
        )


def _head(name: str, lesson: Lesson) -> None:
    st.caption(_("Lesson {n} of {all}").format(n=list(LESSONS).index(name) + 1, all=len(LESSONS)))
    st.title(told(lesson.title), anchor=False)
    st.markdown(f"#### {told(lesson.question)}")
    st.markdown(told(lesson.about))
    if lesson.formula:
        st.latex(lesson.formula)


def _run(name: str, lesson: Lesson, picture: Picture | None) -> RunConfig:
    """Draw the controls, the live view and what happened; return the run that is shown."""
    st.subheader(_("Run"), anchor=False)
    config = controls.draw(name, lesson)
    reached = partial(happened.reached, name)
    live.part(slot(name, "live"), config, lesson.charts, lesson.until, reached)
    happened.draw(name, lesson, config, picture)
    return config


def _published(lesson: Lesson) -> None:
    """Show the published figures beside ours, and what is checked where nothing was published."""
    st.subheader(_("Published beside ours"), anchor=False)
    if lesson.published:
        st.markdown(told(lesson.published))
    if lesson.checks:
        st.markdown(happened.table(lesson.checks(), _("here")))
    if find_spec("normviz.ui.study"):
        for figure in lesson.figure.split():
            import_module("normviz.ui.study").draw(figure)


def _further(reading: tuple[Reading, ...]) -> None:
    if reading:
        st.subheader(_("Further reading"), anchor=False)
        st.markdown("\n".join(f"- {_reading(each)}" for each in reading))


def _reading(each: Reading) -> str:
    return f"[{each.text}]({each.where})" if each.where else each.text


def _open_in_lab(config: RunConfig) -> None:
    st.subheader(_("Go on"), anchor=False)
    st.page_link(
        navigation.path(navigation.LAB),
        label=_("**Open this run in the Lab**, with all controls"),
        query_params=to_link(config.model_copy(update={"steps": max(config.steps, _LAB_STEPS)})),
    )


def _neighbours(name: str) -> None:
    """Link the lessons before and after this one, and all of them."""
    names = list(LESSONS)
    at = names.index(name)
    with st.container(horizontal=True):
        for other, words in (
            (names[at - 1] if at else None, "← "),
            (names[at + 1] if at + 1 < len(names) else None, "→ "),
        ):
            if other:
                st.page_link(navigation.path(other), label=words + navigation.label(other))
        st.page_link(navigation.path(navigation.INDEX), label=_("All lessons"))
