"""Vanishing and exploding: one number to the power of the depth, then the eleven gradients of 2015."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from normviz.language import N_, _
from normviz.lessons.lesson import Claim, Lesson, Reading, Sketch, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import number

#: A blog post of 2015 (happynear/DeepLearnToolbox): spectral norms of the weights' gradients at iteration 50, first
#: weight matrix first; without and with BatchNorm.
PUBLISHED = (
    (4.7e-7, 1.66e-6, 7.3e-6, 3.05e-5, 1.17e-4, 4.9e-4, 2.16e-3, 9.9e-3, 4.27e-2, 0.18, 0.537),
    (0.321, 0.176, 0.164, 0.167, 0.172, 0.148, 0.145, 0.127, 0.140, 0.119, 0.366),
)
#: The pass of the fiftieth minibatch comes after 49 updates.
ITERATION = 50
MATRICES = tuple(float(number) for number in range(1, len(PUBLISHED[0]) + 1))
_SLOPES = N_("measured over widths 100 to 200, two data sets and 20 seeds")


def power(base: float, depth: int) -> NDArray[np.float64]:
    """Return base ** k for k = 0 ... depth. Shape (depth + 1,)."""
    return base ** np.arange(depth + 1, dtype=float)


def slope(norms: NDArray[np.float64]) -> float:
    """Return the decades per layer from the second weight matrix to the last hidden one; NaN where a norm is 0."""
    if len(norms) < 4 or not (norms[1] > 0 and norms[-2] > 0):
        return math.nan
    return float(np.log10(norms[-2] / norms[1]) / (len(norms) - 3))


def judge(recording: Recording) -> Verdict:
    """Compare the gradients by layer of both lanes at iteration 50."""
    norms = [
        recording.value("dw_spectral", lane, ITERATION - 1).astype(float)
        for lane in range(recording.lanes)
    ]
    words = [
        _said(recording, lane, name, norms[lane])
        for lane, name in zip(range(len(norms)), (_("Lane A"), _("Lane B")), strict=False)
    ]
    claims = (
        Claim(_("A, without: decades per layer"), slope(norms[0]), 0.58, 0.70, _(_SLOPES)),
        Claim(_("A, without: first / last"), _ratio(norms[0]), 1e-7, 1e-5, _("published 8.8e-7")),
        Claim(_("B, with BatchNorm: decades per layer"), slope(norms[-1]), -0.10, 0.10, _(_SLOPES)),
        Claim(
            _("B, with BatchNorm: first / last"), _ratio(norms[-1]), 0.1, 10.0, _("published 0.88")
        ),
    )
    curve = tuple(norms[0]) if len(norms[0]) == len(MATRICES) else ()
    return Verdict((*words, *_table(norms)), claims, curve=curve)


def _table(norms: Sequence[NDArray[np.float64]]) -> tuple[str, ...]:
    """Write the gradients of iteration 50 beside the printed ones; none where the networks are not of that depth."""
    if any(len(each) != len(MATRICES) for each in norms):
        return ()
    places = " | ".join(f"{place:g}" for place in MATRICES)
    rows = ["| " + _("weight matrix") + f" | {places} |"]
    rows.append("|---|" + "---:|" * len(MATRICES))
    named = (
        (N_("without: 2015"), N_("without: this run")),
        (
            N_("with BatchNorm: 2015"),
            N_("with BatchNorm: this run"),
        ),
    )
    for (there, here), printed, ours in zip(named, PUBLISHED, norms, strict=False):
        rows += [_row(_(there), printed), _row(f"**{_(here)}**", ours)]
    return ("\n".join(rows),)


def _row(name: str, norms: Iterable[float]) -> str:
    return f"| {name} | " + " | ".join(map(number, norms)) + " |"


def _ratio(norms: NDArray[np.float64]) -> float:
    return float(norms[0] / norms[-1]) if norms[-1] > 0 else math.nan


def _said(recording: Recording, lane: int, name: str, norms: NDArray[np.float64]) -> str:
    """Say what a layer does to the gradient, and what is left of it at the first weights."""
    title = f"**{name}** ({recording.title(lane)})"
    if not recording.alive(lane, ITERATION - 1):
        return _("{title} has diverged: there is no gradient to compare.").format(title=title)
    each = slope(norms)
    if math.isnan(each):
        return _(
            "{title}: too few layers, or a gradient of 0, so there is no factor a layer."
        ).format(title=title)
    factor, left = 10.0**-each, _ratio(norms)
    if factor < 0.8:
        flow = _("{title}: going down, the gradient shrinks by a factor of {factor:.2g} a layer.")
    elif factor > 1.25:
        flow = _("{title}: going down, the gradient grows by a factor of {factor:.2g} a layer.")
    else:
        flow = _("{title}: going down, the gradient stays much the same a layer.")
    ends = _("The first weights get {left} of what the last ones get: {first} against {last}.")
    return " ".join(
        (
            flow.format(title=title, factor=max(factor, 1 / factor)),
            ends.format(left=number(left), first=number(norms[0]), last=number(norms[-1])),
        )
    )


LESSON = Lesson(
    title=N_("Vanishing and exploding"),
    question=N_("What is left of a gradient that has come down through ten layers?"),
    about=N_(
        "On its way down, the gradient is multiplied at every layer by that layer's weights and slopes. "
        "A product of many factors is like a power: a little below 1 it vanishes, a little above 1 it explodes. "
        "A sigmoid's slope is at most $\\frac14$, and ten of them make a millionth; BatchNorm puts a factor of about 1 "
        "in their place."
    ),
    formula=(
        "\\frac{\\partial L}{\\partial z_1} = \\frac{\\partial L}{\\partial z_L} "
        "\\prod_{l=2}^{L} W_l^{\\top} \\operatorname{diag}\\sigma'(z_{l-1}) \\;\\sim\\; w^{n}"
    ),
    guess=Sketch(
        N_(
            "Ten sigmoid layers with Xavier's weights, no normalization, iteration 50. Draw how large the gradient "
            "of each of the eleven weight matrices is. The last one's is about 0.5."
        ),
        x=N_("weight matrix"),
        y=N_("spectral norm of its gradient"),
        at=MATRICES,
        low=1e-8,
        high=10.0,
        log=True,
    ),
    judge=judge,
    run={"b.norm": "batch"},
    until=ITERATION - 1,
    controls=("activation", "init", "depth"),
    charts=("gradients", "histograms"),
    figure="table2015",
    reading=(
        Reading(
            "Y. Bengio, P. Simard, P. Frasconi: Learning long-term dependencies with gradient descent is difficult, "
            "1994",
            "https://doi.org/10.1109/72.279181",
        ),
        Reading(
            "X. Glorot, Y. Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010",
            "https://proceedings.mlr.press/v9/glorot10a.html",
        ),
        Reading(
            "S. Ioffe, C. Szegedy: Batch normalization, 2015", "https://arxiv.org/abs/1502.03167"
        ),
    ),
)
