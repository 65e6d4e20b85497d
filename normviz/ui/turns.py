"""Changes in the middle of a run: made where the view stands, listed and taken back in the sidebar."""

from typing import Any

import streamlit as st

from normviz.config import LANES, TURNABLE, describe, title
from normviz.language import _
from normviz.ui import controls, lanes, languages, lecture
from normviz.ui.link import DRAFT, TURNS, close_gaps, differences, forked, key

_FIELD, _WHERE, _STEP = "turn.field", "turn.where", "turn.step"
_FORK = "fork"
_LAST = 99_999


def draw() -> None:
    """List what changes on the way, each with a button that takes it back."""
    state = st.session_state
    if not state[TURNS] or not lecture.shows(state, lecture.CHANGES):
        return
    st.subheader(_("Changes on the way"))
    for index, (lane, at, field, value) in enumerate(state[TURNS]):
        words, button = st.columns([6, 1], vertical_alignment="center")
        words.markdown(
            _("**{lane}**, step {step}: {change}").format(
                lane=LANES[lane].upper(), step=f"{at:,}", change=describe(field, value)
            )
        )
        button.button(
            "✕",
            key=f"turn.remove.{index}",
            type="tertiary",
            help=_("Take this change back"),
            disabled=lecture.locked(state, lecture.CHANGES),
            on_click=_remove,
            args=(index,),
        )


def _remove(index: int) -> None:
    state = st.session_state
    state[TURNS] = [turn for i, turn in enumerate(state[TURNS]) if i != index]
    close_gaps(state)


def ask(step: int) -> None:
    """Ask what is to change after this step, whatever was asked before and not answered."""
    st.session_state[_STEP] = min(max(1, step), _LAST)
    st.dialog(_("Change something here"), width="medium")(_dialog)()


@languages.spoken
def _dialog() -> None:
    """Ask what is to change, and where: in the run itself or in a fork beside it."""
    state = st.session_state
    fields = [f for f in TURNABLE if controls.shown(f) and lecture.open_to(state, f)]
    if not fields:  # the link locks all of them
        return
    first = fields.index("norm") if "norm" in fields else 0
    field = st.selectbox(_("What"), fields, index=first, key=_FIELD, format_func=title)
    draft = key(len(LANES), field)
    if state.get(draft) is None:
        state[draft] = lanes.other(field, state[key(0, field)])
    controls.control(len(LANES), field)
    when, where = st.columns([2, 3])
    when.number_input(_("After step"), 1, _LAST, key=_STEP)
    where.segmented_control(
        _("Where"),
        _places(state),
        key=_WHERE,
        default=_places(state)[0],
        required=True,
        format_func=_place,
    )
    st.caption(
        _(
            "The run comes to this step exactly as it did before, from a state kept on the way: same weights, same "
            "minibatches."
        )
    )
    if st.button(_("Go"), type="primary", width="stretch"):
        _go(field, state[draft])
        st.rerun()


def _places(state: Any) -> list[str]:  # noqa: ANN401 - the session
    """Return where a change is possible: a fork if a lane is free, and the lanes that are there."""
    there = [0, *(i for i, each in enumerate(differences(state), 1) if each or forked(state, i))]
    return [*([_FORK] if len(there) < len(LANES) else []), *(LANES[lane] for lane in there)]


def _place(place: str) -> str:
    return _("a fork beside it") if place == _FORK else _("lane {lane}").format(lane=place.upper())


def _go(field: str, value: Any) -> None:  # noqa: ANN401 - any field's value
    state = st.session_state
    places = _places(state)
    lane = len(places) - 1 if state[_WHERE] == _FORK else LANES.index(state[_WHERE])
    state[TURNS] = [*state[TURNS], (lane, state[_STEP], field, value)]
    for name in [_STEP, _FIELD, _WHERE, *(f"{DRAFT}.{field}" for field in TURNABLE)]:
        state.pop(name, None)
