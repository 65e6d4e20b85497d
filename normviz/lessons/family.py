"""The family of normalizations: the same deep network without one, with Batch, Layer and Weight Normalization."""

import math

from normviz.config import CHOICES, LANES, RunConfig
from normviz.language import N_, _
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import listed, number

#: above this a lane has left chance, 0.10 on 1,000 images with a standard error of 0.01
CHANCE = 0.15
#: the guess's options: which of Batch, Layer, Weight leave chance
SETS = ({"batch"}, {"batch", "layer"}, {"batch", "layer", "weight"}, set[str]())


def judge(recording: Recording) -> Verdict:
    """Say which lanes leave chance, what of the gradient arrives, and whether units still tell examples apart."""
    accuracy = [_last(recording, "heldout_accuracy", lane) for lane in range(recording.lanes)]
    words = [_said(recording, lane, each) for lane, each in enumerate(accuracy)]
    by_norm = {
        lane.norm: each
        for lane, each in zip(recording.config.lanes(), accuracy, strict=True)
        if math.isfinite(each)
    }
    return Verdict(
        (*words, _alike(recording)), _claims(by_norm), _answer(recording.config, by_norm)
    )


def _name(recording: Recording, lane: int) -> str:
    norm = CHOICES["norm"][recording.config.lanes()[lane].norm].label
    return f"**{LANES[lane].upper()}, {_(norm)}**"


def _last(recording: Recording, field: str, lane: int) -> float:
    """Return the last finite value of a number; NaN if there is none."""
    values = recording.series(field, lane)[1]
    finite = [float(value) for value in values if math.isfinite(value)]
    return finite[-1] if finite else math.nan


def _said(recording: Recording, lane: int, accuracy: float) -> str:
    """Say one lane's accuracy and what the first weights receive of the gradient."""
    title = _name(recording, lane)
    if not recording.alive(lane):
        return _("{title} has diverged.").format(title=title)
    norms = recording.value("dw_spectral", lane).astype(float)
    flow = (
        _("The first weights' gradient is {share} times that of the last ones.").format(
            share=number(float(norms[0] / norms[-1]))
        )
        if norms[-1] > 0
        else _("The last weights' gradient is 0.")
    )
    said = (
        _("{title} learns: {accuracy:.1%} of the held-out images are right.")
        if accuracy > CHANCE
        else _("{title} stays at chance: {accuracy:.1%} of the held-out images are right.")
    )
    return f"{said.format(title=title, accuracy=accuracy)} {flow}"


def _alike(recording: Recording) -> str:
    """Say how many units of the last hidden layer have nearly the same value for every example."""
    parts = listed(
        f"{_name(recording, lane)}: {float(recording.value('constant_units', lane)[-1]):.0%}"
        for lane in range(recording.lanes)
    )
    return _(
        "What tells the images apart is how a unit differs from image to image. Units of the last hidden layer that "
        "differ by no more than a thousandth of what units differ by among themselves: {parts}. Only statistics of a "
        "unit over the minibatch set that spread to 1 in every layer; a mean over the units of one image keeps the "
        "spread among the units instead."
    ).format(parts=parts)


def _claims(by_norm: dict[str, float]) -> tuple[Claim, ...]:
    low = _("chance: 0.10 ± 0.01 on 1,000 images")
    return (
        Claim(
            _("Batch: accuracy"),
            by_norm.get("batch", math.nan),
            0.78,
            1.0,
            _("the figure learns2015"),
        ),
        Claim(_("none: accuracy"), by_norm.get("none", math.nan), 0.0, CHANCE, low),
        Claim(_("Layer: accuracy"), by_norm.get("layer", math.nan), 0.0, CHANCE, low),
        Claim(_("Weight: accuracy"), by_norm.get("weight", math.nan), 0.0, CHANCE, low),
    )


def _answer(config: RunConfig, by_norm: dict[str, float]) -> int | None:
    """Return which set of the three leaves chance; None where one is missing or the set is no option."""
    asked = {"batch", "layer", "weight"}
    learning = {norm for norm in asked if by_norm.get(norm, math.nan) > CHANCE}
    return SETS.index(learning) if asked <= by_norm.keys() and learning in SETS else None


LESSON = Lesson(
    title=N_("The family"),
    question=N_(
        "What does each normalization take its mean over, and what does it change for a network?"
    ),
    about=N_(
        "Batch, Layer, Instance and Group Normalization are one formula: they subtract a mean, divide by a standard "
        "deviation, and differ only in the set of values that these are taken over. Batch looks at one unit in many "
        "examples, so it depends on who else is in the minibatch; the other three look at one example at a time. "
        "Weight and Spectral Normalization leave the values alone and scale the weights."
    ),
    formula=r"\hat x_i = \frac{x_i - \mu_{S(i)}}{\sqrt{\sigma^2_{S(i)} + \epsilon}}",
    guess=Choice(
        N_(
            "Ten sigmoid layers stay at chance without normalization. Which of Batch, Layer and Weight Normalization "
            "make them learn within 100 steps?"
        ),
        (N_("only Batch"), N_("Batch and Layer"), N_("all three"), N_("none of them")),
    ),
    judge=judge,
    run={
        **{"width": "100", "batch_size": "100"},
        **{"b.norm": "batch", "c.norm": "layer", "d.norm": "weight"},
    },
    until=100,
    controls=("b.norm", "c.norm", "d.norm", "activation", "depth", "seed"),
    charts=("learning", "gradients", "histograms"),
    figure="family",
    reading=(
        Reading("Wu & He: Group Normalization, figure 2, 2018", "https://arxiv.org/abs/1803.08494"),
        Reading(
            "Ba, Kiros & Hinton: Layer Normalization, 2016", "https://arxiv.org/abs/1607.06450"
        ),
        Reading(
            "Salimans & Kingma: Weight Normalization, 2016", "https://arxiv.org/abs/1602.07868"
        ),
        Reading(
            "Huang, Qin, Zhou, Zhu, Liu & Shao: Normalization Techniques in Training DNNs, 2020",
            "https://arxiv.org/abs/2009.12836",
        ),
    ),
)
