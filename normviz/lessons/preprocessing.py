"""Why preprocess: raw, centred, z-scored and whitened pixels, and how fast the same network learns them."""

import math

import numpy as np

from normviz.config import CHOICES
from normviz.language import N_, _
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import listed

GOAL = 0.80
#: a step of the preprocessing that makes learning this many times as fast counts
MATTERS = 1.25
LANES = ("raw", "centred", "zscore", "pca")


def reached(steps: np.ndarray, accuracy: np.ndarray, goal: float = GOAL) -> float:
    """Return the step at which a curve first reaches the goal, on straight lines between its points; NaN if never."""
    known = np.isfinite(accuracy)
    steps, accuracy = steps[known], accuracy[known]
    above = np.flatnonzero(accuracy >= goal)
    if not len(above):
        return math.nan
    last = above[0]
    if last == 0:
        return float(steps[0])
    (x0, x1), (y0, y1) = steps[last - 1 : last + 1], accuracy[last - 1 : last + 1]
    return float(x0 + (x1 - x0) * (goal - y0) / (y1 - y0))


def judge(recording: Recording) -> Verdict:
    """Say after how many steps each lane has 80 % of the held-out images right, and which is first."""
    needed = [
        reached(*recording.series("heldout_accuracy", lane)) for lane in range(recording.lanes)
    ]
    names = [
        _(CHOICES["preprocessing"][lane.preprocessing].label.split(",")[0])
        for lane in recording.config.lanes()
    ]
    words = [_sentence(names, needed), _last(recording, names)]
    by_way = {
        lane.preprocessing: steps
        for lane, steps in zip(recording.config.lanes(), needed, strict=True)
    }
    if {"raw", "centred", "zscore"} <= by_way.keys():
        words.append(_factors(by_way))
    return Verdict(tuple(words), _claims(by_way), _answer(by_way))


def _sentence(names: list[str], needed: list[float]) -> str:
    parts = (
        _("**{name}** after {steps:.0f} steps").format(name=name, steps=steps)
        if math.isfinite(steps)
        else _("**{name}** not at all").format(name=name)
        for name, steps in zip(names, needed, strict=True)
    )
    return _("{goal:.0%} of the held-out images are right: {parts}.").format(
        goal=GOAL, parts=listed(parts)
    )


def _last(recording: Recording, names: list[str]) -> str:
    """Say what is right at the end, on the last minibatches and held out."""
    parts = []
    for lane, name in enumerate(names):
        accuracy = recording.series("heldout_accuracy", lane)[1]
        known = accuracy[np.isfinite(accuracy)]
        parts.append(
            f"{name} {known[-1]:.1%}" if len(known) else _("{name} not measured").format(name=name)
        )
    return _("At the last evaluation held out: {parts}.").format(parts=listed(parts))


def _factors(by_way: dict[str, float]) -> str:
    centring = by_way["raw"] / by_way["centred"]
    scaling = by_way["raw"] / by_way["zscore"]
    if not math.isfinite(centring * scaling):
        return _("Not all of them got there, so there is no factor to tell.")
    return _(
        "Centring alone makes it {centring:.1f} times as fast, centring and scaling {scaling:.1f} times: "
        "{cause}. "
        "Take the digits with a bright ground as the data set, and ask again."
    ).format(centring=centring, scaling=scaling, cause=_cause(centring, scaling / centring))


def _cause(centring: float, scaling: float) -> str:
    """Say which of the two steps made a difference, a quarter faster or more."""
    if centring > MATTERS and scaling > MATTERS:
        return _("both the mean and the scale held the raw pixels back")
    if scaling > MATTERS:
        return _("what held the raw pixels back is their scale and hardly their mean")
    if centring > MATTERS:
        return _("what held the raw pixels back is their mean and hardly their scale")
    return _("neither held the raw pixels back by much")


def _claims(by_way: dict[str, float]) -> tuple[Claim, ...]:
    raw, centred, scaled = (by_way.get(way, math.nan) for way in ("raw", "centred", "zscore"))
    return (
        Claim(
            _("raw / z-score: steps to 80 %"),
            raw / scaled,
            1.7,
            math.inf,
            _(
                "the band of the figure *preprocess* (LeCun et al. 1998: normalized inputs learn faster)"
            ),
        ),
        Claim(
            _("raw / centred: steps to 80 %"),
            raw / centred,
            0.8,
            1.25,
            _("the mean pixel is 0.13 at a standard deviation of 0.31: centring moves little"),
        ),
    )


def _answer(by_way: dict[str, float]) -> int | None:
    """Return which of the four ways was first; None if none was, or two at once."""
    needed = [by_way.get(way, math.nan) for way in LANES]
    if not np.isfinite(needed).any():
        return None
    first = int(np.nanargmin(needed))
    return first if needed.count(needed[first]) == 1 else None


LESSON = Lesson(
    title=N_("Why preprocess?"),
    question=N_("What do centring, scaling and whitening the inputs change for a network?"),
    about=N_(
        "Raw pixels are all positive: they lie in one corner of their space, and a random unit without bias often "
        "has all of them on one side. Their mean and their unlike scales also make the loss a narrow valley, in which "
        "gradient descent goes to and fro: the ratio of the Hessian's extreme eigenvalues, the condition number "
        "$\\kappa = \\lambda_{max} / \\lambda_{min}$, says how slowly. Centring moves the points around the origin, "
        "z-scores make their scales equal, and whitening takes the correlations too."
    ),
    formula=r"x' = \frac{x - \bar x}{s} \qquad "
    r"\frac{e_{t+1}}{e_t} \le \frac{\kappa - 1}{\kappa + 1}",
    guess=Choice(
        N_(
            "One hidden layer learns MNIST digits from four forms of the same pixels, with the same learning rate. "
            "Which one is first to have 80 % of the held-out images right?"
        ),
        (N_("raw pixels / 255"), N_("centred"), N_("z-score of every pixel"), N_("PCA-whitened")),
    ),
    judge=judge,
    run={
        **{"depth": "1", "width": "100", "batch_size": "100", "lr": "0.3"},
        **{"b.preprocessing": "centred", "c.preprocessing": "zscore", "d.preprocessing": "pca"},
    },
    until=200,
    controls=("lr", "activation", "dataset", "whiten_eps", "seed"),
    charts=("learning", "histograms", "gradients"),
    figure="whitening",
    reading=(
        Reading(
            "LeCun, Bottou, Orr & Müller: Efficient BackProp, sections 4.3 and 5, 1998",
            "https://doi.org/10.1007/3-540-49430-8_2",
        ),
        Reading(
            "Bell & Sejnowski: The 'independent components' of natural scenes are edge filters, 1997 (ZCA)",
            "https://doi.org/10.1016/S0042-6989(97)00121-1",
        ),
    ),
)
