"""Three estimates of one distribution: how many examples a minibatch has, and how much momentum."""

import streamlit as st

from normviz.charts.lessons import inference as charts
from normviz.language import _
from normviz.lessons.inference_estimates import MEAN, VARIANCE, resting_ratio, simulate
from normviz.ui.lessons import plot

_STEPS = 200


def draw() -> None:
    """Draw two sliders, the estimates over 200 minibatches, and what the formulas say."""
    st.subheader(_("Three estimates, one distribution"))
    left, right = st.columns(2)
    batch = left.select_slider(
        _("Examples in a minibatch, m"), [2, 4, 8, 16, 32, 64, 128], 8, key="inference.batch"
    )
    momentum = right.select_slider(
        _("Momentum of the running averages, ρ"),
        [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0],
        0.1,
        key="inference.momentum",
    )
    mean, variance, biased = simulate(batch, momentum, _STEPS, seed=0)
    plot.draw(charts.estimates(mean, variance, (MEAN, VARIANCE)), "inference.estimates")
    st.markdown(
        _(
            "Drawn are {steps} minibatches of a unit with mean {mean:g} and variance {variance:g} (dotted), which no "
            "training moves. The variances of the minibatches are on average **{biased:.2f}** divided by m, expected "
            "(m − 1)/m · σ² = {expected:.2f}, and **{population:.2f}** divided by "
            "m − 1, unbiased. In the end a running average scatters {ratio:.2f} times as much as a "
            "single minibatch; after {steps} steps it keeps {kept:.1%} of where it began."
        ).format(
            steps=_STEPS,
            mean=MEAN,
            variance=VARIANCE,
            biased=biased,
            expected=VARIANCE * (batch - 1) / batch,
            population=variance.population[-1],
            ratio=resting_ratio(momentum),
            kept=(1 - momentum) ** _STEPS,
        )
    )
