"""Gamma and beta: why a normalized value is scaled and shifted again, and how far training moves both."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from normviz.language import N_, _
from normviz.lessons.inference import accuracies
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.measured import measurements
from normviz.lessons.recording import Recording
from normviz.lessons.saturation import HIGH, LOW, linear_share, sigmoid

Unit = Float64[np.ndarray, " examples"]

UNTIL = 150
EPS = 1e-5
#: The lanes of the lesson's run: ReLU and sigmoid, each with gamma and beta and without.
RELU, RELU_BARE, SIGMOID, SIGMOID_BARE = range(4)
#: Of layers whose gammas differ by more than this factor in how far they moved, one has moved further.
FURTHER = 2.0
#: Where the sigmoid of z is HIGH; that of -z is LOW.
_EDGE = math.log(HIGH / LOW)


def normalized(x: Unit, gamma: float, beta: float) -> Unit:
    """Return gamma (x - mean) / sqrt(variance + EPS) + beta, with the biased variance."""
    return gamma * (x - x.mean()) / np.sqrt(x.var() + EPS) + beta


def restoring(x: Unit) -> tuple[float, float]:
    """Return the gamma and the beta with which :func:`normalized` gives x back: sqrt(variance + EPS) and the mean."""
    return float(np.sqrt(x.var() + EPS)), float(x.mean())


@dataclass(frozen=True)
class Shares:
    """What an activation does to the values of a unit: shares of the values.

    Attributes:
        linear: where a sigmoid is nearly linear, from 0.2 to 0.8.
        zero: where a ReLU is 0.
    """

    linear: float
    zero: float


def shares(z: Unit) -> Shares:
    """Count them."""
    a = sigmoid(z)
    return Shares(float(((a >= LOW) & (a <= HIGH)).mean()), float((z <= 0).mean()))


def normal_shares(gamma: float, beta: float) -> Shares:
    """Return both for a normally distributed unit, of which z = gamma x̂ + beta is N(beta, gamma²)."""
    if not gamma:
        return Shares(float(abs(beta) <= _EDGE), float(beta <= 0))
    edges = sorted(((-_EDGE - beta) / gamma, (_EDGE - beta) / gamma))
    return Shares(_below(edges[1]) - _below(edges[0]), _below(-beta / abs(gamma)))


def _below(value: float) -> float:
    return (1 + math.erf(value / math.sqrt(2))) / 2


def moved(recording: Recording, lane: int) -> Float64[np.ndarray, " layers"]:
    """Return how far each layer's median gamma is from 1 at the end; not a number where none is learned."""
    steps, gamma = measurements(recording, lane, "gamma_pct")
    if not len(steps):
        return np.full(recording.schema.lanes[lane].layers, np.nan)
    return abs(gamma[-1, :, 2] - 1)


def late_loss(recording: Recording, lane: int) -> float:
    """Return the mean minibatch loss of the last third of the run."""
    steps, loss = recording.series("loss", lane)
    return float(loss[steps >= steps[-1] * 2 / 3].mean())


def judge(recording: Recording) -> Verdict:
    """Say what the units lack without gamma and beta, and where gamma has moved."""
    zero = recording.value("saturated", RELU_BARE).astype(float)
    linear = linear_share(recording, SIGMOID_BARE)
    losses = [late_loss(recording, lane) for lane in range(recording.lanes)]
    words = (
        _bare(zero, linear),
        _moved(_("C, sigmoid"), recording, SIGMOID),
        _moved("A, ReLU", recording, RELU),
        _lost(recording, losses),
    )
    far = moved(recording, SIGMOID)
    return Verdict(words, _claims(zero, linear, far, losses), _answer(far))


def _bare(zero: np.ndarray, linear: np.ndarray) -> str:
    return _(
        "Without γ and β, at the end: **{zero:.0%} to {zero_most:.0%}** of a ReLU layer's values are 0 (B; "
        "half of a symmetric distribution), and **{linear:.0%} to {linear_most:.0%}** of a sigmoid layer's are "
        "from {low:g} to {high:g}, where it is nearly a line (D; of a normal distribution "
        "{normal:.1%})."
    ).format(
        zero=zero.min(),
        zero_most=zero.max(),
        linear=linear.min(),
        linear_most=linear.max(),
        low=LOW,
        high=HIGH,
        normal=normal_shares(1.0, 0.0).linear,
    )


def _moved(name: str, recording: Recording, lane: int) -> str:
    steps, gamma = measurements(recording, lane, "gamma_pct")
    if not len(steps):
        return _("**{name}:** γ and β were not measured.").format(name=name)
    _steps, beta = measurements(recording, lane, "beta_pct")
    first, last = (
        f"γ {gamma[-1, layer, 2]:.3f}, β {beta[-1, layer, 2]:+.3f}".replace("-", "−")
        for layer in (0, -1)
    )
    return _(
        "**{name}:** medians at step {step}: first layer {first}; last hidden layer {last}."
    ).format(name=name, step=steps[-1], first=first, last=last)


