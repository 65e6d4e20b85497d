"""The other run of *Edge of chaos*: BatchNorm with ReLU, before and after its first step."""

import math

from normviz.language import N_, _
from normviz.lessons.chaos_growth import growth
from normviz.lessons.lesson import Claim, Lesson, Sketch, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import number

UNTIL = 5
#: pi / (pi - 1): Yang et al.'s factor of ReLU layers behind BatchNorm, for large minibatches
FACTOR = math.pi / (math.pi - 1)


def judge(recording: Recording) -> Verdict:
    """Compare the growth of the gradient a layer before the first step and after it."""
    before, after, plain = growth(recording, 0, 0), growth(recording, 0, 1), growth(recording, 1, 0)
    claims = (
        Claim(
            _("A, BatchNorm, before the first step: factor of the squared gradient a layer"),
            before,
            0.93 * FACTOR,
            1.07 * FACTOR,
            _("7 % about π / (π − 1): 100 units and 100 examples"),
        ),
        Claim(
            _("B, without, before the first step"), plain, 0.9, 1.1, _("He's weights: 1, to 10 %")
        ),
        Claim(
            _("A: factor less 1, after one step / before it"),
            (after - 1) / (before - 1) if before != 1 else math.nan,
            -math.inf,
            0.6,
            _("flatter: no more than 0.6 of the growth is left"),
        ),
    )
    depth = recording.config.lanes()[0].depth
    words = (
        _(
            "**A**, with BatchNorm: before the first step the squared gradient grows by {before:.3f} a layer going "
            "down (theory: {factor:.3f}), over {depth} layers by {over}."
        ).format(before=before, factor=FACTOR, depth=depth, over=_over(before, depth)),
        _(
            "After one step of learning rate {lr:g} the factor is {after:.3f}: "
            "{over} over all layers."
        ).format(lr=recording.config.lane.lr, after=after, over=_over(after, depth)),
        _("**B**, without, with the same weights: {plain:.3f} a layer.").format(plain=plain),
    )
    steps = [growth(recording, 0, step) for step in range(UNTIL + 1)]
    return Verdict(words, claims, curve=tuple(steps) if all(map(math.isfinite, steps)) else ())


def _over(factor: float, depth: int) -> str:
    """Write what a factor a layer makes of a whole network."""
    return (
        _("a factor of {factor}").format(factor=number(factor**depth))
        if math.isfinite(factor)
        else _("an unknown factor")
    )


EXPLODES = Lesson(
    title=N_("BatchNorm and ReLU, fifty layers"),
    question=N_("What does BatchNorm do to the gradient of fifty ReLU layers?"),
    about=N_(
        "Without normalization, He's weights keep the gradient level. BatchNorm divides by a spread that the ReLU "
        "below has made smaller, and so multiplies the gradient on its way down: by $\\pi / (\\pi - 1) = 1.467$ "
        "a layer, in the squared norm, whatever the weights. Then the lowest weights take one huge step, and BatchNorm "
        "divides by their size."
    ),
    formula="",
    guess=Sketch(
        N_(
            "By what factor does the squared gradient grow a layer, going down, with BatchNorm, before the first "
            "step and after each of five? Draw it; 1 is level."
        ),
        x=N_("steps taken"),
        y=N_("factor of the squared gradient a layer"),
        at=tuple(float(step) for step in range(UNTIL + 1)),
        low=0.8,
        high=1.8,
    ),
    judge=judge,
    run={
        **{"depth": "50", "width": "100", "activation": "relu", "init": "he", "norm": "batch"},
        **{"lr": "1", "batch_size": "100", "b.norm": "none", "b.lr": "0.001"},
    },
    until=UNTIL,
    controls=("lr", "depth", "batch_size", "seed"),
    charts=("gradients", "moments"),
)
