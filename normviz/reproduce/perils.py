"""One moving average for two domains (A. Irpan, "On the perils of batch norm", 2017).

Two data sets, one network, and the losses of a minibatch of each summed in every step, in three versions: A puts the
two minibatches together; B passes them one by one through two copies with the same weights, gamma, beta and moving
averages; C gives each copy a BatchNorm of its own. In training B normalizes each domain by its own statistics, in
evaluation by averages of both. The control: B's very weights, evaluated with each domain's own statistics.

The post's data are not disclosed ("let's pretend" MNIST and SVHN); here they are MNIST and digits on textures.
"""

import math
import statistics
from functools import partial

from torch import Tensor, argsort

from normviz.language import N_, filled
from normviz.nn.norms.batch import BatchNorm
from normviz.reproduce.domains import (
    DOMAINS,
    EVERY,
    MOMENTUM,
    STEPS,
    VERSIONS,
    WIDTH,
    accuracy,
    domains,
    training,
    with_own_statistics,
)
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.normed import Normed

LOOKS = range(EVERY, STEPS + 1, EVERY)
UNITS = range(1, WIDTH + 1)
WORDS = {name: version.words for name, version in VERSIONS.items()}


def first_means(nets: list[Normed]) -> Numbers:
    """Describe the means of the first layer's units: the domains' own, the network's, and how far they are apart.

    Distances are root mean squares over the units, in standard deviations of the domain. ``middle`` is the distance
    from where two exponential averages in turn end up, (0.9 first + second) / 1.9 with the momentum of 0.1.
    """
    owns = with_own_statistics(nets)
    running = _first(nets[0])[0]
    (mnist, _), (textured, spread) = (_first(own) for own in owns)
    middle = ((1 - MOMENTUM) * mnist + textured) / (2 - MOMENTUM)
    numbers = {"middle": _rms((running - middle) / spread)}
    for name, net, own in zip(DOMAINS, nets, owns, strict=True):
        mean, deviation = _first(own)
        numbers[f"distance.{name}"] = _rms((_first(net)[0] - mean) / deviation)
    order = argsort(textured - mnist)
    for name, means in {"mnist": mnist, "textured": textured, "running": running}.items():
        numbers |= {
            f"unit.{name}.{i}": v for i, v in zip(UNITS, means[order].tolist(), strict=True)
        }
    return numbers


def _first(net: Normed) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation that the first layer's BatchNorm holds."""
    norm = net.norms[0]
    assert isinstance(norm, BatchNorm)
    return norm.running_mean, norm.running_var.sqrt()


def _rms(values: Tensor) -> float:
    return float(values.square().mean().sqrt())


def measure(name: str, seed: int) -> Numbers:
    """Train; return held-out accuracies by step and domain, with the averages and with the domain's own statistics."""
    version, numbers = VERSIONS[name], Numbers()
    nets = version.networks(seed)
    for step, loss in zip(LOOKS, training(version, nets, seed), strict=True):
        numbers[f"{name}.loss.{step}"] = loss
        for kind, judged in {"averages": nets, "own": with_own_statistics(nets)}.items():
            for place, domain, net in zip(DOMAINS, domains(), judged, strict=True):
                right = accuracy(net, domain.heldout_x, domain.heldout_y)
                numbers[f"{name}.{place}.{kind}.{step}"] = right
    for place in DOMAINS:
        averages, own = (numbers[f"{name}.{place}.{kind}.{STEPS}"] for kind in ("averages", "own"))
        numbers |= {f"{name}.{place}": averages, f"{name}.{place}.gap": own - averages}
    return numbers | {
        f"{name}.accuracy": statistics.fmean(numbers[f"{name}.{place}"] for place in DOMAINS),
        f"{name}.loss": numbers[f"{name}.loss.{STEPS}"],
        **{f"{name}.{key}": value for key, value in first_means(nets).items()},
    }


def compare(numbers: Numbers) -> Numbers:
    """Return the differences of the versions."""
    a, b, c = (numbers[f"{version}.accuracy"] for version in VERSIONS)
    ratio = numbers["shared.loss"] / numbers["mixed.loss"]
    return {"a-b": a - b, "c-b": c - b, "c-a": c - a, "loss": ratio}


_PUBLISHED = {"mixed": 0.783, "shared": 0.763, "separate": 0.787}
_ERROR = N_("three standard errors of a difference on 2,000 images each")

