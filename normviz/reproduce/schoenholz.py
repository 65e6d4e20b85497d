"""The critical line of tanh networks, and what can be trained on and off it (Schoenholz et al. 2017).

The theory is :mod:`normviz.reproduce.meanfield`. Beside it: the growth of the squared gradient norm in a real network
of 1,000 units, which chi_1 predicts, and networks of 10 and 40 layers of 200 units that are trained 300 steps: forty
layers learn near the critical line only. By the paper's rule about 6 xi_c layers can be trained.
"""

import math
from functools import partial

import torch
from torch import Generator, Tensor

from normviz.language import N_, filled
from normviz.nn.network import generator
from normviz.nn.tape import Tape
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.meanfield import chi, critical, depth_scale, variance
from normviz.reproduce.training import Perceptron, PlainSGD, digits

BIAS = 0.05
WEIGHTS = {"ordered": 1.0, "critical": 1.76, "chaotic": 4.0}
#: beside the critical line, on the side of the name
NEAR = {"ordered": 1.74, "chaotic": 1.78}
CURVE = (1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.74, 1.78, 1.8, 1.9, 2.0, 2.2, 2.5, 3.0, 3.5, 4.0)
DEPTHS = (10, 40)
WIDTH, STEPS, LR, BATCH = 200, 300, 0.03, 100
MEASURED_WIDTH, MEASURED_LAYERS, FIRST = 1000, 20, 5


def theory(seed: int) -> Numbers:
    """Return the critical sigma_w², chi_1 and the depth scale; no seed changes them."""
    return {
        "critical": critical(BIAS),
        **{f"chi.{name}": chi(w, variance(w, BIAS)) for name, w in WEIGHTS.items()},
        **{f"xi.{w:g}": depth_scale(w, BIAS) for w in CURVE},
        **{
            f"fall.{name}": depth_scale(near, BIAS) / depth_scale(WEIGHTS[name], BIAS)
            for name, near in NEAR.items()
        },
    }


def _draw(std2: float, fan: bool, values: Tensor, generator: Generator) -> None:
    std = math.sqrt(std2 / (values.shape[1] if fan else 1))
    with torch.no_grad():
        values.normal_(0.0, 1.0, generator=generator).mul_(std)


def network(sigma_w2: float, width: int, depth: int, seed: int) -> Perceptron:
    """Return a tanh network with weights N(0, sigma_w² / n) and biases N(0, 0.05)."""
    return Perceptron(
        [784, *[width] * depth, 10],
        torch.tanh,
        seed,
        partial(_draw, sigma_w2, True),
        partial(_draw, BIAS, False),
    )


def growth(name: str, seed: int) -> Numbers:
    """Measure the factor of the squared gradient norm a layer going down, in one network on one minibatch."""
    tape = Tape()
    model = network(WEIGHTS[name], MEASURED_WIDTH, MEASURED_LAYERS, seed)
    out = model(torch.from_numpy(digits().x[:BATCH]), tape)
    for pre in tape.pre:
        pre.retain_grad()
    (out * torch.randn(out.shape, generator=generator(seed, "loss"))).sum().backward()
    norms = [float(pre.grad.double().square().sum()) for pre in tape.pre if pre.grad is not None]
    return {f"growth.{name}": (norms[FIRST] / norms[-1]) ** (1 / (len(norms) - 1 - FIRST))}


def trained(name: str, depth: int, seed: int) -> Numbers:
    """Train 300 steps; return the held-out accuracy."""
    run = PlainSGD(network(WEIGHTS[name], WIDTH, depth, seed), digits(), LR, BATCH, seed)
    run.steps(STEPS)
    return {f"accuracy.{name}.{depth}": run.accuracy()}


_CHI = {"ordered": 0.76, "critical": 1.0, "chaotic": 1.34}
_LEARNS = at_least(0.6, N_("six times chance: it learns"))
_CHANCE = at_most(0.2, N_("twice chance: it does not"))
_ACCURACY = {
    **{(name, 10): _LEARNS for name in WEIGHTS},
    ("ordered", 40): _CHANCE,
    ("critical", 40): _LEARNS,
    ("chaotic", 40): _CHANCE,
}

FIGURE = Figure(
    about=N_(
        "tanh networks, weights N(0, sigma_w² / n), biases N(0, 0.05). Theory by quadrature; gradients of a network "
        "of 20 layers of 1,000 units; training of 784-200x10-10 and 784-200x40-10 with SGD 0.03, minibatches of 100, "
        "300 steps, on 4,000 images, accuracy on 1,000 held out."
    ),
    parts={
        "theory": theory,
        **{f"growth.{name}": partial(growth, name) for name in WEIGHTS},
        **{f"{n}.{depth}": partial(trained, n, depth) for depth in DEPTHS for n in WEIGHTS},
    },
    rows=[
        Row(
            "critical",
            N_("critical sigma_w² at sigma_b² = 0.05"),
            N_("1.761 (second-hand)"),
            Band(1.756, 1.766, N_("the number to 0.005: it is a computation")),
        ),
        *(
            Row(
                f"chi.{name}",
                filled(N_("chi_1 at sigma_w² = {w:g}, theory"), w=w),
                1.0 if name == "critical" else None,
                Band(
                    _CHI[name] - 0.01, _CHI[name] + 0.01, N_("recomputed independently, two digits")
                ),
            )
            for name, w in WEIGHTS.items()
        ),
        *(
            Row(
                f"growth.{name}",
                filled(N_("squared gradient, factor a layer at sigma_w² = {w:g}"), w=w),
                1.0 if name == "critical" else None,
                Band(
                    round(0.9 * _CHI[name], 3),
                    round(1.1 * _CHI[name], 3),
                    N_("10 % about the theory: finite width, and one network only"),
                ),
            )
            for name, w in WEIGHTS.items()
        ),
        *(
            Row(f"xi.{w:g}", filled(N_("xi_c at sigma_w² = {w:g}, layers"), w=w))
            for w in (1.0, 1.74, 1.78, 4.0)
        ),
        *(
            Row(
                f"fall.{name}",
                filled(
                    N_("xi_c at sigma_w² = {near:g} / at {weights:g}"),
                    near=near,
                    weights=WEIGHTS[name],
                ),
                N_("diverges on the line"),
                at_least(10, N_("within 0.02 of the line it is an order of magnitude longer")),
            )
            for name, near in NEAR.items()
        ),
        *(
            Row(
                f"accuracy.{name}.{depth}",
                filled(
                    N_("{depth} layers, sigma_w² = {w:g}: accuracy after {steps} steps"),
                    depth=depth,
                    w=w,
                    steps=STEPS,
                ),
                N_("trains") if _ACCURACY[name, depth] is _LEARNS else N_("does not train"),
                _ACCURACY[name, depth],
            )
            for depth in DEPTHS
            for name, w in WEIGHTS.items()
        ),
    ],
    panels=[
        Panel(
            N_("Depth scale"),
            N_("sigma_w²"),
            N_("xi_c, layers"),
            [Line(N_("theory"), CURVE, [f"xi.{w:g}" for w in CURVE])],
            log=True,
        ),
        Panel(
            N_("Accuracy after 300 steps"),
            N_("sigma_w²"),
            N_("held-out accuracy"),
            [
                Line(
                    filled(N_("{d} layers"), d=d),
                    list(WEIGHTS.values()),
                    [f"accuracy.{n}.{d}" for n in WEIGHTS],
                )
                for d in DEPTHS
            ],
        ),
    ],
)
