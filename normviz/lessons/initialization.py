"""Initialization: what weights of six sizes do to a signal, and why equal units stay equal (CS231n)."""

import math

import numpy as np
from numpy.typing import NDArray

from normviz.language import N_, _
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Sketch, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import number

#: Standard deviations of the ten layers on the slides of Stanford's CS231n, 2017.
SMALL = (
    *(0.213081, 0.047551, 0.010630, 0.002378, 0.000532),
    *(0.000119, 0.000026, 0.000006, 0.000001, 0.000000),
)
HE = (0.825, 0.828, 0.814, 0.827, 0.834, 0.860, 0.871, 0.889, 0.845, 0.845)
LAYERS = tuple(float(layer) for layer in range(1, 11))
_SLIDES = N_("within 5 % of the slides of 2017")
#: What the tenth layer's activations may be, as parts of the first layer's.
_PARTS = (1.0, 0.5, 2**-4.5, 2**-20)


def stds(recording: Recording, lane: int, field: str = "act") -> NDArray[np.float64]:
    """Return the standard deviation by layer in the untrained network. Shape (layers,)."""
    return recording.value(f"{field}_std", lane, 0).astype(float)


def different(recording: Recording, lane: int) -> int:
    """Return how many different units the layer with most of them has, among those that are looked at.

    Units are different where their histograms of the pre-activation are.
    """
    layers = recording.value("unit_hist", lane)
    return max(len({unit.tobytes() for unit in layer}) for layer in layers)


def judge(recording: Recording) -> Verdict:
    """Say what three sizes of the weights do to ten tanh layers before the first step."""
    claims = [
        Claim(
            _("A, N(0, 0.01²): std of layer {layer}").format(layer=layer + 1),
            value,
            0.95 * low,
            1.05 * low,
            _(_SLIDES),
        )
        for layer, (value, low) in enumerate(zip(stds(recording, 0)[:5], SMALL, strict=False))
    ]
    large, xavier = stds(recording, 1), stds(recording, 2)
    claims += [
        Claim(_("B, N(0, 1): smallest std"), float(large.min()), 0.979, 0.985, _("measured 0.982")),
        Claim(_("B, N(0, 1): largest std"), float(large.max()), 0.979, 0.985, _("measured 0.982")),
        Claim(
            _("C, Xavier: std of the last layer"),
            float(xavier[-1]),
            0.218,
            0.238,
            _("measured 0.228"),
        ),
    ]
    words = tuple(_sized(recording, lane) for lane in range(recording.lanes))
    small = stds(recording, 0)
    return Verdict(words, tuple(claims), curve=tuple(small) if len(small) == len(LAYERS) else ())


def _sized(recording: Recording, lane: int) -> str:
    """Say how a lane's activations and gradients change with depth in the untrained network."""
    info, act, grad = (
        recording.schema.lanes[lane],
        stds(recording, lane),
        stds(recording, lane, "grad"),
    )
    saturated = float(recording.value("saturated", lane, 0).mean())
    return _(
        "**{name}** ({title}): activations have a standard deviation of {first} in the first layer "
        "and {last} in the last; {saturated:.0%} are saturated. Gradients go from {last_gradient} in "
        "the last layer to {first_gradient} in the first."
    ).format(
        name=info.name,
        title=recording.title(lane),
        first=number(act[0]),
        last=number(act[-1]),
        saturated=saturated,
        last_gradient=number(grad[-1]),
        first_gradient=number(grad[0]),
    )


def judge_relu(recording: Recording) -> Verdict:
    """Say what ReLU does to ten layers with Xavier's weights and with He's."""
    xavier, he = stds(recording, 0), stds(recording, recording.lanes - 1)
    claims = (
        Claim(
            _("A, Xavier: std of the last layer"),
            float(xavier[-1]),
            0.013,
            0.045,
            _("seeds of the slides' set-up range over 0.021 to 0.031"),
        ),
        Claim(
            _("B, He: std of the last layer"), float(he[-1]), 0.5, 1.3, _("the slides have 0.845")
        ),
    )
    part = xavier[-1] / xavier[0] if xavier[0] > 0 else math.nan
    near = [abs(math.log(part / each)) for each in _PARTS] if part > 0 else []
    words = tuple(_sized(recording, lane) for lane in range(recording.lanes))
    halved = (
        _("In A a layer multiplies the variance by {part:.2g}.").format(
            part=part ** (2 / max(1, len(xavier) - 1))
        )
        if near
        else ""
    )
    answer = near.index(min(near)) if near else None
    return Verdict((*words, halved) if halved else words, claims, answer)


def judge_equal(recording: Recording) -> Verdict:
    """Say how many different units a layer has after training from equal weights."""
    counts = [different(recording, lane) for lane in range(recording.lanes)]
    looked = recording.value("unit_hist", 0).shape[1]
    hidden = recording.value("dw_spectral", 0)[:-1]
    claims = (
        Claim(
            _("A, zeros: different units in a layer"),
            counts[0],
            1,
            1,
            _("all get the same gradient"),
        ),
        Claim(
            _("A, zeros: largest gradient of a hidden layer's weights"),
            float(hidden.max()),
            0,
            0,
            _("W = 0 passes none"),
        ),
        Claim(
            _("B, constant: different units in a layer"),
            counts[min(1, len(counts) - 1)],
            1,
            1,
            _("the same"),
        ),
        Claim(
            _("C, Xavier: different units in a layer"),
            counts[-1],
            looked / 2,
            looked,
            _("random from the start"),
        ),
    )
    words = tuple(_units(recording, lane, count, looked) for lane, count in enumerate(counts))
    answer = min(counts[min(1, len(counts) - 1)], 3) - 1
    return Verdict(words, claims, answer)