def _lost(recording: Recording, losses: Sequence[float]) -> str:
    right = [accuracies(recording, lane).inference for lane in range(recording.lanes)]
    if any(not len(each) for each in right):
        return _("It was not evaluated.")
    pairs = ("ReLU", RELU, RELU_BARE), (_("sigmoid"), SIGMOID, SIGMOID_BARE)
    found = _("; ").join(
        _(
            "{name}: loss {loss:.3f} with γ and β, {bare_loss:.3f} without (minibatches of the last third), "
            "held-out accuracy {accuracy:.1%} and {bare_accuracy:.1%}"
        ).format(
            name=name,
            loss=losses[full],
            bare_loss=losses[bare],
            accuracy=right[full][-1],
            bare_accuracy=right[bare][-1],
        )
        for name, full, bare in pairs
    )
    return _(
        "What that costs here, {found}. The weights of the next layer can do part of γ's and β's work."
    ).format(found=found)


def _claims(
    zero: np.ndarray, linear: np.ndarray, far: np.ndarray, losses: Sequence[float]
) -> tuple[Claim, ...]:
    half = _(
        "half of a symmetric distribution is below 0; those of later layers are not quite symmetric"
    )
    return (
        Claim(
            _("B, ReLU without γ and β: smallest share of zeros of a layer"),
            float(zero.min()),
            0.42,
            0.62,
            half,
        ),
        Claim(_("B: largest share of zeros"), float(zero.max()), 0.42, 0.62, half),
        Claim(
            _("D, sigmoid without γ and β: smallest share from 0.2 to 0.8 of a layer"),
            float(linear.min()),
            0.78,
            0.92,
            _("{linear:.3f} for a normal distribution").format(
                linear=normal_shares(1.0, 0.0).linear
            ),
        ),
        Claim(
            _("C, sigmoid: how far γ moved in the last hidden layer over the first"),
            float(far[-1] / far[0]) if far[0] else math.inf,
            FURTHER,
            math.inf,
            _("the question"),
        ),
        Claim(
            _("D over C: loss without γ and β over loss with them"),
            losses[SIGMOID_BARE] / losses[SIGMOID],
            1.03,
            math.inf,
            _("both learn; without, a little more slowly"),
        ),
    )


def _answer(far: np.ndarray) -> int | None:
    if not np.isfinite(far[[0, -1]]).all():
        return None
    if far[-1] >= FURTHER * far[0]:
        return 1
    return 0 if far[0] >= FURTHER * far[-1] else 2


def checks() -> tuple[Claim, ...]:
    """Give drawn units their input back; the worst of three."""
    units = [np.random.default_rng(seed).gamma(2.0, 3.0, 2000) - 4 for seed in range(3)]
    worst = max(float(abs(normalized(x, *restoring(x)) - x).max()) for x in units)
    label = _("γ = √(σ² + ε), β = μ: largest difference of y from x, 2,000 values, seeds 0 to 2")
    return (Claim(label, worst, 0.0, 1e-13, _("the identity, to float64's rounding")),)


LESSON = Lesson(
    title=N_("Gamma and beta"),
    question=N_("Why scale and shift what has just been normalized?"),
    about=N_(
        "With mean 0 and variance 1 a sigmoid unit stays where it is nearly a line, and a ReLU unit is 0 for half of "
        "the examples, whatever the weights. $\\gamma$ and $\\beta$, learned for each unit, give back what was taken: "
        "with $\\gamma = \\sqrt{\\sigma^2 + \\epsilon}$ and $\\beta = \\mu$ the unit has its input again, exactly. "
        "So normalizing forbids nothing; it only makes size and place two parameters of their own."
    ),
    formula=(
        r"\begin{gathered} y = \gamma \hat x + \beta \\"
        r"\gamma = \sqrt{\sigma^2 + \epsilon}, \; \beta = \mu \;\Rightarrow\; y = x \end{gathered}"
    ),
    guess=Choice(
        N_(
            "γ starts at 1 and β at 0 in all layers. Four sigmoid layers with BatchNorm train for 150 steps (C). Which "
            "layer's γ has moved furthest from 1?"
        ),
        (
            N_("the first one, next to the data"),
            N_("the last hidden one, next to the loss"),
            N_("all about as far"),
        ),
    ),
    judge=judge,
    run={
        **{"depth": "4", "width": "100", "activation": "relu", "init": "he", "norm": "batch"},
        **{"lr": "0.5", "meter": "norms", "b.affine": "false", "c.activation": "sigmoid"},
        **{"d.activation": "sigmoid", "d.affine": "false"},
    },
    until=UNTIL,
    controls=("lr", "batch_size", "depth"),
    charts=("histograms", "saturation", "learning"),
    figure="ioffe1",
    published=N_(
        "No paper prints how far γ and β move in a network like this one. Checked instead is that they can give the "
        "input back. What Ioffe & Szegedy do show is a sigmoid's input behind γ and β, in their figure 1: the middle "
        "line is about β, and half the distance of the outer two about γ."
    ),
    checks=checks,
    reading=(
        Reading(
            "Ioffe & Szegedy, Batch Normalization, 2015: section 3, why the transform must be able to be the identity",
            "https://arxiv.org/abs/1502.03167",
        ),
        Reading(
            "Frankle, Schwab & Morcos, Training BatchNorm and Only BatchNorm, 2021: what γ and β alone can learn",
            "https://arxiv.org/abs/2003.00152",
        ),
    ),
)
