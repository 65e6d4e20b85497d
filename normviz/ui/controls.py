"""The controls of the Lab. Each is made from its field of the configuration: its kind, range, title and explanation."""

from typing import Any

import streamlit as st

from normviz.config import CHOICES, LaneConfig, RunConfig, bounds
from normviz.ui.link import COMPARED, NOTHING, key

_GROUPS = {
    "Network": ("norm", "place", "affine", "activation", "init", "depth", "width"),
    "Data": ("dataset", "preprocessing"),
    "Training": ("optimizer", "lr", "batch_size", "seed"),
}
#: What comparing starts with, where it is not simply the next entry of the table.
_OTHER = {"norm": "batch", "depth": 3, "width": 50, "lr": 1.0, "batch_size": 20, "seed": 1}
_RATES = [leading * 10.0**power for power in range(-6, 2) for leading in (1, 2, 5)] + [100.0]
_BUTTONS = 3
_BUTTON_LETTERS = 24


def draw() -> None:
    """Draw all controls and the choice of what to compare with."""
    _compare()
    for title, fields in _GROUPS.items():
        st.subheader(title)
        for field in fields:
            control(0, field)
        if title == "Training":
            info = RunConfig.model_fields["steps"]
            st.number_input(
                str(info.title), 1, 100_000, step=1000, key="steps", help=info.description
            )


def control(lane: int, field: str) -> None:
    """Draw the control of one field of lane A (0) or B (1)."""
    info = LaneConfig.model_fields[field]
    label = f"{info.title}, lane B" if lane else str(info.title)
    if field in CHOICES:
        _choice(lane, field, label, info.description)
    elif info.annotation is bool:
        st.toggle(label, key=key(lane, field), help=info.description)
    elif field == "lr":
        _rate(lane, label, info.description)
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
        return table[entry].label

    if (
        len(table) <= _BUTTONS
        and sum(len(choice.label) for choice in table.values()) <= _BUTTON_LETTERS
    ):
        st.segmented_control(
            label,
            list(table),
            required=True,
            width="stretch",
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


def _rate(lane: int, label: str, explanation: str | None) -> None:
    """Draw the learning rate as a logarithmic slider and as an exact number; each follows the other."""
    number, slider = key(lane, "lr"), key(lane, "lr") + ".slider"
    state = st.session_state
    state[slider] = min(_RATES, key=lambda rate: abs(rate / state[number] - 1))

    def follow() -> None:
        state[number] = state[slider]

    st.select_slider(
        label,
        _RATES,
        key=slider,
        format_func=lambda rate: f"{rate:g}",
        on_change=follow,
        help=explanation,
    )
    low, high = bounds("lr")
    st.number_input(
        f"{label}, exact",
        low,
        high,
        step=None,
        format="%g",
        key=number,
        help="The exact number $\\eta$; the slider goes in steps of 1, 2, 5.",
    )


def _compare() -> None:
    """Draw what lane B does differently: nothing (one lane), or one control and its value."""
    fields = [NOTHING, *(field for fields in _GROUPS.values() for field in fields)]

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
        names = list(CHOICES[field])
        return (
            names[(names.index(value) + 1) % len(names)]
            if value == _OTHER.get(field) or field not in _OTHER
            else _OTHER[field]
        )
    return (
        _OTHER[field]
        if value != _OTHER[field]
        else value * 2
        if field in ("lr", "width", "batch_size")
        else value + 1
    )
