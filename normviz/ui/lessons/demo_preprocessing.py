"""Points, hyperplanes that miss them, and the way down a loss of two weights, before and after preprocessing."""

import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from normviz.charts.lessons import preprocessing as charts
from normviz.language import N_, _, ngettext
from normviz.lessons import preprocessing_planes as planes
from normviz.lessons.preprocessing_bowl import Bowl
from normviz.lessons.preprocessing_points import WAYS, WORDS, prepared, targets
from normviz.ui.lessons import plot

SEED, SHOWN, COUNTED = 0, 40, 4000
#: the share of useful hyperplanes by the number of pixels: how many images and planes, and their standard deviation
PIXELS, IMAGES, PLANES, STD = (2, 4, 8, 16, 64, 256, 1024), 400, 2000, 0.2
GOALS = {"10 %": 0.1, "1 %": 0.01, "0.1 %": 0.001}
#: where there is little room
_SHORT = {"pca": N_("PCA"), "zca": N_("ZCA")}
_AXES = {"pca": (N_("first principal axis, σ"), N_("second principal axis, σ"))}
_UNITS = {"raw": N_("share of white"), "centred": N_("share of white")}


def draw() -> None:
    """Draw the three parts."""
    points, pixels, descent = st.tabs([_("Points and planes"), _("More pixels"), _("The way down")])
    with points:
        _points()
    with pixels:
        _pixels()
    with descent:
        _descent()


def _chart(made: go.Figure, key: str) -> None:
    plot.draw(made, f"preprocessing.{key}", width="stretch", config={"displayModeBar": False})


def _way(words: str, key: str, start: str, short: bool = False) -> str:
    """Draw the buttons of the ways to prepare the points; return the chosen one."""
    names = {way: _(_SHORT.get(way, name) if short else name) for way, name in WORDS.items()}
    chosen = st.segmented_control(
        words, list(WAYS), default=start, format_func=names.__getitem__, key=f"preprocessing.{key}"
    )
    return chosen or start


def _points() -> None:
    way = _way(_("The points are"), "way", "raw")
    points, normals = prepared(way, SEED), planes.hyperplanes(SHOWN, 2, SEED)
    cuts = planes.smaller_side(points, normals) >= planes.LEAST
    span = charts.PIXELS if way == "raw" else (-1.0, 1.0) if way == "centred" else charts.SPREAD
    names = _axes(way)
    picture, words = st.columns([3, 2], vertical_alignment="center")
    with picture:
        _chart(charts.planes(points, normals, cuts, names, span), "points")
    share = planes.useful(points, planes.hyperplanes(COUNTED, 2, SEED))
    words.metric(_("useful of {counted:,} random lines").format(counted=COUNTED), f"{share:.0%}")
    words.markdown(
        _(
            "{points} images, two neighbouring pixels of each. A unit with random weights and bias 0 asks on which "
            "side of a line through the origin an image lies. Of the {shown} lines drawn, **{cut}** have at least "
            "one image in twenty on either side; for the other units nearly all images are alike."
        ).format(points=len(points), shown=SHOWN, cut=cuts.sum())
    )


def _axes(way: str) -> tuple[str, str]:
    """Name the two axes, with their unit."""
    if way in _AXES:
        first, second = _AXES[way]
        return _(first), _(second)
    unit = _(_UNITS[way]) if way in _UNITS else "σ"
    return _("pixel 1, {unit}").format(unit=unit), _("pixel 2, {unit}").format(unit=unit)


@st.cache_data(max_entries=64)
def _measured(mean: float, dimensions: int) -> tuple[float, float]:
    """Return the measured share of useful hyperplanes, of raw and of centred images."""
    raw = planes.bright(IMAGES, dimensions, mean, STD, SEED)
    normals = planes.hyperplanes(PLANES, dimensions, SEED + 1)
    return planes.useful(raw, normals), planes.useful(raw - raw.mean(axis=0), normals)


