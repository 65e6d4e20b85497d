"""One number to the power of the depth."""

import streamlit as st

from normviz.charts.lessons import vanishing
from normviz.language import _
from normviz.lessons.vanishing import power
from normviz.ui.lessons import plot


def draw() -> None:
    """Draw the sliders, the number, and its course."""
    st.subheader(_("First with one number"), anchor=False)
    left, right = st.columns([1, 2], gap="large")
    with left:
        base = st.slider(
            _("Factor of one layer, $w$"), 0.05, 3.0, 0.25, 0.05, key="demo.vanishing.base"
        )
        depth = st.slider(_("Layers, $n$"), 1, 50, 10, key="demo.vanishing.depth")
        st.latex(f"{base:g}^{{{depth}}} = \\mathbf{{{_latex(float(power(base, depth)[-1]))}}}")
        st.caption(
            _(
                "A sigmoid's slope is at most 0.25. Only at $w = 1$ is anything like the beginning left after many "
                "layers."
            )
        )
    plot.draw(vanishing.powers(base, depth), "demo.vanishing.powers", right)


def _latex(value: float) -> str:
    if 1e-3 <= value < 1e4:
        return f"{value:.3g}"
    digits, exponent = f"{value:.2e}".split("e")
    return f"{digits} \\cdot 10^{{{int(exponent)}}}"
