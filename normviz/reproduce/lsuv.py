"""LSUV: variance of W x + b by layer before and after, and how often the weights are divided (Mishkin & Matas 2016).

Orthonormal weights, then, layer after layer, division by the standard deviation of the layer's output on one minibatch
until its variance is within a tolerance of 1. With biases of 0 the output is proportional to the weights, so one
division is exact up to rounding. The variance is over examples and units together; beside it stands how much of it is
between examples: what the layer says about its input.
"""

from collections.abc import Iterable
from functools import partial

import torch
from torch import Tensor

from normviz import catalog
from normviz.language import N_, filled
from normviz.nn.activations import Activation
from normviz.nn.initializers import lsuv
from normviz.nn.linear import Linear
from normviz.nn.network import generator
from normviz.reproduce.figure import Figure, Line, Numbers, Panel, Row, at_most
from normviz.reproduce.training import digits

DEPTH, WIDTH, BATCH = 10, 200, 200
LAYERS = range(1, DEPTH + 1)
ACTIVATIONS = {
    "relu": "ReLU",
    "tanh": "tanh",
    "elu": "ELU",
    "sigmoid": N_("sigmoid"),
    "linear": N_("linear"),
}
WHEN = {"before": N_("before"), "after": N_("after"), "heldout": N_("after, other images")}


class Counted(Linear):
    """A linear layer that counts how often its weights were changed and settled.

    Attributes:
        divisions: so often.
    """

    divisions = 0

    def settle(self) -> None:
        """Count."""
        self.divisions += 1


class Stack:
    """784-200x10 with orthonormal weights and biases 0; no output layer."""

    def __init__(self, activation: Activation, seed: int) -> None:
        self.activation = activation
        self.layers = [Counted((WIDTH, 784 if n == 1 else WIDTH)) for n in LAYERS]
        for index, layer in enumerate(self.layers):
            lsuv(layer.weight, generator(seed, "init", index))
            torch.nn.init.zeros_(layer.bias)

    @torch.no_grad()
    def outputs(self, x: Tensor) -> Iterable[Tensor]:
        """Return W x + b of every layer, shape (batch, 200), first layer first."""
        found: list[Tensor] = []
        for layer in self.layers:
            z = layer(x)
            found.append(z.double())
            x = self.activation.function(z)
        return found


def variance(z: Tensor) -> float:
    """Return the variance over examples and units together (biased)."""
    return float(z.var(correction=0))


def between_examples(z: Tensor) -> float:
    """Return which share of the variance is between examples: each unit's own variance, averaged, over all of it."""
    return float(z.var(0, correction=0).mean()) / variance(z)


def measure(activation: str, seed: int) -> Numbers:
    """Return variances by layer before and after, on the minibatch and on held-out images, and the divisions."""
    data = digits()
    rows = torch.randperm(len(data.y), generator=generator(seed, "order"))[:BATCH]
    x, other = torch.from_numpy(data.x)[rows], torch.from_numpy(data.heldout_x)
    stack = Stack(catalog.ACTIVATIONS[activation].load(), seed)
    before = [variance(z) for z in stack.outputs(x)]
    lsuv.scale(stack.layers, lambda: stack.outputs(x))
    after = list(stack.outputs(x))
    values = {
        "before": before,
        "after": [variance(z) for z in after],
        "heldout": [variance(z) for z in stack.outputs(other)],
        "between": [between_examples(z) for z in after],
    }
    return {
        **{
            f"{activation}.{name}.{layer}": value
            for name, by_layer in values.items()
            for layer, value in zip(LAYERS, by_layer, strict=True)
        },
        f"{activation}.off": max(abs(value - 1) for value in values["after"]),
        f"{activation}.heldout": max(abs(value - 1) for value in values["heldout"]),
        f"{activation}.divisions": float(max(layer.divisions for layer in stack.layers)),
    }


_TOLERANCE = at_most(lsuv.TOLERANCE, N_("the tolerance at which the algorithm stops"))
_ONCE = at_most(1, N_("biases are 0: the output is proportional to the weights"))

FIGURE = Figure(
    about=N_(
        "784-200x10 network with orthonormal weights and biases 0, one minibatch of 200 digits, raw pixels; "
        "tolerance 0.01. Variance of W x + b over examples and units together."
    ),
    parts={name: partial(measure, name) for name in ACTIVATIONS},
    rows=[
        row
        for name, words in ACTIVATIONS.items()
        for row in (
            Row(
                f"{name}.before.1", filled(N_("{words}, before: variance in layer 1"), words=words)
            ),
            Row(
                f"{name}.before.{DEPTH}",
                filled(N_("{words}, before: variance in layer {depth}"), words=words, depth=DEPTH),
            ),
            Row(
                f"{name}.off",
                filled(N_("{words}, after: largest |variance - 1| of ten layers"), words=words),
                N_("within the tolerance"),
                _TOLERANCE,
            ),
            Row(
                f"{name}.divisions",
                filled(N_("{words}: most divisions of a layer's weights"), words=words),
                None,
                _ONCE,
            ),
            Row(
                f"{name}.heldout",
                filled(N_("{words}, after: largest |variance - 1| on other images"), words=words),
            ),
            Row(
                f"{name}.between.{DEPTH}",
                filled(
                    N_("{words}, after: share of layer {depth}'s variance between examples"),
                    words=words,
                    depth=DEPTH,
                ),
            ),
        )
    ],
    panels=[
        *(
            Panel(
                filled(N_("Variance, {how}"), how=how),
                N_("layer"),
                N_("variance of W x + b"),
                [
                    Line(words, LAYERS, [f"{name}.{when}.{n}" for n in LAYERS])
                    for name, words in ACTIVATIONS.items()
                ],
                log=True,
            )
            for when, how in WHEN.items()
        ),
        Panel(
            N_("Between examples, after"),
            N_("layer"),
            N_("share of the variance"),
            [
                Line(words, LAYERS, [f"{name}.between.{n}" for n in LAYERS])
                for name, words in ACTIVATIONS.items()
            ],
            log=True,
        ),
    ],
)