def _pixels() -> None:
    mean = st.slider(
        _("Mean brightness m of a pixel (0 black, 1 white)"),
        0.3,
        0.8,
        0.6,
        0.1,
        key="preprocessing.mean",
    )
    measured = [_measured(mean, dimensions) for dimensions in PIXELS]
    shares = {
        "raw": [raw for raw, _centred in measured],
        "centred": [centred for _raw, centred in measured],
    }
    ratio = mean / STD
    theory = [planes.expected(ratio, dimensions) for dimensions in PIXELS]
    orthants = [planes.orthant(dimensions) for dimensions in PIXELS]
    _chart(charts.shares(PIXELS, shares, theory, orthants), "pixels")
    apart = [100 * abs(a - b) for a, b in zip(shares["raw"], theory, strict=True)]
    st.markdown(
        _(
            "All raw images lie where every coordinate is positive, a share of $2^{{-d}}$ of the space. Yet the planes "
            "that cut them do not become rarer with more pixels: **{share_few:.0%}** of {planes:,} for "
            "{few} pixels, **{share_many:.0%}** for {many:,}. What counts is how far the mean lies "
            "from 0 in standard deviations, here $m / s = {ratio:.2g}$: the theory's limit, "
            "$2\\,\\Phi(1.645\\, s / m) - 1$, is **{limit:.0%}**."
        ).format(
            share_few=shares["raw"][0],
            planes=PLANES,
            few=PIXELS[0],
            share_many=shares["raw"][-1],
            many=PIXELS[-1],
            ratio=ratio,
            limit=planes.limit(ratio),
        )
    )
    st.caption(
        _(
            "Theory: independent pixels of equal mean m and standard deviation s = {std:g}, weights in a random "
            "direction, and their weighted sum taken as Gaussian over the images. Measured: {images} images of "
            "Beta-distributed pixels, {planes:,} planes; they differ by {apart_few:.1f} points for {few} "
            "pixels, by {apart_many:.1f} for {many:,}. Pixels of real images are not independent."
        ).format(
            std=STD,
            images=IMAGES,
            planes=PLANES,
            apart_few=apart[0],
            few=PIXELS[0],
            apart_many=apart[-1],
            many=PIXELS[-1],
        )
    )


def _descent() -> None:
    shown = _compared()
    goal_words, share = _goal_and_step()
    goal = GOALS[goal_words]
    bowls = {way: Bowl.of(prepared(way, SEED), targets(SEED)) for way in WAYS}
    etas = {way: bowl.best if share is None else share * bowl.limit for way, bowl in bowls.items()}
    counts = {way: bowl.updates(etas[way], goal) for way, bowl in bowls.items()}
    for column, side, way in zip(st.columns(2), ("before", "after"), shown, strict=True):
        with column:
            _bowl(side, way, bowls[way], etas[way], counts[way])
    _table(bowls, etas, counts, goal_words)
    updates = np.unique(np.round(np.geomspace(1, 1001, 120))) - 1
    left = {_(WORDS[way]): bowl.course(etas[way], updates).tolist() for way, bowl in bowls.items()}
    _chart(charts.courses(updates.tolist(), left, goal), "courses")
    st.caption(
        _(
            "A linear unit of two weights and no bias, squared error over all 200 images, gradient descent from "
            "weights 0. What it learns of an image is how much brighter the first pixel is than the second lets "
            "expect. Left of the loss: $(L - L_{min}) / (L(0) - L_{min})$."
        )
    )


def _compared() -> tuple[str, str]:
    """Draw the buttons of the two ways to prepare the points that are compared; return them."""
    before, after = st.columns(2)
    with before:
        first = _way(_("Before"), "before", "centred", short=True)
    with after:
        second = _way(_("After"), "after", "zscore", short=True)
    return first, second


def _goal_and_step() -> tuple[str, float | None]:
    """Draw the controls of goal and step size; return the goal's name and the step size.

    The step size is in parts of the largest stable one, None for the best.
    """
    goals, switch, slider = st.columns([3, 3, 4], vertical_alignment="bottom")
    chosen = goals.segmented_control(
        _("Goal: left of the loss"), list(GOALS), default="1 %", key="preprocessing.goal"
    )
    best = switch.toggle(
        _("Each at its best step size η"),
        value=True,
        key="preprocessing.best",
        help=_(
            "$2 / (\\lambda_{min} + \\lambda_{max})$: the slowest direction is as fast as can be."
        ),
    )
    share = slider.slider(
        _("η in parts of the largest stable one, $2 / \\lambda_{max}$"),
        0.05,
        1.05,
        0.95,
        0.05,
        disabled=best,
        key="preprocessing.eta",
    )
    return chosen or "1 %", None if best else share


def _bowl(side: str, way: str, bowl: Bowl, eta: float, count: float) -> None:
    """Draw one loss with the way down."""
    first, second = st.columns(2)
    first.metric(
        _("{words}: condition number κ").format(words=_(WORDS[way])), f"{bowl.condition:,.3g}"
    )
    second.metric(_("updates to the goal"), _count(count))
    drawn = int(min(count, charts.DRAWN))
    words = (
        ngettext("{drawn:,} update", "{drawn:,} updates", drawn).format(drawn=drawn)
        if count <= charts.DRAWN
        else _("the first {drawn:,} updates").format(drawn=drawn)
    )
    _chart(charts.descent(bowl, eta, drawn, words), f"bowl.{side}")


def _count(updates: float) -> str:
    return f"{updates:,.0f}" if math.isfinite(updates) else _("never")


def _table(
    bowls: dict[str, Bowl], etas: dict[str, float], counts: dict[str, float], goal: str
) -> None:
    lines = [
        _("| | κ | step size η | updates to {goal} left |").format(goal=goal),
        "|---|--:|--:|--:|",
    ]
    lines += [
        f"| {_(WORDS[way])} | {bowl.condition:.3g} | {etas[way]:.3g} | {_count(counts[way])} |"
        for way, bowl in bowls.items()
    ]
    st.markdown("\n".join(lines))
