"""Glorot & Bengio 2010: gradients at initialization, and the sigmoid network whose top layer saturates.

Five tanh layers of 1,000 units, minibatches of 10, biases 0; standard weights U(-1/sqrt(n), 1/sqrt(n)), normalized
ones U(-sqrt(6 / (n_in + n_out)), ...). The paper's images are Shapeset-3x2, ours are digits. Published: average
singular value of a layer's Jacobian 0.5 and 0.8; n Var[W] = 1/3 for standard weights, by which the variance of the
gradient with respect to pre-activations shrinks a layer going down, while that with respect to weights stays level; and
in a sigmoid network of four layers the top one goes to 0 at once. The table of test errors needs all of MNIST and is
not here.
"""

import math
from collections.abc import Iterable
from functools import partial

import torch
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from normviz.language import N_, filled
from normviz.nn.network import generator
from normviz.nn.tape import Tape
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.training import Perceptron, PlainSGD, digits

WIDTH, BATCH, JACOBIANS = 1000, 10, 3
LAYERS, SIGMOID_LAYERS = range(1, 6), range(1, 5)
SIGMOID_STEPS = (0, 10, 20, 50, 100, 150, 200)
SIGMOID_LR = 0.1


def standard(weight: Tensor, generator: Generator) -> None:
    """Draw U(-1/sqrt(n_in), 1/sqrt(n_in))."""
    _uniform(weight, 1 / math.sqrt(weight.shape[1]), generator)


def normalized(weight: Tensor, generator: Generator) -> None:
    """Draw U(-sqrt(6 / (n_in + n_out)), sqrt(6 / (n_in + n_out)))."""
    _uniform(weight, math.sqrt(6 / sum(weight.shape)), generator)


def _uniform(weight: Tensor, bound: float, generator: Generator) -> None:
    with torch.no_grad():
        weight.uniform_(-bound, bound, generator=generator)


DRAW = {N_("standard"): standard, N_("normalized"): normalized}


def at_initialization(init: str, seed: int) -> Numbers:
    """Return the variances of both gradients by layer, and the mean singular value of the Jacobians."""
    data, tape = digits(), Tape()
    sizes = [data.x.shape[1], *[WIDTH] * len(LAYERS), data.classes]
    model = Perceptron(sizes, torch.tanh, seed, DRAW[init])
    rows = torch.randperm(len(data.y), generator=generator(seed, "order"))[:BATCH]
    logits = model(torch.from_numpy(data.x)[rows], tape)
    for each in tape.pre:
        each.retain_grad()
    cross_entropy(logits, torch.from_numpy(data.y)[rows]).backward()
    weights = model.weights()[:-1]
    pre, weight = _variances(tape.pre), _variances(weights)
    return {
        **{f"{init}.pre.{n}": pre[n - 1] / pre[-1] for n in LAYERS},
        **{f"{init}.weight.{n}": weight[n - 1] / weight[-1] for n in LAYERS},
        f"{init}.factor": (pre[0] / pre[-1]) ** (1 / (len(pre) - 1)),
        f"{init}.spread": max(weight) / min(weight),
        f"{init}.jacobian": _jacobian(weights, tape),
    }


def _variances(tensors: Iterable[Tensor]) -> list[float]:
    return [float(each.grad.double().var()) for each in tensors if each.grad is not None]


@torch.no_grad()
def _jacobian(weights: list[Tensor], tape: Tape) -> float:
    """Average the singular values of diag(1 - tanh²) W over layers 2 to 5 and the first examples."""
    means = [
        float(torch.linalg.svdvals(weight * (1 - phi[example].square())[:, None]).mean())
        for weight, phi in zip(weights[1:], tape.phi[1:], strict=True)
        for example in range(JACOBIANS)
    ]
    return sum(means) / len(means)


