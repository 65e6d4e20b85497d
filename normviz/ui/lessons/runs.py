"""The choice between the runs of a lesson that has several: each has its guess, its controls and its verdict."""

import streamlit as st

from normviz.language import _, told
from normviz.lessons import Lesson
from normviz.ui.lessons.state import State, slot

#: The number of the run that is shown, as the control's and as what is kept of it.
_SHOWN, _KEPT = "run.shown", "run.kept"


def choose(name: str, lesson: Lesson) -> tuple[str, Lesson]:
    """Draw the choice, where there is one; return what the session calls the chosen run, and the run."""
    if not lesson.further:
        return name, lesson
    titles = [told(lesson.first), *(told(each.title) for each in lesson.further)]
    st.subheader(_("Which run?"))
    state, key = st.session_state, slot(name, _SHOWN)
    if key not in state:
        state[key] = kept(state, name)
    number = st.pills(
        _("Which run?"),
        range(len(titles)),
        key=key,
        required=True,
        format_func=titles.__getitem__,
        label_visibility="collapsed",
    )
    state[slot(name, _KEPT)] = number
    if not number:
        return name, lesson
    chosen = lesson.further[number - 1]
    st.markdown(f"**{told(chosen.question)}** {told(chosen.about)}")
    if chosen.formula:
        st.latex(chosen.formula)
    return place(name, number), chosen


def place(name: str, number: int) -> str:
    """Return what the session calls a run of a lesson; 0 is the lesson's own."""
    return f"{name}.{number}" if number else name


def show(state: State, name: str, number: int) -> None:
    """Choose a run; the choice must not have been drawn yet."""
    state[slot(name, _SHOWN)] = state[slot(name, _KEPT)] = number


def kept(state: State, name: str) -> int:
    """Return the number of the run that was chosen last; 0 is the lesson's own."""
    return state.get(slot(name, _KEPT)) or 0
