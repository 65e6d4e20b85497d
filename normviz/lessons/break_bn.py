"""Break BatchNorm: minibatches of two and of one, sorted by class, and sequences of unequal length."""

import math

import numpy as np
from jaxtyping import Float

from normviz.language import N_, _, ngettext
from normviz.lessons import heldout
from normviz.lessons.break_bn_further import RECURRENT, SIZES, SORTED
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording

UNTIL = 500
#: three standard errors of the difference of two accuracies near a half on 1,000 images
MARGIN = 0.07
_ERROR = N_("three standard errors of a difference on 1,000 images")
NORMS = ("BatchNorm", N_("Batch Renorm"), "LayerNorm", "GroupNorm")


def normalized(x: float, batch: int, draws: int, seed: int) -> Float[np.ndarray, " draws"]:
    """Return what BatchNorm makes of one value among companions from N(0, 1), another minibatch a draw.

    The variance is the minibatch's biased one, epsilon 1e-5. With n values no one can be further than sqrt(n - 1) from
    their mean, in their standard deviations.
    """
    others = np.random.default_rng(seed).standard_normal((draws, batch - 1))
    values = np.concatenate([np.full((draws, 1), x), others], axis=1)
    return (x - values.mean(1)) / np.sqrt(values.var(1) + 1e-5)


def judge(recording: Recording) -> Verdict:
    """Compare the four normalizations at the batch size of lane A."""
    right = [heldout.last(recording, lane, until=UNTIL) for lane in range(recording.lanes)]
    batch, renorm, layer, group = right
    words = [heldout.said(recording, lane, UNTIL) for lane in range(recording.lanes)]
    size = recording.config.lane.batch_size
    words.append(
        ngettext("A minibatch had {size} image.", "A minibatch had {size} images.", size).format(
            size=size
        )
        + f" {_lesson(right)}"
    )
    claims = (
        Claim(
            _("BatchNorm: held-out accuracy"),
            batch,
            0.0,
            0.4,
            _("far below the others; chance is 0.10"),
        ),
        Claim(
            _("LayerNorm less BatchNorm"),
            layer - batch,
            0.3,
            1.0,
            _("more than a third of the way to 1"),
        ),
        Claim(
            _("GroupNorm less BatchNorm"),
            group - batch,
            0.3,
            1.0,
            _("more than a third of the way to 1"),
        ),
        Claim(_("Batch Renorm less BatchNorm"), renorm - batch, MARGIN, 1.0, _(_ERROR)),
        Claim(_("LayerNorm less Batch Renorm"), layer - renorm, MARGIN, 1.0, _(_ERROR)),
    )
    return Verdict(tuple(words), claims, answer=answer(right))


def answer(right: list[float]) -> int | None:
    """Return which option four accuracies support: BN, Renorm, LN, GN; None if it is none of them."""
    batch, renorm, layer, group = right
    others = min(layer, group)
    if not all(map(math.isfinite, right)) or abs(layer - group) > 0.15:
        return None
    if max(right) - min(right) < MARGIN:
        return 0
    if others - batch < MARGIN:
        return None
    return 1 if abs(renorm - others) < MARGIN else 2 if renorm < others else None


def _lesson(right: list[float]) -> str:
    found = answer(right)
    if found == 0:
        return _("That is enough for all four: they are within what 1,000 images can tell apart.")
    if found is None:
        return _("The four do not fall into the groups that the answers name.")
    if found == 1:
        return _(
            "BatchNorm has to take mean and variance from these. Batch Renorm keeps up with those that look at one "
            "image alone; Layer and Group Norm do not see the batch."
        )
    return _(
        "BatchNorm has to take mean and variance from these. Batch Renorm, whose statistics lean on the running "
        "averages, stands between; Layer and Group Norm do not see the batch."
    )


LESSON = Lesson(
    title=N_("Break BatchNorm"),
    question=N_("When does BatchNorm fail, and what stands where it falls?"),
    about=N_(
        "BatchNorm makes every image depend on the others in its minibatch, so it is only as good as they are. "
        "With few companions mean and variance are noise, with two every value becomes $\\pm 1$, with one everything "
        "is $\\beta$; sorted by class the companions give the answer away; and in eval mode none are there. "
        "Layer and Group Normalization look at one image alone, and Batch Renorm leans on running averages."
    ),
    formula=(
        "\\begin{gathered} \\hat x_i = \\frac{x_i - \\mu_B}{\\sqrt{\\sigma_B^2 + \\epsilon}} \\\\ "
        "m = 2:\\; \\hat x = \\pm 1, \\quad m = 1:\\; \\hat x = 0 \\end{gathered}"
    ),
    guess=Choice(
        N_("Four networks learn digits from 500 minibatches of 2 images. Which of them suffer?"),
        (
            N_("None of them: each sees the same 1,000 images in the end"),
            N_("BatchNorm alone; Batch Renorm repairs it"),
            N_("BatchNorm most, Batch Renorm less; Layer and Group Norm hold"),
        ),
    ),
    judge=judge,
    run={
        **{"activation": "relu", "init": "he", "depth": "3", "width": "100", "lr": "0.05"},
        **{"preprocessing": "zscore", "batch_size": "2", "norm": "batch"},
        **{"b.norm": "renorm", "c.norm": "layer", "d.norm": "group"},
    },
    until=UNTIL,
    controls=("batch_size", "order", "lr"),
    charts=("learning", "histograms"),
    figure="smallbatch",
    reading=(
        Reading("S. Ioffe: Batch Renormalization, 2017", "https://arxiv.org/abs/1702.03275"),
        Reading("Y. Wu, K. He: Group Normalization, 2018", "https://arxiv.org/abs/1803.08494"),
        Reading(
            "J. L. Ba, J. R. Kiros, G. E. Hinton: Layer Normalization, 2016",
            "https://arxiv.org/abs/1607.06450",
        ),
        Reading(
            "T. Cooijmans, N. Ballas, C. Laurent, Ç. Gülçehre, A. Courville: Recurrent Batch Normalization, 2017",
            "https://arxiv.org/abs/1603.09025",
        ),
    ),
    further=(SIZES, SORTED, RECURRENT),
    first=N_("Four normalizations, minibatches of 2"),
)
