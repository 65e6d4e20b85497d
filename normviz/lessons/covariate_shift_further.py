"""The other runs of *Is it really internal covariate shift?*: how smooth the loss is, and 25 linear layers."""

import math

from normviz.lessons.covariate_shift_measures import (
    accuracy,
    cosine,
    named,
    relative_shift,
    typical,
)
from normviz.lessons.lesson import Choice, Claim, Lesson, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import number

SMOOTH_UNTIL = 100
LINEAR_UNTIL = 200
_ALONG = {
    "loss_range": ("range of the loss along the gradient", "nats"),
    "gradient_change": ("change of the gradient along it", "loss per unit of weight"),
    "effective_beta": ("effective beta", "loss per unit of weight²"),
}


def judge_smooth(recording: Recording) -> Verdict:
    """Compare how smooth the loss is along the gradient, and how much the gradient shifts."""
    claims, words = list[Claim](), list[str]()
    for field, (label, unit) in _ALONG.items():
        without, with_norm = (typical(recording, field, lane, SMOOTH_UNTIL) for lane in (0, 1))
        ratio = without / with_norm if with_norm else math.nan
        claims.append(Claim(f"A / B: {label}", ratio, 1.0, math.inf, "smoother with BatchNorm"))
        words.append(
            f"The {label} is {number(without)} without and {number(with_norm)} with BatchNorm ({unit})."
        )
    shifts = [relative_shift(recording, lane, SMOOTH_UNTIL) for lane in (0, 1)]
    less = "less" if shifts[1] < shifts[0] else "more"
    words.append(
        f"Gradients shift **{less}** with BatchNorm here ({shifts[1]:.0%} of their length against {shifts[0]:.0%}): in "
        "a shallow network and in a deep one it can go either way, so it is no explanation of both."
    )
    smoother = sum(claim.holds for claim in claims)
    answer = 0 if smoother == len(claims) else 2 if smoother else 1
    return Verdict(tuple(words), tuple(claims), answer=answer)


def judge_linear(recording: Recording) -> Verdict:
    """Compare the shift of gradients in 25 linear layers with how they train."""
    right = [accuracy(recording, lane, LINEAR_UNTIL) for lane in (0, 1)]
    cosines = [cosine(recording, lane, LINEAR_UNTIL) for lane in (0, 1)]
    shifts = [relative_shift(recording, lane, LINEAR_UNTIL) for lane in (0, 1)]
    claims = (
        Claim(
            "A, without: cosine of G and G′", cosines[0], 0.85, 1.0, "close to 1: within 32 degrees"
        ),
        Claim(
            "A less B: cosine of G and G′",
            cosines[0] - cosines[1],
            0.0,
            2.0,
            "lower with BatchNorm",
        ),
        Claim(
            "B / A: ‖G − G′‖ / ‖G‖",
            shifts[1] / shifts[0],
            2.0,
            math.inf,
            "more shift with BatchNorm",
        ),
        Claim("B less A: held-out accuracy", right[1] - right[0], 0.07, 1.0, "and better training"),
    )
    words = tuple(
        f"{named(recording, lane)}: {right[lane]:.1%} right; the cosine of $G$ and $G'$ is {cosines[lane]:.2f}, and "
        f"the shift is {shifts[lane]:.0%} of the gradient's length."
        for lane in (0, 1)
    )
    more, better = shifts[1] > shifts[0], right[1] > right[0]
    return Verdict(words, claims, answer={(True, True): 0, (False, True): 1}.get((more, better), 2))


_NETWORK = {"meter": "full", "b.norm": "batch", "init": "xavier"}
SMOOTH = Lesson(
    title="A smoother loss",
    question="What does BatchNorm change, if not the shift?",
    about=(
        "Along the direction of a step the loss is looked at from half to four times the step's length. Three ReLU "
        "layers, where both networks train."
    ),
    formula="",
    guess=Choice(
        "Along its own gradient, is the loss smoother with BatchNorm?",
        ("Smoother by all three measures", "By none of them", "By some of them"),
    ),
    judge=judge_smooth,
    run={
        **_NETWORK,
        "depth": "3",
        "width": "100",
        "activation": "relu",
        "lr": "0.1",
        "batch_size": "128",
    },
    until=SMOOTH_UNTIL,
    controls=("lr", "depth", "seed"),
    charts=("shift", "learning"),
)
LINEAR = Lesson(
    title="25 linear layers",
    question="And in a network that is nothing but matrices?",
    about=(
        "Twenty-five linear layers of ten units have no saturation and no dead units, so little else can explain what "
        "happens. Santurkar and others fitted $y = Ax$ with them; here they sort digits, and *Published beside ours* "
        "has the regression itself."
    ),
    formula="",
    guess=Choice(
        "Which network's gradients shift more, and which one trains better?",
        (
            "BatchNorm's shift more, and it trains better",
            "BatchNorm's shift less, and it trains better",
            "BatchNorm trains no better",
        ),
    ),
    judge=judge_linear,
    run={
        **_NETWORK,
        "depth": "24",
        "width": "10",
        "activation": "linear",
        "lr": "0.01",
        "batch_size": "512",
    },
    until=LINEAR_UNTIL,
    controls=("lr", "depth", "seed"),
    charts=("shift", "learning"),
)
