"""Saturation: the sigmoid's nearly linear range, and the top layer that leaves it (Glorot & Bengio 2010)."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from normviz.language import N_, _, filled
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import listed

#: Where the sigmoid is nearly a line.
LOW, HIGH = 0.2, 0.8
UNTIL = 500
#: A layer whose mean activation is outside has left the middle of the curve.
_MIDDLE = (0.3, 0.7)
_OPTIONS = (
    N_("All of them stay near 0.5"),
    N_("The first layer runs towards 0, the others stay near 0.5"),
    N_("The last hidden layer runs towards 0, the others stay near 0.5"),
    N_("All of them run towards 0 or 1"),
)


def sigmoid(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / (1 + exp(-z)). Any shape."""
    return 1 / (1 + np.exp(-z))


def departure(low: float = LOW, high: float = HIGH) -> float:
    """Return the most by which the sigmoid is off its tangent at 0 where its value is from ``low`` to ``high``."""
    z = np.linspace(math.log(low / (1 - low)), math.log(high / (1 - high)), 2001)
    return float(abs(sigmoid(z) - (0.5 + z / 4)).max())


def normal(mean: float, std: float, points: int = 4001) -> tuple[float, float]:
    """Return what a normal pre-activation gets of the sigmoid.

    Returns:
        The share of values from LOW to HIGH, and the mean slope; the largest possible slope is 1/4.
    """
    deviations = np.linspace(-8, 8, points)
    weights = np.exp(-(deviations**2) / 2)
    value = sigmoid(mean + std * deviations)
    weights /= weights.sum()
    inside = (value >= LOW) & (value <= HIGH)
    return float(weights @ inside), float(weights @ (value * (1 - value)))


def within(
    histogram: NDArray[np.float64], outside: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share of every layer's values from LOW to HIGH; a bin that is cut counts by its part inside.

    Args:
        histogram: shares by layer and bin. Shape (layers, bins).
        outside: shares below the first and above the last edge. Shape (layers, 2).
        edges: the edges of the bins. Shape (bins + 1,).
    """
    below = np.concatenate([np.zeros((len(histogram), 1)), histogram.cumsum(axis=1)], axis=1)
    at = [np.array([np.interp(edge, edges, row) for row in below]) for edge in (LOW, HIGH)]
    total = below[:, -1] + outside.sum(axis=1)
    return (at[1] - at[0]) / np.where(total > 0, total, np.nan)


def linear_share(recording: Recording, lane: int, step: int | None = None) -> NDArray[np.float64]:
    """Return the share of every layer's activations in the nearly linear range. Shape (layers,)."""
    bins = recording.field("act_hist", lane).bins
    if bins is None:
        return np.full(recording.schema.lanes[lane].layers, np.nan)
    values = [recording.value(name, lane, step) for name in ("act_hist", "act_outside")]
    return within(values[0], values[1], bins.edges())


def judge(recording: Recording) -> Verdict:
    """Say where each layer sits after 500 steps."""
    means = [recording.value("act_mean", lane).astype(float) for lane in range(recording.lanes)]
    words = [_said(recording, lane, mean) for lane, mean in enumerate(means)]
    return Verdict(tuple(words), _claims(recording, means), _answer(recording, means[0]))


def _claims(recording: Recording, means: Sequence[NDArray[np.float64]]) -> tuple[Claim, ...]:
    first, below = means[0], means[0][:-1]
    source = _("Glorot & Bengio, figure 2: the top layer goes to 0 at once, the others stay")
    shares = linear_share(recording, 0), linear_share(recording, min(1, recording.lanes - 1))
    return (
        Claim(_("A: mean activation of the last hidden layer"), float(first[-1]), 0.0, 0.2, source),
        Claim(_("A: smallest mean below it"), float(min(below, default=np.nan)), *_MIDDLE, source),
        Claim(_("A: largest mean below it"), float(max(below, default=np.nan)), *_MIDDLE, source),
        Claim(
            _("A: share of the last hidden layer in the nearly linear range"),
            float(shares[0][-1]),
            0.0,
            0.1,
            _("a mean below 0.2 with hardly any spread"),
        ),
        Claim(
            _("B, with BatchNorm: smallest share of a layer in it"),
            float(shares[1].min()),
            0.7,
            0.95,
            _("a standard normal z has 0.834 between the logits of 0.2 and 0.8"),
        ),
    )


def _answer(recording: Recording, means: NDArray[np.float64]) -> int | None:
    """Return the option that fits the layers whose mean has left the middle; None where none does."""
    if "sigmoid" not in recording.schema.lanes[0].activation or not recording.alive(0):
        return None
    left = [not _MIDDLE[0] <= mean <= _MIDDLE[1] for mean in means]
    if not any(left):
        return 0
    if all(left):
        return 3
    return 2 if left[-1] and sum(left) == 1 else 1 if left[0] and sum(left) == 1 else None


def _said(recording: Recording, lane: int, means: NDArray[np.float64]) -> str:
    info = recording.schema.lanes[lane]
    title = _("**Lane {name}** ({title})").format(name=info.name, title=recording.title(lane))
    if not recording.alive(lane):
        return _("{title} has diverged.").format(title=title)
    course = listed(f"{mean:.2f}" for mean in means)
    accuracy = float(recording.value("heldout_accuracy", lane))
    said = _(
        "{title}: mean activation by layer {course}; held-out accuracy {accuracy:.0%}."
    ).format(title=title, course=course, accuracy=accuracy)
    if info.activation != "sigmoid":
        return said
    linear = _("In the nearly linear range are {share:.0%} of the last hidden layer's values.")
    return f"{said} {linear.format(share=linear_share(recording, lane)[-1])}"


LESSON = Lesson(
    title=N_("Saturation"),
    question=N_("Where on its curve does each layer work?"),
    about=N_(
        "Between 0.2 and 0.8 the sigmoid is nearly a line: a signal passes, but layers in a row are hardly more than "
        "one matrix. Further out it saturates: the slope goes to 0, and no gradient comes through. "
        "Glorot and Bengio saw that it is the last hidden layer that runs there first: the output layer learns that "
        "what comes from below is noise, and pushes it towards 0."
    ),
    formula="\\sigma'(z) = \\sigma(z)\\,\\bigl(1 - \\sigma(z)\\bigr) \\;\\le\\; \\tfrac14",
    guess=Choice(
        filled(
            N_(
                "Four sigmoid layers with the usual uniform weights, minibatches of 10. "
                "What do the layers' mean activations do in the first {until} steps?"
            ),
            until=UNTIL,
        ),
        _OPTIONS,
    ),
    judge=judge,
    run={
        **{"depth": "4", "width": "300", "init": "uniform", "init_std": "0.0577"},
        **{"batch_size": "10", "b.norm": "batch", "c.activation": "softsign"},
    },
    until=UNTIL,
    controls=("init", "init_std", "lr"),
    charts=("curve",),
    figure="glorot",
    reading=(
        Reading(
            "X. Glorot, Y. Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010",
            "https://proceedings.mlr.press/v9/glorot10a.html",
        ),
        Reading(
            "Y. LeCun, L. Bottou, G. Orr, K.-R. Müller: Efficient BackProp, 1998",
            "https://doi.org/10.1007/3-540-49430-8_2",
        ),
        Reading(
            "S. Ioffe, C. Szegedy: Batch normalization, 2015", "https://arxiv.org/abs/1502.03167"
        ),
    ),
)