def _units(recording: Recording, lane: int, count: int, looked: int) -> str:
    info, accuracy = recording.schema.lanes[lane], float(recording.value("heldout_accuracy", lane))
    return _(
        "**{name}** ({title}): of {looked} units that are looked at, a layer has {count} "
        "different; held-out accuracy {accuracy:.0%}."
    ).format(
        name=info.name, title=recording.title(lane), looked=looked, count=count, accuracy=accuracy
    )


_TEN = {"dataset": "gaussian", "width": "500", "batch_size": "200"}
RELU = Lesson(
    title=N_("ReLU: Xavier and He"),
    question=N_("What does ReLU take away?"),
    about=N_(
        "Half of a symmetric signal is negative, and ReLU makes it 0. He's factor of 2 gives its variance back."
    ),
    formula="\\operatorname{Var}[w] = \\frac{2}{n}",
    guess=Choice(
        N_(
            "Ten ReLU layers with Xavier's weights. How large are the activations of the tenth, compared with the "
            "first's?"
        ),
        (
            N_("As large"),
            N_("Half as large"),
            N_("About a twentieth: the variance halves nine times"),
            N_("A millionth"),
        ),
    ),
    judge=judge_relu,
    run={**_TEN, "activation": "relu", "init": "xavier", "b.init": "he"},
    until=5,
    controls=("activation", "init", "b.init"),
    charts=("histograms", "gradients"),
)
EQUAL = Lesson(
    title=N_("Equal weights"),
    question=N_("Can units that begin equal become different?"),
    about=N_(
        "Equal units compute the same number, so they get the same gradient, and take the same step."
    ),
    formula="W_{ij} = W_{kj} \\;\\Rightarrow\\; \\partial L / \\partial W_{ij} = \\partial L / \\partial W_{kj}",
    guess=Choice(
        N_(
            "All weights begin at 0.01. A hidden layer has a hundred units. How many different ones after 100 steps?"
        ),
        (N_("One: all are the same"), N_("Two"), N_("Many")),
    ),
    judge=judge_equal,
    run={
        **{"activation": "tanh", "depth": "4", "width": "100", "init": "zeros", "init_std": "0.01"},
        **{"b.init": "constant", "c.init": "xavier"},
    },
    until=100,
    controls=("init_std", "lr", "activation"),
    charts=("histograms", "learning"),
)
LESSON = Lesson(
    title=N_("Initialization"),
    question=N_("How large should the first weights be?"),
    about=N_(
        "A layer multiplies the size of a signal by about $\\sigma\\sqrt{n}$: the weights' standard deviation times "
        "the root of the number of inputs. "
        "Ten layers multiply it ten times, so a little too small ends in nothing and a little too large in saturation; "
        "backwards it is the same with gradients. "
        "Xavier chooses the size that keeps both, He the one for ReLU, which throws half of the variance away."
    ),
    formula=(
        "\\operatorname{Var}[Wx]_i = n\\,\\operatorname{Var}[w]\\,\\operatorname{E}[x^2] \\qquad "
        "\\text{Xavier: } \\operatorname{Var}[w] = \\frac{2}{n_{in} + n_{out}} \\qquad "
        "\\text{He: } \\operatorname{Var}[w] = \\frac{2}{n_{in}}"
    ),
    guess=Sketch(
        N_(
            "Ten tanh layers of 500 units with weights from N(0, 0.01²), inputs from N(0, 1). "
            "Draw the standard deviation of each layer's activations."
        ),
        x=N_("layer"),
        y=N_("standard deviation of activations"),
        at=LAYERS,
        low=1e-8,
        high=1.0,
        log=True,
    ),
    judge=judge,
    run={**_TEN, "activation": "tanh", "init": "small", "b.init": "unit", "c.init": "xavier"},
    until=5,
    controls=("activation", "init", "b.init"),
    charts=("histograms", "gradients"),
    figure="cs231n",
    reading=(
        Reading(
            "F.-F. Li, J. Johnson, S. Yeung: CS231n, Training neural networks, 2017",
            "https://cs231n.stanford.edu/slides/2017/cs231n_2017_lecture6.pdf",
        ),
        Reading(
            "X. Glorot, Y. Bengio: Understanding the difficulty of training deep feedforward neural networks, 2010",
            "https://proceedings.mlr.press/v9/glorot10a.html",
        ),
        Reading(
            "K. He, X. Zhang, S. Ren, J. Sun: Delving deep into rectifiers, 2015",
            "https://arxiv.org/abs/1502.01852",
        ),
    ),
    further=(RELU, EQUAL),
    first=N_("Ten tanh layers"),
)
