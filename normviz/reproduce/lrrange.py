"""BatchNorm widens the range of learning rates that train (Ioffe & Szegedy 2015, sections 3.3 and 4.2).

Inception on ImageNet at five times its learning rate 0.0015 reached machine infinity; with BatchNorm it trained at five
and at thirty times. Here is a small MLP on digits, for every fourth of a decade of learning rates; a rate counts as
training if, after 100 steps, the loss is below half of what knowing nothing costs. Section 3.3 gives a reason: with
BatchNorm the output does not depend on the size a of the weights before it, and the gradient with respect to them is
proportional to 1 / a.
"""

import math
from functools import partial

import torch
from torch.nn.functional import cross_entropy

from normviz.config import LaneConfig
from normviz.language import N_, filled
from normviz.nn.mlp import MLP
from normviz.nn.network import batch_statistics
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least
from normviz.reproduce.table2015 import WITH
from normviz.reproduce.training import PlainSGD, digits

#: learning rates are 10 to the power of a quarter of these
QUARTERS = range(-12, 7)
RATES = [10 ** (quarter / 4) for quarter in QUARTERS]
TRAINS = math.log(10) / 2
DEPTH, WIDTH, BATCH, STEPS, EXAMPLES = 5, 100, 100, 100, 1000
#: activation: (words, initialization)
ACTIVATIONS = {"relu": ("ReLU", "he"), "tanh": ("tanh", "xavier")}
FACTOR = 10.0


def network(activation: str, norm: str, seed: int) -> MLP:
    """Return the network of five hidden layers."""
    config = LaneConfig(
        depth=DEPTH,
        width=WIDTH,
        activation=activation,
        init=ACTIVATIONS[activation][1],
        norm=norm,
        seed=seed,
    )
    return MLP(config, (784,), 10)


def sweep(activation: str, norm: str, seed: int) -> Numbers:
    """Return the loss at every rate (not a number where it is not finite), the decades that train, and the top one."""
    data, name = digits(), f"{activation}.{norm}"
    x, y = torch.from_numpy(data.x[:EXAMPLES]), torch.from_numpy(data.y[:EXAMPLES])
    losses: list[float] = []
    for rate in RATES:
        model = network(activation, norm, seed)
        PlainSGD(model, data, rate, BATCH, seed).steps(STEPS)
        with torch.no_grad(), batch_statistics(model):
            loss = float(cross_entropy(model(x), y))
        losses.append(loss if math.isfinite(loss) else math.nan)
    trained = [rate for rate, loss in zip(RATES, losses, strict=True) if loss < TRAINS]
    return {
        **{f"{name}.{q}": loss for q, loss in zip(QUARTERS, losses, strict=True)},
        f"{name}.decades": len(trained) / 4,
        f"{name}.top": max(trained, default=math.nan),
    }


def scaling(seed: int) -> Numbers:
    """Return how much smaller the gradient is with respect to hidden weights ten times as large, with BatchNorm."""
    data = digits()
    x, y = torch.from_numpy(data.x[:BATCH]), torch.from_numpy(data.y[:BATCH])
    model = network("relu", "batch", seed)
    weights = [layer.weight for layer in model.linears()[:-1]]

    def norm() -> float:
        grads = torch.autograd.grad(cross_entropy(model(x), y), weights)
        return float(torch.stack([grad.norm() for grad in grads]).norm())

    before = norm()
    with torch.no_grad():
        for weight in weights:
            weight.mul_(FACTOR)
    return {"scaling": norm() / before}


def compare(numbers: Numbers) -> Numbers:
    """Relate the ranges with BatchNorm to those without."""
    return {
        key: value
        for name in ACTIVATIONS
        for key, value in {
            f"{name}.gain": numbers[f"{name}.batch.decades"] - numbers[f"{name}.none.decades"],
            f"{name}.ratio": numbers[f"{name}.batch.top"] / numbers[f"{name}.none.top"],
        }.items()
    }


_WIDER = at_least(0.25, N_("wider, by a place of the grid or more"))


def _rows(activation: str, words: str) -> list[Row]:
    return [
        *(
            row
            for norm, how in WITH.items()
            for row in (
                Row(
                    f"{activation}.{norm}.decades",
                    filled(N_("{words}, {how}: decades of rates that train"), words=words, how=how),
                ),
                Row(
                    f"{activation}.{norm}.top",
                    filled(N_("{words}, {how}: largest rate that trains"), words=words, how=how),
                ),
            )
        ),
        Row(
            f"{activation}.gain",
            filled(N_("{words}: decades won by BatchNorm"), words=words),
            N_("more"),
            _WIDER,
        ),
        Row(
            f"{activation}.ratio",
            filled(N_("{words}: largest rate with BatchNorm / without"), words=words),
            N_("more than 6") if activation == "relu" else None,
        ),
    ]


FIGURE = Figure(
    about=N_(
        "784-100x5-10 network on raw pixels, minibatches of 100, SGD, 100 steps at every learning rate; loss on the "
        "first 1,000 training images with batch statistics. A rate trains if the loss is below (ln 10) / 2 = 1.151 "
        "nats."
    ),
    parts={
        **{f"{a}.{norm}": partial(sweep, a, norm) for a in ACTIVATIONS for norm in WITH},
        "scaling": scaling,
    },
    rows=[
        *(row for name, (words, _) in ACTIVATIONS.items() for row in _rows(name, words)),
        Row(
            "scaling",
            N_("with BatchNorm: gradient of hidden weights x 10 / that of the weights"),
            1 / FACTOR,
            Band(0.099, 0.101, N_("the formula, to 1 % for epsilon and rounding")),
        ),
    ],
    panels=[
        Panel(
            words,
            N_("log10 of the learning rate"),
            N_("loss after 100 steps, nats"),
            [
                Line(how, [q / 4 for q in QUARTERS], [f"{name}.{norm}.{q}" for q in QUARTERS])
                for norm, how in WITH.items()
            ],
            log=True,
        )
        for name, (words, _) in ACTIVATIONS.items()
    ],
    compare=compare,
)
