"""The controls of the Lab. Each is made from its field of the configuration: its kind, range, title and explanation."""

import math
from collections.abc import Iterable

import streamlit as st

from normviz.config import CHOICES, LANES, LaneConfig, RunConfig, bounds, matters, title
from normviz.language import N_, _
from normviz.ui import lecture, own
from normviz.ui.link import differences, key

_GROUPS = {
    N_("Network"): (
        *("norm", "groups", "r_max", "d_max", "warmup", "power_iterations"),
        *("lrn_n", "lrn_k", "lrn_alpha", "lrn_beta", "place", "affine"),
        *("activation", "init", "init_std", "model", "depth", "width", "blocks", "channels"),
    ),
    N_("Data"): ("dataset", "noise", "preprocessing", "whiten_eps"),
    N_("Training"): ("optimizer", "lr", "batch_size", "order", "seed"),
}
#: Rarely used: behind a click, below the others.
_MORE = (
    "eps",
    "momentum",
    "statistics",
    "gain",
    "schedule",
    "weight_decay",
    "clip",
    "device",
    "meter",
)
#: What a lecture switches: always in sight, one press away.
_IN_SIGHT = ("norm", "activation")
_MORE_OPEN = "more.open"
_EXACT = N_("The exact number; the slider goes in steps of 1, 2, 5.")
_BUTTONS = 3
_BUTTON_LETTERS = 24


#: All fields that have a control, in order.
FIELDS = (*(field for fields in _GROUPS.values() for field in fields), *_MORE)


def draw() -> None:
    """Draw all controls of lane A."""
    for group, fields in _GROUPS.items():
        last = ("steps",) if "seed" in fields else ()
        if any(lecture.shows(st.session_state, name) for name in (*fields, *last)):
            st.subheader(_(group))
        _controls(fields)
        if "dataset" in fields and all(
            lecture.open_to(st.session_state, name) for name in own.SETS
        ):
            own.draw()
        if last:
            _steps()
    if any(lecture.shows(st.session_state, field) for field in _MORE):
        with st.expander(_("More"), expanded=_more_open()):
            _controls(_MORE)
    else:
        _controls(_MORE)


def _steps() -> None:
    info, state = RunConfig.model_fields["steps"], st.session_state
    if not lecture.shows(state, "steps"):
        state["steps"] = state["steps"]
        return
    held = lecture.locked(state, "steps")
    st.number_input(
        _(str(info.title)),
        1,
        100_000,
        step=1000,
        key="steps",
        help=_(str(info.description)),
        disabled=held,
    )


def _controls(fields: Iterable[str]) -> None:
    """Draw lane A's controls that have an effect and that the link shows; the others keep their values."""
    state = st.session_state
    for field in fields:
        if shown(field) and lecture.shows(state, field):
            control(0, field)
        else:  # Streamlit forgets the value of a control that is no longer drawn
            state[key(0, field)] = state[key(0, field)]


def shown(field: str) -> bool:
    """Tell whether a field has an effect in some lane, or is what a lane does differently."""
    state = st.session_state
    first = {name: state[key(0, name)] for name in LaneConfig.model_fields}
    lanes = [{}, *differences(state)]
    free = field != "own"  # an upload sets it
    return any(field in lane or (free and matters(field, {**first, **lane})) for lane in lanes)


def _more_open() -> bool:
    """Tell whether the session's link had something to show there."""
    state, defaults = st.session_state, LaneConfig()
    if _MORE_OPEN not in state:
        state[_MORE_OPEN] = any(state[key(0, name)] != getattr(defaults, name) for name in _MORE)
    return state[_MORE_OPEN]


def named(lane: int) -> str:
    """Return what a lane is called: "lane B"; behind the last one is the change that is being made."""
    if lane == len(LANES):
        return _("from then on")
    return _("lane {lane}").format(lane=LANES[lane].upper())


def control(lane: int, field: str) -> None:
    """Draw the control of one field of a lane, A being 0; one that the link locks shows its value only."""
    label, held = title(field), lecture.locked(st.session_state, field)
    if lane:
        label = _("{field}, {lane}").format(field=label, lane=named(lane))
    draw_field(key(lane, field), field, label, held=held)


def draw_field(state: str, field: str, label: str, *, held: bool = False) -> None:
    """Draw the control of a field with the session key ``state``; ``held``: nobody can change it."""
    info = LaneConfig.model_fields[field]
    explanation = _(str(info.description))
    if field in CHOICES:
        _choice(state, field, label, explanation, held)
    elif info.annotation is bool:
        st.toggle(label, key=state, help=explanation, disabled=held)
    elif info.annotation is str:
        st.text_input(label, key=state, help=explanation, disabled=True)
    elif field == "noise":
        low, high = map(float, bounds(field))  # pyright: ignore
        st.slider(label, low, high, step=0.01, key=state, help=explanation, disabled=held)
    elif info.annotation is float:
        _magnitude(state, field, label, explanation, held)
    elif field in ("depth", "width", "blocks", "channels"):
        low, high = map(int, bounds(field))  # pyright: ignore
        st.slider(label, low, high, key=state, help=explanation, disabled=held)
    else:
        low, high = map(int, bounds(field))  # pyright: ignore
        st.number_input(label, low, high, step=1, key=state, help=explanation, disabled=held)


def _choice(state: str, field: str, label: str, explanation: str, held: bool) -> None:
    """Draw a few choices as buttons and more as a list, with the chosen one's formula below."""
    table = CHOICES[field]

    def name(entry: str) -> str:
        choice = table[entry]
        if not choice.missing or choice.available():
            return _(choice.label)
        return f"{_(choice.label)} ({_(choice.missing)})"

    few = len(table) <= _BUTTONS and sum(len(name(entry)) for entry in table) <= _BUTTON_LETTERS
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
            disabled=held,
        )
    else:
        st.selectbox(
            label, list(table), key=state, format_func=name, help=explanation, disabled=held
        )
    chosen = table[st.session_state[state]]
    st.caption(
        " ".join(
            filter(None, [f"${chosen.formula}$" if chosen.formula else "", chosen.explanation()])
        )
    )


def _magnitude(number: str, field: str, label: str, explanation: str, held: bool) -> None:
    """Draw a number; if it cannot be 0, also as a logarithmic slider. Each follows the other."""
    slider = f"{number}.slider"
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
            disabled=held,
        )
        label = _("{field}, exact").format(field=label)
        explanation = f"{_(_EXACT)} {explanation}"
    st.number_input(
        label, low, high, step=None, format="%g", key=number, help=explanation, disabled=held
    )


def _stops(field: str) -> list[float]:
    """Return 1, 2, 5 times every power of ten within the field's range."""
    low, high = bounds(field)
    numbers = [float(f"{leading}e{power}") for power in range(-6, 3) for leading in (1, 2, 5)]
    return [number for number in numbers if (low or 0) <= number <= (high or math.inf)]
