"""Three estimates of one distribution: how many examples a minibatch has, and how much momentum."""

import streamlit as st

from normviz.charts.lessons import inference as charts
from normviz.lessons.inference_estimates import MEAN, VARIANCE, resting_ratio, simulate
from normviz.ui.lessons import plot

_STEPS = 200


def draw() -> None:
    """Draw two sliders, the estimates over 200 minibatches, and what the formulas say."""
    st.subheader("Three estimates, one distribution")
    left, right = st.columns(2)
    batch = left.select_slider(
        "Examples in a minibatch, m", [2, 4, 8, 16, 32, 64, 128], 8, key="inference.batch"
    )
    momentum = right.select_slider(
        "Momentum of the running averages, ρ",
        [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0],
        0.1,
        key="inference.momentum",
    )
    mean, variance, biased = simulate(batch, momentum, _STEPS, seed=0)
    plot.draw(charts.estimates(mean, variance, (MEAN, VARIANCE)), "inference.estimates")
    st.markdown(
        f"Drawn are {_STEPS} minibatches of a unit with mean {MEAN:g} and variance {VARIANCE:g} (dotted), which no "
        f"training moves. The variances of the minibatches are on average **{biased:.2f}** divided by m, expected "
        f"(m − 1)/m · σ² = {VARIANCE * (batch - 1) / batch:.2f}, and **{variance.population[-1]:.2f}** divided by "
        f"m − 1, unbiased. In the end a running average scatters {resting_ratio(momentum):.2f} times as much as a "
        f"single minibatch; after {_STEPS} steps it keeps {(1 - momentum) ** _STEPS:.1%} of where it began."
    )
