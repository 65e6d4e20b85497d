"""The sigmoid's nearly linear range."""

import streamlit as st

from normviz.charts.lessons import saturation
from normviz.language import _
from normviz.lessons.saturation import departure, normal
from normviz.ui.lessons import plot


def draw() -> None:
    """Draw the curve, and what a pre-activation of some mean and spread gets of it."""
    st.subheader(_("The nearly linear range"), anchor=False)
    left, right = st.columns([1, 2], gap="large")
    with left:
        mean = st.slider(_("Mean of $z$"), -6.0, 6.0, 0.0, 0.1, key="demo.saturation.mean")
        std = st.slider(
            _("Standard deviation of $z$"), 0.1, 5.0, 1.0, 0.1, key="demo.saturation.std"
        )
        share, slope = normal(mean, std)
        st.metric(_("of the values are in the nearly linear range"), f"{share:.0%}")
        st.metric(_("mean slope (at most 0.25)"), f"{slope:.3f}")
        st.caption(
            _(
                "There the sigmoid is at most {departure:.3f} off its tangent, and its slope is at least 0.16."
            ).format(departure=departure())
        )
    plot.draw(saturation.curve(mean, std), "demo.saturation.curve", right)
