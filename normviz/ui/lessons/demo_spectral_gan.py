"""Power iteration on a matrix of two by two."""

import numpy as np
import streamlit as st

from normviz.charts.lessons import power_iteration
from normviz.language import _
from normviz.lessons.spectral_gan import iterate, matrix
from normviz.ui.lessons import plot

#: Where the iteration begins: in no special direction.
_START = np.array([0.3, -1.0])


def draw() -> None:
    """Draw the sliders, the estimate beside the singular value, and the plane."""
    st.subheader(_("Finding the largest singular value"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        larger = st.slider(
            _("Larger singular value, $\\sigma_1$"),
            0.2,
            3.0,
            2.5,
            0.1,
            key="demo.spectral_gan.larger",
        )
        ratio = st.slider(
            _("The smaller one as a share of it, $\\sigma_2 / \\sigma_1$"),
            *(0.0, 1.0, 0.6, 0.05),
            key="demo.spectral_gan.ratio",
        )
        steps = st.slider(_("Steps of power iteration"), 0, 10, 1, key="demo.spectral_gan.steps")
        weight = matrix(larger, ratio * larger, 35.0)
        found = iterate(weight, _START, steps)
        st.latex(
            f"\\lVert W v \\rVert = \\mathbf{{{found.sigmas[-1]:.3f}}} \\qquad \\sigma_1 = {larger:.3f}"
        )
        st.caption(
            _(
                "Each step turns v towards the direction that W stretches most, by $(\\sigma_2 / \\sigma_1)^2$. The "
                "dashed ellipse has to fit into the circle: it does once the estimate is right. In training one step "
                "a pass is enough, because weights change little between two passes."
            )
        )
    plot.draw(power_iteration.plane(weight, found), "demo.spectral_gan.plane", right)
