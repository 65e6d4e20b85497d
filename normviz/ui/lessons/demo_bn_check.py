"""The gradient of Batch Normalization in one line, and the check of all ways against each other."""

import numpy as np
import pandas as pd
import streamlit as st

from normviz.language import _
from normviz.lessons import bn_steps_graph as graph
from normviz.lessons.bn_steps_graph import FORMULA, ONE_LINE, Inputs, Values
from normviz.ui.lessons import autograd

_SYMBOLS = {"x": "x", "gamma": "γ", "beta": "β"}


def draw(given: Inputs) -> None:
    """Draw the formula, its code, and how far the ways are apart with the numbers of the page."""
    st.latex(FORMULA)
    st.code("\n".join(ONE_LINE), language="python")
    others = {
        _("one line"): graph.vectorised(given),
        _("central differences"): graph.central(given),
    }
    asked = st.toggle(_("Also against torch’s autograd"), key="bn_steps.autograd")
    if asked and (found := autograd.gradients(given)) is not None:
        others["autograd"] = found
    elif asked:
        st.warning(_("The process with torch gave no answer. Try again later."))
    st.table(_differences(graph.gradients(given), others))
    st.caption(
        _(
            "Live, with the numbers of this page, all in float64, of L = Σ ∂L/∂y · y: the largest difference from "
            "the nine steps. A central difference moves a number by 1e-4 of its standard deviation, and so is exact "
            "to about 1e-8 of the gradient. This page is drawn by a process without torch; autograd runs in one of "
            "its own, which takes some seconds to start. A test of normviz compares every node of the graph with it."
        )
    )


def _differences(steps: Values, others: dict[str, Values]) -> pd.DataFrame:
    rows = [
        {
            _("largest value"): _largest(steps[name]),
            **{f"− {way}": _largest(steps[name] - found[name]) for way, found in others.items()},
        }
        for name in _SYMBOLS
    ]
    return pd.DataFrame(rows, [f"∂L/∂{symbol}" for symbol in _SYMBOLS.values()])


def _largest(numbers: np.ndarray) -> str:
    return f"{np.abs(numbers).max():.1e}"
