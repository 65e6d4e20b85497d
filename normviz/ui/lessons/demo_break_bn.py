"""One value among companions: what is left of it in minibatches of different sizes."""

import streamlit as st

from normviz.charts.lessons import companions
from normviz.language import _
from normviz.lessons.break_bn import normalized
from normviz.ui.lessons import plot

_SIZES = (1, 2, 3, 4, 8, 16, 32, 64, 128, 256)
_DRAWS = 5000


def draw() -> None:
    """Draw the sliders, and what many minibatches make of the same value."""
    st.subheader(_("One value, many minibatches"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        batch = st.select_slider(_("Minibatch, $m$"), _SIZES, 4, key="demo.break_bn.batch")
        x = st.slider(_("The value, $x$"), -3.0, 3.0, 1.0, 0.25, key="demo.break_bn.x")
        outputs = normalized(x, batch, _DRAWS, 0)
        st.markdown(
            _(
                "The same $x = {x:g}$ in {draws:,} minibatches, its {companions} companions drawn anew each time from "
                "$\\mathcal N(0, 1)$: BatchNorm makes **{mean:.2f} ± {std:.2f}** of it."
            ).format(
                x=x, draws=_DRAWS, companions=batch - 1, mean=outputs.mean(), std=outputs.std()
            )
        )
        st.caption(
            _(
                "Nothing can be further than $\\sqrt{{m - 1}}$ from 0: "
                "here {most:.3g}. With two values only the sign is left, with one nothing."
            ).format(most=(batch - 1) ** 0.5)
        )
    plot.draw(companions.spread(x, outputs), "demo.break_bn.spread", right)
