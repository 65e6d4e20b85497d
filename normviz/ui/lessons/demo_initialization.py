"""A signal up and down ten layers whose weights have the size that a student chooses."""

import numpy as np
import streamlit as st

from normviz.charts.lessons import initialization
from normviz.language import _
from normviz.lessons.initialization_signal import CASES, Sweep, sweep, through
from normviz.lessons.words import number
from normviz.ui.lessons import plot

_CASE, _SCALE, _ACTIVATION = (
    f"demo.initialization.{each}" for each in ("case", "scale", "activation")
)
#: Zero, and steps of the same ratio; those of the cases are among them.
_SCALES = sorted(
    {
        0.0,
        *(float(f"{each:.3g}") for each in np.geomspace(0.05, 50, 61)),
        *(scale for _activation, scale in CASES.values()),
    }
)


@st.cache_data(max_entries=4, show_spinner=False)
def _sweep(activation: str) -> Sweep:
    return sweep(activation)


def draw() -> None:
    """Draw the choice, the histograms and the sweep."""
    st.subheader(_("Up and down ten layers"), anchor=False)
    state = st.session_state
    if _SCALE not in state:
        state[_CASE] = "Xavier"
        _take()
    st.pills(_("Weights"), list(CASES), key=_CASE, format_func=_, on_change=_take)
    left, right = st.columns([1, 3])
    activation = left.segmented_control(
        _("Activation"),
        ["tanh", "relu"],
        key=_ACTIVATION,
        required=True,
        format_func={"tanh": "tanh", "relu": "ReLU"}.__getitem__,
    )
    scale = right.select_slider(
        _("Standard deviation of the weights times $\\sqrt{n}$"),
        _SCALES,
        key=_SCALE,
        format_func=_named,
    )
    signal = through(str(activation), scale)
    up, down = st.columns(2)
    up.markdown(_("**Forwards:** activations"))
    plot.draw(initialization.forward(signal, str(activation)), "demo.initialization.up", up)
    down.markdown(_("**Backwards:** gradients with respect to pre-activations"))
    plot.draw(initialization.backward(signal), "demo.initialization.down", down)
    last, first = signal.forward[-1].std(), signal.backward[0].std()
    st.markdown(
        _(
            "After ten layers the activations have a standard deviation of **{last}**. Of gradients of size 1 "
            "that enter at the top, **{first}** is left at the first layer."
        ).format(last=number(last), first=number(first))
    )
    st.markdown(_("**Over all sizes** (100 units a layer; the green line is the chosen size)"))
    with st.spinner(_("Signals of 31 sizes go through ten layers…")):
        tanh, relu = _sweep("tanh"), _sweep("relu")
    for column, which in zip(st.columns(2), ("forward", "backward"), strict=True):
        plot.draw(
            initialization.sweeps(tanh, relu, which, scale), f"demo.initialization.{which}", column
        )


def _take() -> None:
    """Set activation and size to those of the chosen case."""
    state = st.session_state
    if state[_CASE] in CASES:
        state[_ACTIVATION], state[_SCALE] = CASES[state[_CASE]]


def _named(scale: float) -> str:
    return f"{scale:.3g}"
