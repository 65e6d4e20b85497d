"""The controls of the Lab. Each is made from its field of the configuration: its kind, range, title and explanation."""

import math
from collections.abc import Iterable
from typing import Any

import streamlit as st

from normviz.config import CHOICES, LaneConfig, RunConfig, bounds, matters
from normviz.ui.link import COMPARED, NOTHING, key

_GROUPS = {
    "Network": (
        *("norm", "groups", "r_max", "d_max", "place", "affine"),
        *("activation", "init", "init_std", "depth", "width"),
    ),
    "Data": ("dataset", "preprocessing", "whiten_eps"),
    "Training": ("optimizer", "lr", "batch_size", "order", "seed"),
}
#: Rarely used: behind a click, below the others.
_MORE = ("eps", "momentum", "gain", "schedule", "weight_decay", "clip")
#: What a lecture switches: always in sight, one press away.
_IN_SIGHT = ("norm", "activation")
_MORE_OPEN = "more.open"
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
    "weight_decay": 0.01,
    "clip": 1.0,
    "eps": 0.1,
    "momentum": 0.01,
    "groups": 1,
    "r_max": 1.0,
    "d_max": 0.0,
}
_EXACT = "The exact number; the slider goes in steps of 1, 2, 5. "
_BUTTONS = 3
_BUTTON_LETTERS = 24


def draw() -> None:
    """Draw all controls and the choice of what to compare with."""
    _compare()
    for title, fields in _GROUPS.items():
        st.subheader(title)
        _controls(fields)
        if title == "Training":
            info = RunConfig.model_fields["steps"]
            st.number_input(
                str(info.title), 1, 100_000, step=1000, key="steps", help=info.description
            )
    with st.expander("More", expanded=_more_open()):
        _controls(_MORE)


def _controls(fields: Iterable[str]) -> None:
    """Draw lane A's controls of those fields that have an effect; the others keep their values."""
    state = st.session_state
    for field in fields:
        if _shown(field):
            control(0, field)
        else:  # Streamlit forgets the value of a control that is no longer drawn
            state[key(0, field)] = state[key(0, field)]


def _shown(field: str) -> bool:
    """Tell whether a field has an effect in either lane, or is what they differ in."""
    state = st.session_state
    first = {name: state[key(0, name)] for name in LaneConfig.model_fields}
    compared = state[COMPARED]
    second = {**first, compared: state.get(key(1, compared), first.get(compared))}
    return field == compared or matters(field, first) or matters(field, second)


def _more_open() -> bool:
    """Tell whether the session's link had something to show there."""
    state, defaults = st.session_state, LaneConfig()
    if _MORE_OPEN not in state:
        state[_MORE_OPEN] = any(state[key(0, name)] != getattr(defaults, name) for name in _MORE)
    return state[_MORE_OPEN]


def control(lane: int, field: str) -> None:
    """Draw the control of one field of lane A (0) or B (1)."""
    info = LaneConfig.model_fields[field]
    label = f"{info.title}, lane B" if lane else str(info.title)
    if field in CHOICES:
        _choice(lane, field, label, info.description)
    elif info.annotation is bool:
        st.toggle(label, key=key(lane, field), help=info.description)
    elif info.annotation is float:
        _magnitude(lane, field, label, info.description)
    elif field in ("depth", "width"):
        low, high = map(int, bounds(field))  # pyright: ignore
        st.slider(label, low, high, key=key(lane, field), help=info.description)
    else:
        low, high = map(int, bounds(field))  # pyright: ignore
        st.number_input(label, low, high, step=1, key=key(lane, field), help=info.description)


def _choice(lane: int, field: str, label: str, explanation: str | None) -> None:
    """Draw a few choices as buttons and more as a list, with the chosen one's formula below."""
    table, state = CHOICES[field], key(lane, field)

    def name(entry: str) -> str:
        choice = table[entry]
        return choice.label if choice.available() else f"{choice.label} (not on this server)"

    few = (
        len(table) <= _BUTTONS
        and sum(len(choice.label) for choice in table.values()) <= _BUTTON_LETTERS
    )
    if few or field in _IN_SIGHT:
        buttons = st.segmented_control if few else st.pills
        buttons(
            label,
            list(table),
            required=True,
            width="stretch" if few else "content",
            key=state,
            format_func=name,
            help=explanation,
        )
    else:
        st.selectbox(label, list(table), key=state, format_func=name, help=explanation)
    chosen = table[st.session_state[state]]
    st.caption(
        " ".join(filter(None, [f"${chosen.formula}$" if chosen.formula else "", chosen.about]))
    )


def _magnitude(lane: int, field: str, label: str, explanation: str | None) -> None:
    """Draw a number; if it cannot be 0, also as a logarithmic slider. Each follows the other."""
    number, slider = key(lane, field), key(lane, field) + ".slider"
    low, high = bounds(field)
    if low:
        stops, state = _stops(field), st.session_state
        state[slider] = min(stops, key=lambda stop: abs(stop / state[number] - 1))

        def follow() -> None:
            state[number] = state[slider]

        st.select_slider(
            label,
            stops,
            key=slider,
            format_func=lambda stop: f"{stop:g}",
            on_change=follow,
            help=explanation,
        )
        label, explanation = f"{label}, exact", _EXACT + (explanation or "")
    st.number_input(label, low, high, step=None, format="%g", key=number, help=explanation)


def _stops(field: str) -> list[float]:
    """Return 1, 2, 5 times every power of ten within the field's range."""
    low, high = bounds(field)
    numbers = [float(f"{leading}e{power}") for power in range(-6, 3) for leading in (1, 2, 5)]
    return [number for number in numbers if (low or 0) <= number <= (high or math.inf)]


def _compare() -> None:
    """Draw what lane B does differently: nothing (one lane), or one control and its value."""
    everything = [field for fields in (*_GROUPS.values(), _MORE) for field in fields]
    fields = [NOTHING, *filter(_shown, everything)]

    def title(field: str) -> str:
        return str(LaneConfig.model_fields[field].title) if field else "one network only"

    def start() -> None:
        field = st.session_state[COMPARED]
        if field:
            st.session_state[key(1, field)] = _other(field, st.session_state[key(0, field)])

    st.selectbox(
        "Compare with…",
        fields,
        key=COMPARED,
        format_func=title,
        on_change=start,
        help="A second network beside the first: same initial weights where shapes allow, same minibatches, one "
        "control changed.",
    )
    if st.session_state[COMPARED]:
        with st.container(border=True):
            control(1, st.session_state[COMPARED])


def _other(field: str, value: Any) -> Any:  # noqa: ANN401 - any field's value
    """Return a telling value that differs from lane A's."""
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
