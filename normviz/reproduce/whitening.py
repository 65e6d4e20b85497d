r"""Centring, z-scoring and whitening for a linear model and a small MLP (LeCun, Bottou, Orr & Müller 1998, section 5).

The loss of a linear model is quadratic; its Hessian is :math:`H = \langle x x^\top \rangle`, x with a 1 for the bias.
Gradient descent with step size :math:`\eta` converges for :math:`\eta < 2 / \lambda_{max}` (their eq. 38), in a time
proportional to the condition number :math:`\kappa = \lambda_{max} / \lambda_{min}`. With the best step size,
:math:`2 / (\lambda_{min} + \lambda_{max})`, an update leaves :math:`(\kappa - 1) / (\kappa + 1)` of the error or less.

Their example: 100 points of two Gaussian classes around (-0.4, -0.8) and (0.4, 0.8), two weights and a bias. They print
the covariance's eigenvalues 0.84 and 0.036, which a spread of 0.19 gives, and show that 1.5 converges and 2.5 does not.
"""

import itertools
import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Float64

from normviz.data.preprocessing import Transform, centred, pca, raw, zscore
from normviz.language import N_, filled
from normviz.nn.initializers import xavier
from normviz.nn.network import generator
from normviz.reproduce.figure import Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.training import Perceptron, PlainSGD, digits
from normviz.train.inputs import prepared

Inputs = Float32[np.ndarray, "examples features"]
Targets = Float64[np.ndarray, "examples outputs"]

POINTS, CENTRE, SPREAD, MOVED = 100, (0.4, 0.8), 0.19, 3.0
#: step sizes of the example; the limit is 2 / 0.84 = 2.38 without the bias, 2 or less with it
ETAS = (1.5, 2.2, 2.5)
EPOCHS = range(0, 101, 5)
IMAGES, LEFT, EPS = 2000, 0.1, 0.1
CURVE = tuple(2**power for power in range(15))
EVERY, STEPS, GOAL, EXAMPLES, LR, BATCH = 10, range(10, 401, 10), 0.90, 1000, 0.3, 100

FITS: Mapping[str, Callable[[Inputs], Transform]] = {
    "raw": raw,
    "centred": centred,
    "zscore": zscore,
    "white": partial(pca, whiten_eps=EPS),
}
WORDS = {
    "raw": N_("raw"),
    "centred": N_("centred"),
    "zscore": N_("z-score"),
    "white": N_("PCA-whitened"),
}
#: in the plane: name, (words, how the points are changed)
PLANE: Mapping[str, tuple[str, Callable[[Inputs], Transform]]] = {
    "moved": (N_("moved by (3, 3)"), raw),
    "centred": (N_("centred"), centred),
    "zscore": (N_("z-score"), zscore),
    "white": (N_("whitened"), partial(pca, whiten_eps=0.0)),
}
NETWORK = {"zscore": N_("z-score"), "pca": N_("PCA, eps 0.1"), "zca": N_("ZCA, eps 0.1")}


class Quadratic:
    """The mean squared error of a linear model with a bias, under gradient descent from weights 0, in closed form.

    Attributes:
        eigenvalues: those of the Hessian, smallest first; what is below 1e-12 of the largest counts as 0 and is left
            out, there is nothing to learn.
        gains: how much the loss can fall along each eigenvector, relative to the sum.
    """

    def __init__(self, x: Inputs, targets: Targets) -> None:
        inputs = np.column_stack([x.astype(np.float64), np.ones(len(x))])
        values, axes = np.linalg.eigh(inputs.T @ inputs / len(x))
        kept = values > 1e-12 * values[-1]
        pull = (axes.T @ (inputs.T @ targets / len(x)))[kept]
        self.eigenvalues = values[kept]
        gains = (pull**2).sum(axis=1) / self.eigenvalues
        self.gains = gains / gains.sum()

    @property
    def condition(self) -> float:
        """Largest eigenvalue divided by the smallest."""
        return float(self.eigenvalues[-1] / self.eigenvalues[0])

    def best(self) -> float:
        """Return the step size whose slowest direction is the fastest, 2 / (smallest + largest eigenvalue)."""
        return float(2 / (self.eigenvalues[0] + self.eigenvalues[-1]))

    def left(self, eta: float, updates: int) -> float:
        """Return which share of what the loss can fall is left after so many updates."""
        return float(self.gains @ (1 - eta * self.eigenvalues) ** (2 * updates))

    def updates(self, eta: float, share: float) -> int:
        """Return the first update after which no more than a share is left; eta is below 2 / largest eigenvalue."""
        high = 1
        while self.left(eta, high) > share:
            high *= 2
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.left(eta, middle) > share else (low, middle)
        return high