_ROWS = [
    *(
        Row(
            f"{version}.accuracy",
            filled(N_("{words}: accuracy, mean of both domains"), words=words),
            filled(N_("{published} (other data)"), published=_PUBLISHED[version]),
        )
        for version, words in WORDS.items()
    ),
    Row(
        "a-b",
        N_("A - B: accuracy, mean over the seeds"),
        N_("B is worst"),
        Band(0.04, math.inf, _ERROR, every_seed=False),
    ),
    Row("c-b", N_("C - B: accuracy"), N_("B is worst"), at_least(0.04, _ERROR)),
    Row("c-a", N_("C - A: accuracy"), N_("C as good as A"), at_least(-0.04, _ERROR)),
    *(
        Row(f"{version}.loss", filled(N_("{words}: training loss, last 50 steps"), words=words))
        for version, words in WORDS.items()
    ),
    Row(
        "loss",
        N_("training loss B / A"),
        N_("training shows nothing"),
        at_most(1, N_("in training B is not worse than A")),
    ),
    *(
        Row(f"{version}.{name}", filled(N_("{words}: accuracy on {name}"), words=words, name=name))
        for version, words in WORDS.items()
        for name in DOMAINS
    ),
    Row("shared.mnist.gap", N_("B, same weights: mnist, own statistics - shared averages")),
    Row(
        "shared.textured.gap",
        N_("B, same weights: textured, own statistics - shared averages"),
        N_("only evaluation suffers"),
        at_least(0.07, N_("three standard errors of a difference on 1,000 images each")),
    ),
    *(
        Row(
            f"separate.{name}.gap",
            filled(N_("C, same weights: {name}, own statistics - its averages"), name=name),
            None,
            Band(
                -0.04,
                0.04,
                N_("its averages estimate its own statistics; limit fixed before, on a ConvNet"),
            ),
        )
        for name in DOMAINS
    ),
    *(
        Row(f"mixed.{name}.gap", filled(N_("A, same weights: {name}, own - averages"), name=name))
        for name in DOMAINS
    ),
    *(
        Row(
            f"{version}.distance.{name}",
            filled(
                N_("{words}: running mean from {name}'s own, layer 1, standard deviations"),
                words=words,
                name=name,
            ),
        )
        for version, words in WORDS.items()
        for name in DOMAINS
    ),
    Row(
        "shared.middle",
        N_("B: running mean from the domains' weighted mean, layer 1, standard deviations"),
        N_("the mean of both"),
        at_most(0.2, N_("small against the distance from either")),
    ),
]

FIGURE = Figure(
    about=N_(
        "784-100x3-10 ReLU network with BatchNorm, centred pixels, 64 images of each domain a step, 400 steps of SGD "
        "whose rate falls from 0.1 to 0. A: one batch of both. B: one by one, one moving average for both. C: a "
        "BatchNorm each. 'Own statistics' are mean and variance of all training images of a domain, put in the "
        "averages' place."
    ),
    parts={version: partial(measure, version) for version in VERSIONS},
    rows=_ROWS,
    panels=[
        *(
            Panel(
                filled(N_("Accuracy on {name}, moving averages"), name=name),
                N_("step"),
                N_("held-out accuracy"),
                [
                    Line(words, LOOKS, [f"{version}.{name}.averages.{s}" for s in LOOKS])
                    for version, words in WORDS.items()
                ],
            )
            for name in DOMAINS
        ),
        Panel(
            N_("B: the same weights, two statistics"),
            N_("step"),
            N_("held-out accuracy"),
            [
                Line(
                    filled(N_("{name}, {words}"), name=name, words=words),
                    LOOKS,
                    [f"shared.{name}.{kind}.{s}" for s in LOOKS],
                )
                for name in DOMAINS
                for kind, words in {
                    "averages": N_("shared averages"),
                    "own": N_("own statistics"),
                }.items()
            ],
        ),
        Panel(
            N_("B: means of the first layer's units"),
            N_("unit, by the difference of the domains"),
            N_("mean before BatchNorm"),
            [
                Line(words, UNITS, [f"shared.unit.{name}.{i}" for i in UNITS])
                for name, words in {
                    "mnist": N_("mnist's own"),
                    "textured": N_("textured's own"),
                    "running": N_("shared moving average"),
                }.items()
            ],
        ),
    ],
    compare=compare,
)
