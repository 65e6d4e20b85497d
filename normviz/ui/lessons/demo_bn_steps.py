"""Batch Normalization step by step: the graph with numbers that can be edited, forward and backward."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from normviz.charts.lessons import bn_graph
from normviz.language import N_, _
from normviz.lessons import bn_steps_graph as graph
from normviz.lessons.bn_steps_graph import MOVES, START, STEPS, Inputs
from normviz.ui.lessons import demo_bn_check, demo_bn_convolution, svg

_CSS = Path(bn_graph.__file__).with_suffix(".css").read_text("utf-8")
_AT, _EDITS = "bn_steps.at", "bn_steps.edits"
_EDGES = [(source, step.node) for step in STEPS for source in step.inputs]
_NUMBERS = {step.node: number for number, step in enumerate(STEPS, 1)}


def draw() -> None:
    """Draw the graph, its numbers, the code, the formula in one line with its check, and convolutions."""
    st.session_state.setdefault(_AT, len(STEPS))
    st.session_state.setdefault(_EDITS, (0, START))
    at = _transport()
    _step(at)
    place = st.container()
    numbers, code, check, convolution = st.tabs(
        [
            _("Edit the numbers"),
            _("All the code"),
            _("In one line, and checked"),
            _("For a convolution"),
        ]
    )
    with numbers:
        given = _edited()
    with place:
        _graph(given, at)
    with code:
        _code(at)
    with check:
        demo_bn_check.draw(given)
    with convolution:
        demo_bn_convolution.draw()


def _transport() -> int:
    """Draw the slider and its buttons; return how many moves are done: nine forward, nine back."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(_("◀ Back"), key="bn_steps.back", on_click=_move, args=(-1,))
        at = st.slider(
            _("Step: 1 to {steps} forward, {back} to {moves} backward").format(
                steps=len(STEPS), back=len(STEPS) + 1, moves=MOVES
            ),
            0,
            MOVES,
            key=_AT,
        )
        st.button(_("Next ▶"), key="bn_steps.on", on_click=_move, args=(1,))
    return at


def _move(by: int) -> None:
    st.session_state[_AT] = min(MOVES, max(0, st.session_state[_AT] + by))


def _current(at: int) -> tuple[int, bool]:
    """Return the step (0 to 8; -1 before the first) that the last move did, and whether it went back."""
    return (at - 1, False) if at <= len(STEPS) else (MOVES - at, True)


def _step(at: int) -> None:
    """Say what the last move did: formula, code and rule."""
    index, back = _current(at)
    if index < 0:
        st.markdown(
            _(
                "The inputs: four examples of two units, a scale and a shift. **Next** takes the first step."
            )
        )
        return
    step = STEPS[index]
    words, formula, code = st.columns([4, 3, 4], vertical_alignment="center")
    way = (
        _("Backward through step {index}").format(index=index + 1)
        if back
        else _("Forward, step {index}").format(index=index + 1)
    )
    words.markdown(f"**{way}: {_(step.title).lower()}.** {_(step.rule) if back else ''}")
    formula.latex(step.formula)
    code.code("\n".join(step.backward) if back else step.forward, language="python")


def _graph(given: Inputs, at: int) -> None:
    index, back = _current(at)
    values = graph.forward(given)
    known = {step.node for step in STEPS[: min(at, len(STEPS))]} | {"x", "gamma", "beta"}
    taken_back = max(0, at - len(STEPS))
    shown = bn_graph.Shown(
        {node: value for node, value in values.items() if node in known},
        graph.gradients(given, taken_back) if at >= len(STEPS) else {},
        _EDGES,
        STEPS[index].node if index >= 0 else "",
        back,
        _NUMBERS,
    )
    lines = {node: len(np.atleast_2d(value)) for node, value in values.items()}
    svg.draw("bn_graph", bn_graph.wide(shown, lines) + bn_graph.tall(shown, lines), _CSS)
    st.caption(
        _(
            "In each card: above the value, blue; below the gradient ∂L/∂, orange, once it has arrived. "
            "A gradient that comes from two sides is their sum so far. A row is an example, a column a unit."
        )
    )


def _edited() -> Inputs:
    """Draw the tables; return what is in them, with 0 where a cell was emptied."""
    version, start = st.session_state[_EDITS]
    x, dy, rest = st.columns([2, 2, 3])
    with x:
        found_x = _table(_("x, four examples"), start.x, f"bn_steps.x.{version}")
    with dy:
        found_dy = _table(_("∂L/∂y, from above"), start.dy, f"bn_steps.dy.{version}")
    with rest:
        both = np.stack([start.gamma, start.beta])
        both = _table(_("γ and β"), both, f"bn_steps.affine.{version}", ["γ", "β"])
        eps = st.number_input("ε", 0.0, 10.0, start.eps, format="%g", key=f"bn_steps.eps.{version}")
        given = Inputs(found_x, both[0], both[1], eps or 0.0, found_dy)
        _tricks(given)
    return given


def _table(label: str, numbers: np.ndarray, key: str, rows: list[str] | None = None) -> np.ndarray:
    st.markdown(f"**{label}**")
    names = rows or [f"{row}" for row in range(1, len(numbers) + 1)]
    edited = st.data_editor(
        pd.DataFrame(numbers, names, _units()), key=key, num_rows="fixed", width="stretch"
    )
    return np.nan_to_num(edited.to_numpy(np.float64))


def _units() -> list[str]:
    return [_("unit {n}").format(n=n) for n in (1, 2)]


def _tricks(given: Inputs) -> None:
    """Draw buttons for what is worth trying."""
    tricks: dict[str, Callable[[Inputs], Inputs]] = {
        "x × 10": lambda old: Inputs(old.x * 10, old.gamma, old.beta, old.eps, old.dy),
        N_("∂L/∂y = 1 for all"): lambda old: Inputs(
            old.x, old.gamma, old.beta, old.eps, np.ones_like(old.dy)
        ),
        N_("Start again"): lambda old: START,
    }
    with st.container(horizontal=True):
        for label, trick in tricks.items():
            st.button(_(label), key=f"bn_steps.{label}", on_click=_apply, args=(trick(given),))


def _apply(given: Inputs) -> None:
    version, _given = st.session_state[_EDITS]
    st.session_state[_EDITS] = version + 1, given


def _code(at: int) -> None:
    """Show all lines, forward and backward, with a mark at those of the last move."""
    index, back = _current(at)
    forward, backward = st.columns(2)
    with forward:
        st.markdown(_("**Forward**"))
        lines = [_marked(step.forward, not back and n == index) for n, step in enumerate(STEPS)]
        st.code("\n".join(lines), language="python")
    with backward:
        st.markdown(_("**Backward**"))
        lines = [
            _marked(line, back and n == index)
            for n, step in reversed(list(enumerate(STEPS)))
            for line in step.backward
        ]
        st.code("\n".join(lines), language="python")


def _marked(line: str, here: bool) -> str:
    return f"{line}  # <- here" if here else line
