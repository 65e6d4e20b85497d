"""Which axes Batch Normalization averages over after a convolution."""

import numpy as np
import streamlit as st

from normviz.charts.lessons import bn_axes
from normviz.language import N_, _
from normviz.lessons.bn_steps_graph import over_axes
from normviz.ui.lessons import svg

_LINEAR, _CONVOLUTION = N_("after a linear layer"), N_("after a convolution")
_CODE = {
    _LINEAR: """# x: (N, C); gamma, beta: (C,)
mu = x.mean(axis=0)
var = x.var(axis=0)
y = gamma * (x - mu) / np.sqrt(var + eps) + beta""",
    _CONVOLUTION: """# x: (N, C, H, W)
# gamma, beta: (1, C, 1, 1)
mu = x.mean(axis=(0, 2, 3), keepdims=True)
var = x.var(axis=(0, 2, 3), keepdims=True)
y = gamma * (x - mu) / np.sqrt(var + eps) + beta""",
}
_CHANNELS, _EPS = 3, 1e-5


def draw() -> None:
    """Draw a minibatch, what is averaged over, and the code."""
    where = st.segmented_control(
        _("Where"),
        [_LINEAR, _CONVOLUTION],
        default=_CONVOLUTION,
        format_func=_,
        key="bn_axes.where",
    )
    where = where or _CONVOLUTION
    left, right = st.columns([2, 1])
    chosen = left.radio(
        _("Channel"), range(1, _CHANNELS + 1), horizontal=True, key="bn_axes.channel"
    )
    done = right.toggle(_("Normalized"), key="bn_axes.done")
    x, axes = _minibatch(where)
    shown = over_axes(x, axes, _EPS) if done else x
    picture, words = st.columns(2)
    with picture:
        svg.draw("bn_axes", bn_axes.drawing(shown, chosen - 1), bn_axes.CSS)
    with words:
        st.code(_CODE[where], language="python")
        _say(x, shown, chosen - 1, where)


def _minibatch(where: str) -> tuple[np.ndarray, tuple[int, ...]]:
    """Return three examples of three channels whose means and widths differ, and the axes to average over."""
    positions = (4, 4) if where == _CONVOLUTION else (1, 1)
    rng = np.random.default_rng(5)
    means, widths = np.array([1.5, -1.0, 0.3]), np.array([0.5, 1.0, 2.0])
    drawn = rng.normal(size=(3, _CHANNELS, *positions))
    return drawn * widths[:, None, None] + means[:, None, None], (0, 2, 3)


def _say(x: np.ndarray, shown: np.ndarray, chosen: int, where: str) -> None:
    batch, _channels, height, width = x.shape
    count = f"N · H · W = {batch} · {height} · {width} = {x[:, 0].size}"
    if where == _LINEAR:
        count = f"N = {batch}"
    values = shown[:, chosen]
    st.markdown(
        _(
            "Channel {chosen}: one μ, one σ², one γ and one β for its **{count}** values, here with mean "
            "{mean:.2f} and standard deviation {std:.2f}."
        ).format(chosen=chosen + 1, count=count, mean=values.mean(), std=values.std())
    )
    if where == _CONVOLUTION:
        st.markdown(
            _(
                "A convolution does the same at every position, so a position is one more example: it is BatchNorm "
                "of the matrix (N · H · W, C). The largest difference between the two is {apart:.0e} here, in float64."
            ).format(apart=_apart(x))
        )


def _apart(x: np.ndarray) -> float:
    """Return how far normalizing over examples and positions is from normalizing the matrix of all of them."""
    matrix = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
    rows = over_axes(x, (0, 2, 3), _EPS).transpose(0, 2, 3, 1).reshape(matrix.shape)
    return float(np.abs(over_axes(matrix, (0,), _EPS) - rows).max())