def two_classes(seed: int) -> tuple[Inputs, Targets]:
    """Return the points of the example, shape (100, 2), and their targets -1 and 1, shape (100, 1)."""
    side = np.repeat([-1.0, 1.0], POINTS // 2)[:, None]
    noise = torch.randn(POINTS, len(CENTRE), generator=generator(seed, "data")).numpy()
    return (side * CENTRE + SPREAD * noise).astype(np.float32), side


def plane(seed: int) -> Numbers:
    """Return what gradient descent leaves of the loss, and condition numbers and updates of the changed points."""
    x, targets = two_classes(seed)
    loss = Quadratic(x, targets)
    covariance = np.linalg.eigvalsh(np.cov(x.T, bias=True))
    numbers: Numbers = {
        "plane.large": float(covariance[1]),
        "plane.small": float(covariance[0]),
        "plane.limit": float(2 / loss.eigenvalues[-1]),
        **{f"plane.{eta}.{epoch}": loss.left(eta, epoch) for eta in ETAS for epoch in EPOCHS},
    }
    moved = x + np.float32(MOVED)
    for name, (_, fit) in PLANE.items():
        changed = Quadratic(fit(moved)(moved), targets)
        numbers[f"plane.{name}.condition"] = changed.condition
        numbers[f"plane.{name}.updates"] = float(changed.updates(changed.best(), 0.01))
    return numbers


def linear(name: str, seed: int) -> Numbers:
    """Return how a linear model learns 2,000 digits with step size 1 / lambda_max: updates to a tenth, the curve."""
    data = digits()
    rows = torch.randperm(len(data.y), generator=generator(seed, "order")).numpy()[:IMAGES]
    x = data.x[rows]
    loss = Quadratic(FITS[name](x)(x), np.eye(data.classes)[data.y[rows]])
    eta = float(1 / loss.eigenvalues[-1])
    return {
        f"linear.{name}": float(loss.updates(eta, LEFT)),
        f"linear.{name}.largest": float(loss.eigenvalues[-1]),
        **{f"linear.{name}.{updates}": loss.left(eta, updates) for updates in CURVE},
    }


def network(preprocessing: str, seed: int) -> Numbers:
    """Train the network of ``preprocess``; return accuracies and the first step at 0.90 (not a number if none is)."""
    settings: dict[str, Any] = {} if preprocessing == "zscore" else {"whiten_eps": EPS}
    model = Perceptron([784, 100, 10], torch.sigmoid, seed, xavier)
    run = PlainSGD(model, prepared("mnist", preprocessing, **settings), LR, BATCH, seed)
    numbers: Numbers = {}
    for step in STEPS:
        run.steps(EVERY)
        numbers[f"mlp.{preprocessing}.{step}"] = run.accuracy(heldout=False, examples=EXAMPLES)
    reached = (float(s) for s in STEPS if numbers[f"mlp.{preprocessing}.{s}"] >= GOAL)
    return numbers | {
        f"mlp.{preprocessing}.reached": next(reached, math.nan),
        f"mlp.{preprocessing}.heldout": run.accuracy(),
    }


def compare(numbers: Numbers) -> Numbers:
    """Relate the updates that each step of the preprocessing takes to those of the step before it."""
    return {
        f"linear.{after}.faster": numbers[f"linear.{before}"] / numbers[f"linear.{after}"]
        for before, after in itertools.pairwise(FITS)
    }


_LAST = EPOCHS[-1]
_DIVERGES = N_("more than at the start: it diverges")
_ADVICE = at_least(1, N_("the paper's advice: it speeds learning up"))

FIGURE = Figure(
    about=N_(
        "Two Gaussian classes in the plane and a linear unit with a bias, full batch; a linear model of 2,000 "
        "digits, squared error, full batch, step size 1 / lambda_max; 784-100-10 sigmoid network, minibatches of "
        "100, SGD 0.3, 4,000 digits. What is left of the loss is relative to the fall from weights 0 to the minimum."
    ),
    parts={
        "plane": plane,
        **{f"linear.{name}": partial(linear, name) for name in FITS},
        **{f"mlp.{name}": partial(network, name) for name in NETWORK},
    },
    rows=[
        Row("plane.large", N_("two classes: large eigenvalue of the covariance"), 0.84),
        Row("plane.small", N_("two classes: small eigenvalue of the covariance"), 0.036),
        Row("plane.limit", N_("two classes: 2 / lambda_max of the Hessian, with the bias"), 2.38),
        Row(
            f"plane.1.5.{_LAST}",
            filled(N_("two classes, eta 1.5: left of the loss after {last} epochs"), last=_LAST),
            N_("converges"),
            at_most(0.01, N_("a hundredth of the fall: it converges")),
        ),
        Row(
            f"plane.2.2.{_LAST}",
            filled(N_("two classes, eta 2.2: left of the loss after {last} epochs"), last=_LAST),
            N_("below the printed limit"),
            at_least(1, N_("the bias alone is an eigenvalue of 1 or more: the limit is at most 2")),
        ),
        Row(
            f"plane.2.5.{_LAST}",
            filled(N_("two classes, eta 2.5: left of the loss after {last} epochs"), last=_LAST),
            N_("diverges"),
            at_least(1, _DIVERGES),
        ),
        *(
            Row(
                f"plane.{name}.condition",
                filled(N_("two classes, {words}: condition number of the Hessian"), words=words),
                1 if name == "white" else None,
                at_most(1.001, N_("the Hessian is the identity")) if name == "white" else None,
            )
            for name, (words, _) in PLANE.items()
        ),
        *(
            Row(
                f"plane.{name}.updates",
                filled(
                    N_("two classes, {words}: updates to a hundredth, best step size"), words=words
                ),
                1 if name == "white" else None,
                at_most(1, N_("kappa = 1: one update is enough")) if name == "white" else None,
            )
            for name, (words, _) in PLANE.items()
        ),
        *(
            Row(
                f"linear.{name}.largest",
                filled(N_("linear, {words}: largest eigenvalue"), words=words),
            )
            for name, words in WORDS.items()
        ),
        *(
            Row(f"linear.{name}", filled(N_("linear, {words}: updates to a tenth"), words=words))
            for name, words in WORDS.items()
        ),
        Row("linear.centred.faster", N_("linear: raw / centred"), N_("faster"), _ADVICE),
        Row("linear.zscore.faster", N_("linear: centred / z-score"), N_("faster"), _ADVICE),
        Row("linear.white.faster", N_("linear: z-score / PCA-whitened"), N_("faster"), _ADVICE),
        *(
            Row(f"mlp.{name}.reached", filled(N_("network, {words}: steps to 0.90"), words=words))
            for name, words in NETWORK.items()
        ),
        *(
            Row(
                f"mlp.{name}.heldout",
                filled(N_("network, {words}: held-out accuracy at step 400"), words=words),
            )
            for name, words in NETWORK.items()
        ),
    ],
    panels=[
        Panel(
            N_("Two classes: step sizes"),
            N_("epoch"),
            N_("left of the loss"),
            [
                Line(filled(N_("eta {eta}"), eta=eta), EPOCHS, [f"plane.{eta}.{e}" for e in EPOCHS])
                for eta in ETAS
            ],
            log=True,
        ),
        Panel(
            N_("Linear model of digits"),
            N_("log2 of the updates"),
            N_("left of the loss"),
            [
                Line(words, range(len(CURVE)), [f"linear.{name}.{u}" for u in CURVE])
                for name, words in WORDS.items()
            ],
            log=True,
        ),
        Panel(
            N_("Network"),
            N_("step"),
            N_("accuracy on 1,000 training images"),
            [Line(words, STEPS, [f"mlp.{n}.{s}" for s in STEPS]) for n, words in NETWORK.items()],
        ),
    ],
    compare=compare,
)
