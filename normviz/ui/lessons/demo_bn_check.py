"""The gradient of Batch Normalization in one line, and the check of both ways against differences."""

import numpy as np
import pandas as pd
import streamlit as st

from normviz.lessons import bn_steps_graph as graph
from normviz.lessons.bn_steps_graph import FORMULA, ONE_LINE, Inputs


def draw(given: Inputs) -> None:
    """Draw the formula, its code, and how far the ways are apart with the numbers of the page."""
    st.latex(FORMULA)
    st.code("\n".join(ONE_LINE), language="python")
    st.dataframe(_differences(given), hide_index=True)
    st.caption(
        "Live, in float64, with the numbers of this page, of L = Σ ∂L/∂y · y. Central differences are exact to about "
        "1e-8 of the gradient, since a number is moved by 1e-4 of its standard deviation. Against autograd the nine "
        "steps are checked by normviz's tests, node by node, in float64: this page is drawn by a process that has no "
        "torch."
    )


def _differences(given: Inputs) -> pd.DataFrame:
    steps, line, central = graph.gradients(given), graph.vectorised(given), graph.central(given)
    return pd.DataFrame(
        [
            {
                "gradient": f"∂L/∂{symbol}",
                "largest value": _largest(steps[name]),
                "nine steps − one line": _largest(steps[name] - line[name]),
                "nine steps − central differences": _largest(steps[name] - central[name]),
            }
            for name, symbol in (("x", "x"), ("gamma", "γ"), ("beta", "β"))
        ]
    )


def _largest(numbers: np.ndarray) -> str:
    return f"{np.abs(numbers).max():.2e}"
