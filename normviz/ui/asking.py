"""What the lecturer of a room asks: a lesson's question, whose run answers it, or a question of their own."""

import re
from collections.abc import Mapping
from typing import Any

import streamlit as st

from normviz.engine.asking import (
    MOST,
    OPTION_LETTERS,
    PLACES,
    QUESTION_LETTERS,
    Axes,
    BadQuestion,
    Question,
)
from normviz.engine.rooms import RoomRefused
from normviz.engine.running import running
from normviz.language import _, told
from normviz.lessons import LESSONS, Choice, Lesson, Recording
from normviz.ui import languages
from normviz.ui.link import RESTORED, State, take_over

_WHICH, _TEXT, _OPTIONS, _SHAPE = "ask.which", "ask.text", "ask.options", "ask.shape"
_X, _Y, _FROM, _TO, _LOW, _HIGH = "ask.x", "ask.y", "ask.from", "ask.to", "ask.low", "ask.high"
_REFUSED, _JUDGED, _OPEN = "ask.refused", "ask.judged", "ask.open"
OWN = ""
_OPTION, _CURVE = "options", "curve"
#: Places of a curve of one's own, at most.
_OWN_PLACES = 21


def lessons() -> dict[str, Lesson]:
    """Return all runs of lessons that have a question, by what a room calls them."""
    found = dict[str, Lesson]()
    for name, lesson in LESSONS.items():
        for number, each in enumerate((lesson, *lesson.further)):
            found[f"{name}.{number}"] = each
    return found


def question_of(name: str, lesson: Lesson) -> Question:
    """Return a lesson's question in the language that is spoken here, as plain text."""
    guess = lesson.guess
    text = _plain(told(guess.question))
    if isinstance(guess, Choice):
        options = tuple(_plain(told(option)) for option in guess.options)
        return Question(text, options, lesson=name)
    at = tuple(map(float, guess.at))
    x, y = _plain(told(guess.x)), _plain(told(guess.y))
    axes = Axes(x, y, at, float(guess.low), float(guess.high), guess.log)
    return Question(text, axes=axes, lesson=name)


def _plain(text: str) -> str:
    """Write the few formulas of questions and options without LaTeX, and emphasis without its marks."""
    text = re.sub(r"\$([^$]*)\$", lambda found: _unicode(found[1]), text)
    return " ".join(text.replace("**", "").replace("*", "").split())


def _unicode(formula: str) -> str:
    for mark, sign in (
        (r"\sigma", "σ"),
        ("^2", "²"),
        (r"\partial", "∂"),
        (r"\beta", "β"),
        ("\\", ""),
    ):
        formula = formula.replace(mark, sign)
    return formula


def draw(state: State, code: str, key: str) -> None:
    """Offer to ask the class something, and its answers as a file."""
    with st.expander(_("Ask the class"), expanded=bool(state.get(_OPEN))):
        runs = lessons()
        which = st.selectbox(
            _("Question"),
            [*runs, OWN],
            key=_WHICH,
            format_func=lambda name: told(runs[name].title) if name else _("in your own words"),
        )
        if which == OWN:
            _own()
        else:
            st.text(question_of(which, runs[which]).text)
        st.button(_("Ask"), key="ask.ask", type="primary", on_click=_ask, args=(code, key))
        if state.get(_REFUSED):
            st.error(state[_REFUSED])
        st.caption(_("Answers gather above the charts. *Reveal* shows them to the class."))
        st.download_button(
            _("Answers as CSV"),
            lambda: running().answers(code, key),
            "normviz-answers.csv",
            "text/csv",
            key="ask.csv",
            on_click="ignore",
            help=_("One row an answer, without names: nobody has one here."),
        )


