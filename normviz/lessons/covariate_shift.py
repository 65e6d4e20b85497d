"""Is it really internal covariate shift? Santurkar et al.'s case, on networks that train here."""

import math

import numpy as np
from numpy.typing import NDArray

from normviz.language import N_, _
from normviz.lessons.covariate_shift_further import LINEAR, SMOOTH
from normviz.lessons.covariate_shift_measures import accuracy, jump, named, relative_shift
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import number

UNTIL = 200
#: the statement of Santurkar et al., and what three standard errors of a difference on 1,000 images each are
_BETTER = N_("three standard errors of a difference of two accuracies on 1,000 images each")
_OPTIONS = (
    N_("It trains no better than without normalization: the shift is back"),
    N_("It trains nearly as well as BatchNorm: the shift does not matter"),
    N_("It does not train at all"),
)


def judge(recording: Recording) -> Verdict:
    """Compare how the three networks train with how much their distributions and gradients shift."""
    right = [accuracy(recording, lane, UNTIL) for lane in range(recording.lanes)]
    jumps = [jump(recording, lane, UNTIL) for lane in range(recording.lanes)]
    shifts = [relative_shift(recording, lane, UNTIL) for lane in range(recording.lanes)]
    kept = _divided(right[2] - right[0], right[1] - right[0])
    claims = (
        Claim(
            _("BatchNorm (B) less without (A): held-out accuracy"),
            right[1] - right[0],
            0.07,
            1.0,
            _(_BETTER),
        ),
        Claim(
            _("share of this gain that is left with noise (C)"),
            kept,
            0.5,
            math.inf,
            _("closer to B than to A"),
        ),
        Claim(
            _("C / A: how far the mean of z moves from one minibatch to the next"),
            _divided(jumps[2], jumps[0]),
            3.0,
            math.inf,
            _("far more, three times at least"),
        ),
        Claim(
            _("B / A: gradient shift ‖G − G′‖ / ‖G‖, median over layers and steps"),
            _divided(shifts[1], shifts[0]),
            1.0,
            math.inf,
            _("not smaller with BatchNorm"),
        ),
    )
    words = (
        *(_said(recording, lane, right, jumps, shifts) for lane in range(recording.lanes)),
        _doubt(right, jumps, shifts),
    )
    return Verdict(words, claims, answer=_answer(right, kept))


def _divided(above: float, below: float) -> float:
    return above / below if below else math.nan


def _answer(right: list[float], kept: float) -> int | None:
    """Return which guess the run supports: none where BatchNorm itself gains nothing."""
    if not all(map(math.isfinite, right)) or right[1] - right[0] < 0.07:
        return None
    if right[2] < 0.2:
        return 2
    return 1 if kept >= 0.5 else 0


def _said(
    recording: Recording, lane: int, right: list[float], jumps: list[float], shifts: list[float]
) -> str:
    return _(
        "{named}: {right:.1%} of the held-out digits are right after {until} steps; the mean "
        "of a layer's $z$ moves by {jumps} from one measured minibatch to the next; an update of the "
        "layers below turns and stretches a gradient $G$ by {shifts:.0%} of its length."
    ).format(
        named=named(recording, lane),
        right=right[lane],
        until=UNTIL,
        jumps=number(jumps[lane]),
        shifts=shifts[lane],
    )


def _doubt(right: list[float], jumps: list[float], shifts: list[float]) -> str:
    """Say whether less shift and better training go together in this run."""
    if not all(map(math.isfinite, [*right, *jumps, *shifts])):
        return _("A network has diverged, so this run says nothing about the question.")
    steadier = jumps[2] < jumps[0]
    better = right[2] > right[0]
    return " ".join(
        (_noisy(steadier, better), _shifted(shifts[1] > shifts[0]), _left(better and not steadier))
    )


def _noisy(steadier: bool, better: bool) -> str:
    if not steadier:
        return (
            _(
                "With noise the distributions are less steady than without normalization, and the network trains "
                "better."
            )
            if better
            else _(
                "With noise the distributions are less steady, and the network trains no better."
            )
        )
    return (
        _("With noise the distributions are steadier, and the network trains better.")
        if better
        else _("With noise the distributions are steadier, and the network trains no better.")
    )


def _shifted(more: bool) -> str:
    return (
        _(
            "The gradients' shift, which is how the paper makes covariate shift a number, is larger with BatchNorm "
            "than without."
        )
        if more
        else _(
            "The gradients' shift, which is how the paper makes covariate shift a number, is smaller with BatchNorm "
            "than without."
        )
    )


def _left(unsteady: bool) -> str:
    return (
        _(
            "Whatever BatchNorm does for training, in this run it is not that it holds distributions still."
        )
        if unsteady
        else _(
            "Whatever BatchNorm does for training, in this run it is not told apart from steadiness."
        )
    )


def means(recording: Recording, lane: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return steps and the mean of z of the middle hidden layer at them, until the run is judged."""
    steps, values = recording.series("pre_mean", lane)
    seen = steps <= UNTIL
    return steps[seen].astype(np.int64), values[seen, values.shape[1] // 2].astype(np.float64)


LESSON = Lesson(
    title=N_("Is it really internal covariate shift?"),
    question=N_("Does BatchNorm help because it holds the distributions of layers' inputs still?"),
    about=N_(
        "Ioffe and Szegedy explained BatchNorm by *internal covariate shift*: layers train better when the "
        "distribution of their inputs holds still. Santurkar and others put noise behind BatchNorm that shifts every "
        "distribution anew in every step, and it trained nearly as well; and where the shift of gradients was "
        "measured, it was not smaller with BatchNorm. What they found instead is a smoother loss; that is a "
        "correlation too, and the last word has not been said."
    ),
    formula=(
        "\\begin{gathered} G_l = \\nabla_{W_l} L(W_1, \\dots, W_L) \\\\ "
        "G'_l = \\nabla_{W_l} L(W'_1, \\dots, W'_{l-1}, W_l, \\dots, W_L) \\\\ "
        "\\text{shift} = \\lVert G_l - G'_l \\rVert \\end{gathered}"
    ),
    guess=Choice(
        N_(
            "Behind every BatchNorm, noise now shifts and scales all values, differently for every unit, step and "
            "example. How does the network train?"
        ),
        _OPTIONS,
    ),
    judge=judge,
    run={
        **{"depth": "15", "width": "100", "activation": "relu", "init": "xavier", "lr": "0.1"},
        **{"batch_size": "128", "meter": "full", "b.norm": "batch", "c.norm": "noisy"},
    },
    until=UNTIL,
    controls=("lr", "depth", "activation", "seed"),
    charts=("moments", "shift", "learning"),
    figure="santurkar",
    reading=(
        Reading(
            "S. Santurkar, D. Tsipras, A. Ilyas, A. Madry: How does batch normalization help optimization?, 2018",
            "https://arxiv.org/abs/1805.11604",
        ),
        Reading(
            "S. Ioffe, C. Szegedy: Batch normalization: accelerating deep network training by reducing internal "
            "covariate shift, 2015",
            "https://arxiv.org/abs/1502.03167",
        ),
        Reading(
            "J. Bjorck, C. Gomes, B. Selman, K. Weinberger: Understanding batch normalization, 2018",
            "https://arxiv.org/abs/1806.02375",
        ),
    ),
    first=N_("Noise behind BatchNorm"),
    further=(SMOOTH, LINEAR),
)
