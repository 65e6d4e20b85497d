"""The lanes beside the first: each is the same as lane A, except some controls."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from normviz.config import CHOICES, LANES, LaneConfig, title
from normviz.language import _
from normviz.ui import controls, lecture
from normviz.ui.link import State, close_gaps, differences, differs, forked, key, set_lanes

#: What comparing starts with, where it is not simply the next entry of the table.
_OTHER = {
    "norm": "batch",
    "init": "he",
    "depth": 3,
    "width": 50,
    "lr": 1.0,
    "batch_size": 20,
    "seed": 1,
    "init_std": 1.0,
    "gain": 2.0,
    "whiten_eps": 0.001,
    "noise": 0.2,
    "weight_decay": 0.01,
    "clip": 1.0,
    "eps": 0.1,
    "momentum": 0.01,
    "groups": 1,
    "r_max": 1.0,
    "d_max": 0.0,
    "warmup": 0,
    "power_iterations": 10,
    "lrn_n": 1,
    "lrn_k": 1.0,
    "lrn_alpha": 1.0,
    "lrn_beta": 0.5,
    "blocks": 2,
    "channels": 4,
}


def draw() -> None:
    """Draw what each further lane does differently; one more lane is offered than there are."""
    state, open_ends = st.session_state, 0
    if not lecture.shows(state, lecture.LANES):
        for lane in range(1, len(LANES)):
            _keep(differs(lane), *(key(lane, field) for field in LaneConfig.model_fields))
        return
    for lane in range(1, len(LANES)):
        if open_ends:  # Streamlit forgets the value of a control that is no longer drawn
            _keep(differs(lane))
            continue
        _lane(lane)
        open_ends += not state[differs(lane)] and not forked(state, lane)


def _keep(*names: str) -> None:
    """Keep what Streamlit forgets about controls that are no longer drawn."""
    state = st.session_state
    for name in names:
        if name in state:
            state[name] = state[name]


def _lane(lane: int) -> None:
    state, letter = st.session_state, LANES[lane].upper()
    fields = [f for f in controls.FIELDS if controls.shown(f) and lecture.open_to(state, f)]
    fields += [field for field in state[differs(lane)] if field not in fields]
    st.multiselect(
        _("Lane {lane}: as A, except…").format(lane=letter)
        if lane > 1
        else _("Compare with lane B: as A, except…"),
        fields,
        key=differs(lane),
        format_func=title,
        placeholder=_("as A, up to its change")
        if forked(state, lane)
        else _("one network only")
        if lane == 1
        else _("no lane {lane}").format(lane=letter),
        on_change=_chosen,
        disabled=any(lecture.locked(state, f) for f in (lecture.LANES, *state[differs(lane)])),
        args=(lane,),
        help=_(
            "A further network beside the first: same initial weights where shapes allow, same minibatches, only "
            "these controls changed."
        ),
    )
    drawn = [field for field in state[differs(lane)] if lecture.shows(state, field)]
    _keep(*(key(lane, field) for field in state[differs(lane)] if field not in drawn))
    if drawn:
        with st.container(border=True):
            for field in drawn:
                controls.control(lane, field)


def _chosen(lane: int) -> None:
    """Give fields that have just been chosen a telling value; close the gap that an emptied lane leaves."""
    state = st.session_state
    for field in state[differs(lane)]:
        if state.get(key(lane, field)) is None:
            state[key(lane, field)] = other(field, state[key(0, field)])
    for field in LaneConfig.model_fields:
        if field not in state[differs(lane)]:
            state.pop(key(lane, field), None)
    if not state[differs(lane)]:
        close_gaps(state)


def add(state: State, changes: Mapping[str, Any]) -> bool:
    """Add a lane with these differences from lane A; tell whether one was free."""
    lanes = differences(state)
    free = next((i for i, each in enumerate(lanes, 1) if not each and not forked(state, i)), None)
    if free is None:
        return False
    lanes[free - 1] = dict(changes)
    set_lanes(state, lanes)
    return True


def other(field: str, value: Any) -> Any:  # noqa: ANN401 - any field's value
    """Return a telling value that differs from this one."""
    if isinstance(value, bool):
        return not value
    if field in CHOICES:
        names = [n for n, choice in CHOICES[field].items() if n == value or choice.available()]
        return (
            names[(names.index(value) + 1) % len(names)]
            if value == _OTHER.get(field) or field not in _OTHER
            else _OTHER[field]
        )
    return (
        _OTHER[field]
        if value != _OTHER[field]
        else value * 2
        if isinstance(value, float) or field in ("width", "batch_size")
        else value + 1
    )