def _own() -> None:
    """Draw the fields of a question in the lecturer's own words."""
    st.text_area(_("Your question"), key=_TEXT, max_chars=QUESTION_LETTERS, height=80)
    shape = st.segmented_control(
        _("The class answers"),
        [_OPTION, _CURVE],
        key=_SHAPE,
        default=_OPTION,
        required=True,
        format_func={_OPTION: _("by choosing"), _CURVE: _("by drawing a curve")}.__getitem__,
    )
    if shape == _OPTION:
        st.text_area(
            _("Options, one a line"),
            key=_OPTIONS,
            max_chars=MOST * (OPTION_LETTERS + 1),
            help=_("Two to six."),
        )
        return
    st.text_input(_("Horizontal axis, with its unit"), key=_X, max_chars=OPTION_LETTERS)
    first, last = st.columns(2)
    first.number_input(_("from"), key=_FROM, value=1.0, format="%g")
    last.number_input(_("to"), key=_TO, value=10.0, format="%g")
    st.text_input(_("Vertical axis, with its unit"), key=_Y, max_chars=OPTION_LETTERS)
    low, high = st.columns(2)
    low.number_input(_("from"), key=_LOW, value=0.0, format="%g")
    high.number_input(_("to"), key=_HIGH, value=1.0, format="%g")


def own_question(fields: Mapping[Any, Any]) -> Question:
    """Return the question of the fields.

    Raises:
        BadQuestion: naming the field, its value and what is allowed.
    """
    text = " ".join(str(fields.get(_TEXT, "")).split())
    if fields.get(_SHAPE) != _CURVE:
        lines = [" ".join(line.split()) for line in str(fields.get(_OPTIONS, "")).splitlines()]
        return Question(text, tuple(line for line in lines if line))
    first, last = float(str(fields[_FROM])), float(str(fields[_TO]))
    x, y = (" ".join(str(fields.get(field, "")).split()) for field in (_X, _Y))
    axes = Axes(x, y, _places(first, last), float(str(fields[_LOW])), float(str(fields[_HIGH])))
    return Question(text, axes=axes)


def _places(first: float, last: float) -> tuple[float, ...]:
    """Return where a curve is drawn: at all whole numbers, if these are few, or at evenly spread places."""
    if not first < last:
        raise BadQuestion(
            f"horizontal axis: from {first:g} to {last:g}; allowed: the first below the second"
        )
    if first.is_integer() and last.is_integer() and last - first < min(PLACES, _OWN_PLACES):
        return tuple(float(at) for at in range(int(first), int(last) + 1))
    return tuple(first + (last - first) * i / (_OWN_PLACES - 1) for i in range(_OWN_PLACES))


@languages.spoken
def _ask(code: str, key: str) -> None:
    state = st.session_state
    state[_REFUSED], state[_OPEN], name = "", True, state[_WHICH]
    try:
        question = question_of(name, lessons()[name]) if name else own_question(dict(state.items()))
        running().ask(code, key, question)
    except (BadQuestion, RoomRefused) as refused:
        state[_REFUSED] = str(refused)


def reveal(state: State, code: str) -> None:
    """Open the run of the lesson that was asked; it is judged when it has come far enough."""
    try:
        asked = running().room(code).asked
    except RoomRefused:
        return
    lesson = lessons().get(asked.lesson) if asked else None
    if asked and lesson:
        take_over(state, lesson.config())
        state[_JUDGED] = asked.lesson


def until(state: State) -> int | None:
    """Return the step at which the run that is open can be judged; None where nothing waits for that."""
    lesson = lessons().get(state.get(_JUDGED, ""))
    return lesson.until if lesson and state[RESTORED] == lesson.config() else None


def judge(state: State, code: str, key: str, run: str) -> None:
    """Tell the class what the run shows."""
    lesson, found = lessons().get(state.get(_JUDGED, "")), running().record(run)
    if lesson is None or found is None or found.config != lesson.config():
        return
    verdict = lesson.judge(Recording.of(found.config, found.schema, found.frames))
    right = verdict.curve or verdict.answer
    running().reveal(code, key, right)
    state[_JUDGED] = ""
