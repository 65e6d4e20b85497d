"""The controls of a lesson's run: the few that matter, with session keys of their own."""

from typing import Any

import streamlit as st

from normviz.config import LANES, LaneConfig, RunConfig, from_link, to_link
from normviz.language import _
from normviz.lessons import Lesson
from normviz.ui.controls import draw_field, named
from normviz.ui.lessons.state import State, slot

_IN_A_ROW = 3


def draw(name: str, lesson: Lesson) -> RunConfig:
    """Draw the controls and return the run that they show."""
    state = st.session_state
    _put_back(state, name, lesson)
    for start in range(0, len(lesson.controls), _IN_A_ROW):
        row = lesson.controls[start : start + _IN_A_ROW]
        for column, control in zip(st.columns(_IN_A_ROW), row, strict=False):
            with column:
                draw_field(_key(name, control), _field(control), _label(lesson, control))
    config = set_to(lesson, {each: state[_key(name, each)] for each in lesson.controls})
    state[slot(name, "set")] = {each: state[_key(name, each)] for each in lesson.controls}
    if config != lesson.config():
        st.button(_("Back to the lesson's settings"), on_click=_reset, args=(name, lesson))
    return config


def set_to(lesson: Lesson, values: dict[str, Any]) -> RunConfig:
    """Return the lesson's run with other values of its controls."""
    link = to_link(lesson.config())
    return from_link({**link, **{field: written(value) for field, value in values.items()}})


def written(value: object) -> str:
    """Write a value as a link has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def keep(state: State, name: str, lesson: Lesson, config: RunConfig) -> None:
    """Give the controls the values of a run; they must not have been drawn yet."""
    lanes = config.lanes()
    state[slot(name, "set")] = {
        control: getattr(lanes[_lane(control)], _field(control)) for control in lesson.controls
    }
    for control in lesson.controls:
        state.pop(_key(name, control), None)


def changed(state: State, name: str, lesson: Lesson) -> dict[str, Any]:
    """Return the values that are kept and are not the lesson's own."""
    kept: dict[str, Any] = state.get(slot(name, "set")) or {}
    return {control: value for control, value in kept.items() if value != _own(lesson, control)}


def original(lesson: Lesson, config: RunConfig) -> bool:
    """Tell whether a run is the lesson's own, from whatever seed."""
    own = lesson.config()
    return config == own.model_copy(
        update={"lane": own.lane.model_copy(update={"seed": config.lane.seed})}
    )


def _put_back(state: State, name: str, lesson: Lesson) -> None:
    """Give controls that Streamlit has forgotten the values that were kept, or the lesson's."""
    kept = state.get(slot(name, "set")) or {}
    for control in lesson.controls:
        if _key(name, control) not in state:
            state[_key(name, control)] = kept.get(control, _own(lesson, control))


def _own(lesson: Lesson, control: str) -> Any:  # noqa: ANN401 - any field's value
    lane = lesson.config().lanes()[_lane(control)]
    return getattr(lane, _field(control))


def _reset(name: str, lesson: Lesson) -> None:
    for control in lesson.controls:
        st.session_state[_key(name, control)] = _own(lesson, control)


def _key(name: str, control: str) -> str:
    return slot(name, f"set.{control}")


def _lane(control: str) -> int:
    return LANES.index(control[0]) if control[1:2] == "." else 0


def _field(control: str) -> str:
    return control.rpartition(".")[2]


def _label(lesson: Lesson, control: str) -> str:
    """Name the control; with several lanes also the lane, where it is that lane's alone."""
    field, lanes = _field(control), lesson.config().changes()
    title = _(str(LaneConfig.model_fields[field].title))
    alone = _lane(control) > 0 or any(field in changes for changes in lanes)
    return _("{field}, {lane}").format(field=title, lane=named(_lane(control))) if alone else title
