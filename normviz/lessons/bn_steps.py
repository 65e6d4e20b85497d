"""BatchNorm step by step: what nine operations do to a gradient, and that a run agrees."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from normviz.language import N_, _
from normviz.lessons import bn_steps_graph as graph
from normviz.lessons.bn_steps_graph import Inputs, Values
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording

#: A mean below this share of the standard deviation is 0 but for float32's rounding.
ROUNDING = 1e-5
#: Below this share it is small.
SMALL = 0.1


@dataclass(frozen=True)
class _Largest:
    """Where the mean of a layer's gradient is largest, as a share of its standard deviation."""

    share: float
    layer: int
    step: int


def _largest(recording: Recording, lane: int) -> _Largest:
    steps, mean = recording.series("grad_mean", lane)
    _, std = recording.series("grad_std", lane)
    with np.errstate(all="ignore"):
        share = np.abs(mean.astype(float)) / std
    if not np.isfinite(share).any():
        return _Largest(math.nan, 1, int(steps[-1]))
    at, layer = np.unravel_index(np.nanargmax(np.where(np.isfinite(share), share, -1)), share.shape)
    return _Largest(float(share[at, layer]), int(layer) + 1, int(steps[at]))


def _answer(without: float, behind: float) -> int | None:
    if not (math.isfinite(without) and math.isfinite(behind)):
        return None
    if behind <= ROUNDING:
        return 2
    return 1 if behind < SMALL * without else 0


def judge(recording: Recording) -> Verdict:
    """Compare the mean of the gradient that arrives at z, without BatchNorm and in front of it."""
    without, behind = _largest(recording, 0), _largest(recording, 1)
    last = recording.steps[-1]
    words = (
        _(
            "Over {last} steps, the mean of the gradient with respect to z over the minibatch and the units was at "
            "most **{share}** of its standard deviation without BatchNorm (layer {layer}, step "
            "{step}), and at most **{behind}** where BatchNorm follows (layer {behind_layer}, "
            "step {behind_step})."
        ).format(
            last=last,
            share=_written(without.share),
            layer=without.layer,
            step=without.step,
            behind=_written(behind.share),
            behind_layer=behind.layer,
            behind_step=behind.step,
        ),
        _meaning(behind.share),
    )
    claims = (
        Claim(
            _("Without BatchNorm: largest mean of ∂L/∂z, in its standard deviations"),
            without.share,
            0.01,
            math.inf,
            _("the classes of a minibatch are not as frequent as the network says"),
        ),
        Claim(
            _("BatchNorm behind z: the same"),
            behind.share,
            0.0,
            ROUNDING,
            _("steps 1 and 2 backward take the mean away; what is left is float32's rounding"),
        ),
    )
    return Verdict(words, claims, _answer(without.share, behind.share))


def _meaning(share: float) -> str:
    if share <= ROUNDING:
        return _(
            "That is zero up to float32's rounding, as the derivation says of every unit: whatever pushes all examples "
            "the same way does not come through, so a bias in front of BatchNorm never moves. BatchNorm's own β takes "
            "its place."
        )
    return _(
        "That is not zero. With BatchNorm directly behind a linear z it must be; a nonlinearity between the two bends "
        "the gradient once more."
    )


def _written(share: float) -> str:
    return f"{share:.2g}" if math.isfinite(share) else _("not a number")


#: Checks are made on minibatches drawn with these seeds.
SEEDS = range(3)


def drawn(seed: int) -> Inputs:
    """Draw a minibatch of 6 examples of 3 units, gamma, beta, and a gradient from above."""
    draw = np.random.default_rng(seed)
    gamma, beta = draw.normal(1, 0.3, 3), draw.normal(size=3)
    return Inputs(draw.normal(1, 2, (6, 3)), gamma, beta, 1e-5, draw.normal(size=(6, 3)))


def apart(other: Callable[[Inputs], Values]) -> float:
    """Return how far another way's gradients are from the nine steps', as a share of the largest; the worst seed's."""
    worst = 0.0
    for given in map(drawn, SEEDS):
        steps = graph.gradients(given)
        for name, found in other(given).items():
            worst = max(worst, float(abs(found - steps[name]).max() / abs(steps[name]).max()))
    return worst


def checks() -> tuple[Claim, ...]:
    """Compare the nine steps with the formula in one line and with central differences, in float64."""
    label = _(
        "nine steps and {way}: largest difference, as a share of the largest gradient, seeds 0 to 2"
    )
    return (
        Claim(
            label.format(way=_("one line")),
            apart(graph.vectorised),
            0.0,
            1e-12,
            _("float64's rounding"),
        ),
        Claim(
            label.format(way=_("central differences")),
            apart(graph.central),
            0.0,
            1e-6,
            _("a step of 1e-4 standard deviations is off by its square"),
        ),
    )


LESSON = Lesson(
    title=N_("BatchNorm step by step"),
    question=N_("What does Batch Normalization do to a gradient?"),
    about=N_(
        "Batch Normalization is nine small operations, and each of them has a backward of one line. "
        "Taken back through all nine, the gradient of $x_i$ depends on **all** examples of the minibatch: through "
        "$\\mu$ it loses its mean, through $\\sigma^2$ it loses its part along $\\hat x$. "
        "What is left is divided by $\\sqrt{\\sigma^2 + \\epsilon}$: inputs ten times larger get a tenth of it."
    ),
    formula=(
        r"\begin{gathered} y_i = \gamma \, \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta \\"
        r"\mu = \frac1N \sum_i x_i, \quad \sigma^2 = \frac1N \sum_i (x_i - \mu)^2 \end{gathered}"
    ),
    guess=Choice(
        N_(
            "Two networks of four linear layers learn digits; in the second one each z goes into BatchNorm. How "
            "large is the mean of ∂L/∂z over a minibatch in the second, compared with the first?"
        ),
        (N_("about as large"), N_("smaller, but not zero"), N_("zero, but for rounding")),
    ),
    judge=judge,
    run={
        **{"depth": "4", "width": "50", "activation": "linear", "place": "after"},
        **{"b.norm": "batch"},
    },
    until=100,
    controls=("activation", "batch_size", "lr"),
    charts=("histograms", "moments", "learning"),
    published=N_(
        "Ioffe & Szegedy print these gradients as formulas and Kratzert derives them a step at a time; neither prints "
        "a number that could stand beside ours. Checked instead, in float64, is that all ways to the gradient agree; "
        "a test of normviz also compares every node with torch's autograd, to a billionth."
    ),
    checks=checks,
    reading=(
        Reading(
            "Ioffe & Szegedy, Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate "
            "Shift, 2015: algorithm 1 and the gradients below it",
            "https://arxiv.org/abs/1502.03167",
        ),
        Reading(
            "Kratzert, Understanding the backward pass through Batch Normalization Layer, 2016",
            "https://kratzert.github.io/2016/02/12/understanding-the-gradient-flow-through-the-batch-normalization-layer.html",
        ),
        Reading(
            "Yang, Pennington, Rao, Sohl-Dickstein & Schoenholz, A Mean Field Theory of Batch Normalization, 2019",
            "https://arxiv.org/abs/1902.08129",
        ),
    ),
)
