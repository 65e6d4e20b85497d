"""The other runs of *Is it really internal covariate shift?*: how smooth the loss is, and 25 linear layers."""

import math

from normviz.language import N_, _
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
    "loss_range": (N_("range of the loss along the gradient"), N_("nats")),
    "gradient_change": (N_("change of the gradient along it"), N_("loss per unit of weight")),
    "effective_beta": (N_("effective beta"), N_("loss per unit of weight²")),
}


def judge_smooth(recording: Recording) -> Verdict:
    """Compare how smooth the loss is along the gradient, and how much the gradient shifts."""
    claims, words = list[Claim](), list[str]()
    for field, (label, unit) in _ALONG.items():
        without, with_norm = (typical(recording, field, lane, SMOOTH_UNTIL) for lane in (0, 1))
        ratio = without / with_norm if with_norm else math.nan
        claims.append(
            Claim(f"A / B: {_(label)}", ratio, 1.0, math.inf, _("smoother with BatchNorm"))
        )
        words.append(
            _("The {label} is {without} without and {with_norm} with BatchNorm ({unit}).").format(
                label=_(label), without=number(without), with_norm=number(with_norm), unit=_(unit)
            )
        )
    shifts = [relative_shift(recording, lane, SMOOTH_UNTIL) for lane in (0, 1)]
    words.append(_either_way(*shifts))
    smoother = sum(claim.holds for claim in claims)
    answer = 0 if smoother == len(claims) else 2 if smoother else 1
    return Verdict(tuple(words), tuple(claims), answer=answer)


def _either_way(without: float, with_norm: float) -> str:
    said = (
        _(
            "Gradients shift **less** with BatchNorm here ({with_norm:.0%} of their length against {without:.0%}): "
            "in a shallow network and in a deep one it can go either way, so it is no explanation of both."
        )
        if with_norm < without
        else _(
            "Gradients shift **more** with BatchNorm here ({with_norm:.0%} of their length against {without:.0%}): "
            "in a shallow network and in a deep one it can go either way, so it is no explanation of both."
        )
    )
    return said.format(with_norm=with_norm, without=without)


def judge_linear(recording: Recording) -> Verdict:
    """Compare the shift of gradients in 25 linear layers with how they train."""
    right = [accuracy(recording, lane, LINEAR_UNTIL) for lane in (0, 1)]
    cosines = [cosine(recording, lane, LINEAR_UNTIL) for lane in (0, 1)]
    shifts = [relative_shift(recording, lane, LINEAR_UNTIL) for lane in (0, 1)]
    claims = (
        Claim(
            _("A, without: cosine of G and G′"),
            cosines[0],
            0.85,
            1.0,
            _("close to 1: within 32 degrees"),
        ),
        Claim(
            _("A less B: cosine of G and G′"),
            cosines[0] - cosines[1],
            0.0,
            2.0,
            _("lower with BatchNorm"),
        ),
        Claim(
            "B / A: ‖G − G′‖ / ‖G‖",
            shifts[1] / shifts[0],
            2.0,
            math.inf,
            _("more shift with BatchNorm"),
        ),
        Claim(
            _("B less A: held-out accuracy"),
            right[1] - right[0],
            0.07,
            1.0,
            _("and better training"),
        ),
    )
    words = tuple(
        _(
            "{named}: {right:.1%} right; the cosine of $G$ and $G'$ is {cosines:.2f}, and "
            "the shift is {shifts:.0%} of the gradient's length."
        ).format(
            named=named(recording, lane),
            right=right[lane],
            cosines=cosines[lane],
            shifts=shifts[lane],
        )
        for lane in (0, 1)
    )
    more, better = shifts[1] > shifts[0], right[1] > right[0]
    return Verdict(words, claims, answer={(True, True): 0, (False, True): 1}.get((more, better), 2))


_NETWORK = {"meter": "full", "b.norm": "batch", "init": "xavier"}
SMOOTH = Lesson(
    title=N_("A smoother loss"),
    question=N_("What does BatchNorm change, if not the shift?"),
    about=N_(
        "Along the direction of a step the loss is looked at from half to four times the step's length. Three ReLU "
        "layers, where both networks train."
    ),
    formula="",
    guess=Choice(
        N_("Along its own gradient, is the loss smoother with BatchNorm?"),
        (N_("Smoother by all three measures"), N_("By none of them"), N_("By some of them")),
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
    title=N_("25 linear layers"),
    question=N_("And in a network that is nothing but matrices?"),
    about=N_(
        "Twenty-five linear layers of ten units have no saturation and no dead units, so little else can explain what "
        "happens. Santurkar and others fitted $y = Ax$ with them; here they sort digits, and *Published beside ours* "
        "has the regression itself."
    ),
    formula="",
    guess=Choice(
        N_("Which network's gradients shift more, and which one trains better?"),
        (
            N_("BatchNorm's shift more, and it trains better"),
            N_("BatchNorm's shift less, and it trains better"),
            N_("BatchNorm trains no better"),
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
