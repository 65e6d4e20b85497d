"""One unit through BatchNorm: its input, gamma and beta, and what an activation makes of it."""

import numpy as np
import streamlit as st

from normviz.charts.lessons import gamma_beta as charts
from normviz.language import N_, _
from normviz.lessons.gamma_beta import (
    Unit,
    normal_shares,
    normalized,
    restoring,
    shares,
)
from normviz.ui.lessons import plot

_EXAMPLES = 2000
_GAMMA, _BETA = "gamma_beta.gamma", "gamma_beta.beta"


def draw() -> None:
    """Draw the sliders, the picture, and what is lost and restored."""
    st.subheader(_("One unit"))
    st.session_state.setdefault(_GAMMA, 1.0)
    st.session_state.setdefault(_BETA, 0.0)
    left, right = st.columns(2)
    mean = left.slider(_("Mean of the input, μ"), -3.0, 3.0, 1.5, 0.1, key="gamma_beta.mean")
    std = left.slider(_("Its standard deviation, σ"), 0.1, 3.0, 2.0, 0.1, key="gamma_beta.std")
    x = mean + std * np.random.default_rng(3).normal(size=_EXAMPLES)
    right.slider(_("Scale γ"), 0.0, 4.0, step=0.01, key=_GAMMA)
    right.slider(_("Shift β"), -4.0, 4.0, step=0.01, key=_BETA)
    kind = st.segmented_control(
        _("Activation"),
        [N_("sigmoid"), "ReLU"],
        default="sigmoid",
        format_func=_,
        key="gamma_beta.kind",
    )
    restored = st.toggle(_("γ = √(σ² + ε), β = μ: give the input back"), key="gamma_beta.restored")
    own = (st.session_state[_GAMMA], st.session_state[_BETA])
    gamma, beta = restoring(x) if restored else own
    y = normalized(x, gamma, beta)
    plot.draw(charts.unit(x, y, kind == "ReLU"), "gamma_beta.unit")
    st.markdown(_said(x, y, gamma, beta, kind == "ReLU"))


def _said(x: Unit, y: Unit, gamma: float, beta: float, rectified: bool) -> str:
    found, normal = shares(y), normal_shares(gamma, beta)
    if rectified:
        said = _(
            "With γ = {gamma:.3f} and β = {beta:.3f} the ReLU is **0 for {share:.1%}** of the values ({normal:.1%} "
            "of a normal distribution)."
        )
        share, usual = found.zero, normal.zero
    else:
        said = _(
            "With γ = {gamma:.3f} and β = {beta:.3f} **{share:.1%}** of the sigmoid's values are from 0.2 to 0.8, "
            "where it is nearly a line ({normal:.1%} of a normal distribution)."
        )
        share, usual = found.linear, normal.linear
    apart = _(
        "The largest difference between y and x is **{apart:.2g}**, in float64, of {n:,} drawn values."
    ).format(apart=np.abs(y - x).max(), n=_EXAMPLES)
    return f"{said.format(gamma=gamma, beta=beta, share=share, normal=usual)} {apart}"
