"""One example in many minibatches: what its companions do to it."""

import streamlit as st

from normviz.charts.lessons import learning_rate
from normviz.language import _
from normviz.lessons.learning_rate import companions
from normviz.ui.lessons import plot

_DRAWS = 5000


def draw() -> None:
    """Draw the sliders, the variance measured and by the formula, and where the example lands."""
    st.subheader(_("One example, many companions"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        value = st.slider(
            _("The example's $z$, in standard deviations"),
            -3.0,
            3.0,
            1.0,
            0.1,
            key="demo.learning_rate.value",
        )
        batch = st.select_slider(
            _("Batch size $B$"), (2, 4, 8, 16, 32, 64, 128, 256), 16, key="demo.learning_rate.batch"
        )
        normalized, formula = companions(value, batch, _DRAWS)
        measured = float(normalized.var())
        st.metric(_("variance over {draws:,} batches").format(draws=_DRAWS), f"{measured:.4f}")
        st.metric(_("by the formula, $(1 + z^2/2) / B$"), f"{formula:.4f}")
        st.caption(
            _(
                "Gaussian companions, drawn anew for every batch; the dashed line is the example's own $z$. The "
                "formula is of first order in $1/B$: in small batches an example is much of its own mean and spread, "
                "and the variance is below it."
            )
        )
    plot.draw(learning_rate.companions(normalized, value), "demo.learning_rate.chart", right)
