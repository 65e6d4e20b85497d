"""The phase map with a network as a dot, and how deep it can be."""

import math

import streamlit as st

from normviz.charts.lessons import chaos
from normviz.language import _
from normviz.lessons.chaos import trainable_depth
from normviz.reproduce.meanfield import chi, variance
from normviz.ui.lessons import plot


def draw() -> None:
    """Draw the sliders, what theory says of the network, and the map."""
    st.subheader(_("Where is this network?"))
    left, right = st.columns([1, 2], gap="large")
    with left:
        weights = st.slider("$\\sigma_w^2$", 0.2, 9.0, 1.0, 0.02, key="demo.chaos.weights")
        biases = st.slider("$\\sigma_b^2$", 0.0, 0.3, 0.0, 0.01, key="demo.chaos.biases")
        depth = st.slider(_("Layers"), 1, 100, 30, key="demo.chaos.depth")
        slope, reach = chi(weights, variance(weights, biases)), trainable_depth(weights, biases)
        st.metric(_("$\\chi_1$: factor of the squared gradient a layer"), f"{slope:.3f}")
        st.metric(
            _("left of the squared gradient after {depth} layers").format(depth=depth),
            f"{slope**depth:.2g}",
        )
        st.metric(
            _("layers that can be trained, about"),
            _("any") if math.isinf(reach) else f"{reach:.0f}",
        )
        st.markdown(_verdict(depth, reach))
    plot.draw(chaos.phases([(weights, biases, f"χ₁ = {slope:.2f}")]), "demo.chaos.map", right)


def _verdict(depth: int, reach: float) -> str:
    if depth <= reach:
        return _("Theory: **{depth} layers can be trained** there.").format(depth=depth)
    return _("Theory: **{depth} layers are too many** there.").format(depth=depth)