def saturation(seed: int) -> Numbers:
    """Train four sigmoid layers; return each layer's mean activation over 500 images, by step."""
    data = digits()
    sizes = [data.x.shape[1], *[WIDTH] * len(SIGMOID_LAYERS), data.classes]
    run = PlainSGD(Perceptron(sizes, torch.sigmoid, seed, standard), data, SIGMOID_LR, BATCH, seed)
    numbers: Numbers = {}
    for before, step in zip((0, *SIGMOID_STEPS), SIGMOID_STEPS, strict=False):
        run.steps(step - before)
        tape = Tape()
        with torch.no_grad():
            run.model(torch.from_numpy(data.x[:500]), tape)
        for layer, phi in zip(SIGMOID_LAYERS, tape.phi, strict=True):
            numbers[f"sigmoid.{layer}.{step}"] = float(phi.mean())
    return numbers | {"sigmoid.accuracy": run.accuracy()}


_LAST = SIGMOID_STEPS[-1]
FIGURE = Figure(
    about=N_(
        "784-1000x5-10 tanh network at initialization on ten digits, standard and normalized weights; and a "
        "784-1000x4-10 sigmoid network with standard weights under SGD 0.1, minibatches of 10, 200 steps."
    ),
    parts={**{init: partial(at_initialization, init) for init in DRAW}, "sigmoid": saturation},
    rows=[
        Row(
            "standard.jacobian",
            N_("standard: mean singular value of the Jacobian"),
            0.5,
            Band(0.45, 0.55, N_("the published number to its printed digit")),
        ),
        Row(
            "normalized.jacobian",
            N_("normalized: mean singular value of the Jacobian"),
            0.8,
            Band(0.70, 0.85, N_("published 0.8; 0.72 to 0.78 on inputs with larger activations")),
        ),
        Row(
            "standard.factor",
            N_("standard: Var[dC/ds], factor a layer going down"),
            "1/3",
            Band(
                0.28, 0.34, N_("n Var[W] = 1/3, times the mean squared slope of tanh, just below 1")
            ),
        ),
        Row("standard.pre.1", N_("standard: Var[dC/ds], first / fifth layer"), 3**-4),
        Row(
            "standard.spread",
            N_("standard: Var[dC/dW], largest / smallest of five layers"),
            N_("level"),
            at_most(1.5, N_("level, while Var[dC/ds] ranges over two orders of magnitude")),
        ),
        Row(
            "normalized.pre.1",
            N_("normalized: Var[dC/ds], first / fifth layer"),
            None,
            at_least(0.3, N_("n Var[W] = 1; only the slopes of four layers are left")),
        ),
        Row("normalized.spread", N_("normalized: Var[dC/dW], largest / smallest of five layers")),
        Row(
            f"sigmoid.4.{_LAST}",
            filled(N_("sigmoid: mean of the top layer at step {last}, 0.5 at first"), last=_LAST),
            N_("0 at once"),
            at_most(0.2, N_("far from 0.5 on its way to 0 (it is a limit)")),
        ),
        *(
            Row(
                f"sigmoid.{layer}.{_LAST}",
                filled(
                    N_("sigmoid: mean of layer {layer} at step {last}"), layer=layer, last=_LAST
                ),
                None,
                Band(0.3, 0.7, N_("below the top layer activations stay in the linear range")),
            )
            for layer in SIGMOID_LAYERS[:-1]
        ),
        Row(
            "sigmoid.accuracy", filled(N_("sigmoid: held-out accuracy at step {last}"), last=_LAST)
        ),
    ],
    panels=[
        *(
            Panel(
                filled(N_("Variance of {words}"), words=words),
                N_("layer"),
                N_("relative to layer 5"),
                [Line(init, LAYERS, [f"{init}.{name}.{n}" for n in LAYERS]) for init in DRAW],
                log=True,
            )
            for name, words in (("pre", N_("dC/ds")), ("weight", N_("dC/dW")))
        ),
        Panel(
            N_("Sigmoid layers"),
            N_("step"),
            N_("mean activation"),
            [
                Line(
                    filled(N_("layer {n}"), n=n),
                    SIGMOID_STEPS,
                    [f"sigmoid.{n}.{s}" for s in SIGMOID_STEPS],
                )
                for n in SIGMOID_LAYERS
            ],
        ),
    ],
)
