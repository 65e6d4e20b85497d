"""The guess that a student commits to before the run."""

from functools import partial
from typing import Any

import streamlit as st

from normviz.language import _, told
from normviz.lessons import Choice, Lesson, Sketch
from normviz.ui.component import component, supplied
from normviz.ui.lessons.state import Guess, guess, guessed, slot


def draw(name: str, lesson: Lesson) -> None:
    """Ask for the guess; once it is made, show it."""
    st.subheader(_("Predict"), anchor=False)
    if guessed(st.session_state, name):
        _made(name, lesson.guess)
        return
    with st.container(border=True):
        st.markdown(f"**{told(lesson.guess.question)}**")
        if isinstance(lesson.guess, Choice):
            _choice(name, lesson.guess)
        else:
            _sketch(name, lesson.guess)
        st.button(_("Skip the guess"), type="tertiary", on_click=_commit, args=(name, None))


def _choice(name: str, asked: Choice) -> None:
    chosen = st.radio(
        told(asked.question),
        range(len(asked.options)),
        index=None,
        key=slot(name, "choice"),
        format_func=lambda option: told(asked.options[option]),
        label_visibility="collapsed",
    )
    st.button(
        _("Commit"), type="primary", disabled=chosen is None, on_click=_commit, args=(name, chosen)
    )


def _sketch(name: str, asked: Sketch) -> None:
    key = slot(name, "sketch")

    def committed() -> None:
        values = drawn(st.session_state[key].get("committed"), asked)
        if values is not None:
            _commit(name, values)

    wanted = ("at", "low", "high", "log")
    component("sketch")(
        key=key,
        on_committed_change=committed,
        data={
            "x": told(asked.x),
            "y": told(asked.y),
            **{field: getattr(asked, field) for field in wanted},
            **supplied("sketch"),
        },
    )


def drawn(sent: Any, asked: Sketch) -> tuple[float, ...] | None:  # noqa: ANN401 - what a browser sent
    """Return the values that were drawn, one a place and within the axis; None where they are no such thing."""
    if not isinstance(sent, list) or len(sent) != len(asked.at):
        return None
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in sent):
        return None
    return tuple(min(float(asked.high), max(float(asked.low), float(value))) for value in sent)


def _made(name: str, asked: Choice | Sketch) -> None:
    made = guess(st.session_state, name)
    words, button = st.columns([4, 1], vertical_alignment="center")
    words.markdown(_said(made, asked))
    button.button(_("Guess again"), type="tertiary", on_click=partial(_forget, name))


def _said(made: Guess, asked: Choice | Sketch) -> str:
    if made is None:
        return _("{question} *You skipped the guess.*").format(question=told(asked.question))
    if isinstance(asked, Choice) and isinstance(made, int):
        return _("{question} You say: **{answer}**").format(
            question=told(asked.question), answer=told(asked.options[made])
        )
    return _("{question} *Your curve is kept; it comes back beside the measured one.*").format(
        question=told(asked.question)
    )


def _commit(name: str, made: Guess) -> None:
    st.session_state[slot(name, "guess")] = made


def _forget(name: str) -> None:
    st.session_state.pop(slot(name, "guess"), None)
