r"""What an example's activation owes to its companions in the minibatch (Ioffe & Szegedy 2015, section 3.4).

"A training example is seen in conjunction with other examples in the mini-batch, and the training network no longer
produces deterministic values": one example is passed on with many batches of random companions, and the variance of
each of its activations is taken over them.

For the first layer there is a formula. A unit's mean and variance over B examples vary by :math:`\sigma^2 / B` and
:math:`(\kappa - 1) \sigma^4 / B`, :math:`\kappa` the kurtosis; to first order, averaged over examples, its normalized
pre-activation therefore varies by :math:`(1 + (\kappa - 1) / 4) / B`, which is 1.5 / B for Gaussian units.

Dropout at rate p multiplies an activation by noise of variance p / (1 - p). The noise here, r times the mean square of
the activations, is as large as that of dropout at the rate r / (1 + r).
"""

import math
from functools import partial

import torch
from torch import Tensor

from normviz.config import LaneConfig
from normviz.language import N_, filled
from normviz.nn.mlp import MLP
from normviz.nn.network import Tape, batch_statistics, generator
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.training import PlainSGD, digits

BATCHES = (4, 8, 16, 32, 64, 128)
SMALL, LARGE = BATCHES[0], BATCHES[-1]
DEPTH, WIDTH, LR, BATCH, STEPS = 5, 100, 0.1, 100, 100
EXAMPLES, DRAWS = 10, 100
#: batches for which the formula of first order is compared
FORMULA = (32, 64, 128)


def trained(seed: int) -> PlainSGD:
    """Return the network of five ReLU layers with BatchNorm, after 100 steps."""
    config = LaneConfig(
        depth=DEPTH, width=WIDTH, activation="relu", init="he", norm="batch", seed=seed
    )
    run = PlainSGD(MLP(config, (784,), 10), digits(), LR, BATCH, seed)
    run.steps(STEPS)
    return run


@torch.no_grad()
def companions(run: PlainSGD, batch: int, seed: int) -> tuple[list[Tensor], Tensor, Tensor]:
    """Pass each example on with companions drawn anew, many times.

    Return the activations of every hidden layer, each (examples, draws, units), the first layer's normalized
    pre-activations, (examples, draws, units), and the predicted classes, (examples, draws).
    """
    x, draw = torch.from_numpy(run.data.x), generator(seed, "companions", batch)
    probes = torch.from_numpy(run.data.heldout_x[:EXAMPLES])
    acts: list[list[Tensor]] = [[] for _ in range(DEPTH)]
    firsts, classes = list[Tensor](), list[Tensor]()
    with batch_statistics(run.model):
        for probe in probes:
            for _ in range(DRAWS):
                rows, tape = torch.randint(len(x), (batch - 1,), generator=draw), Tape()
                classes.append(run.model(torch.cat([probe[None], x[rows]]), tape)[0].argmax())
                firsts.append(_normalized(run.model, tape.pre[0][0]))
                for layer, act in zip(acts, tape.phi, strict=True):
                    layer.append(act[0])
    shape = (EXAMPLES, DRAWS, -1)
    layers = [torch.stack(layer).view(shape).double() for layer in acts]
    return layers, torch.stack(firsts).view(shape).double(), torch.stack(classes).view(shape[:2])


def _normalized(model: torch.nn.Module, pre: Tensor) -> Tensor:
    """Undo the first layer's gamma and beta; a unit whose gamma is almost 0 becomes not a number."""
    norm = model.get_submodule("blocks.0.norm")
    gamma, beta = norm.get_parameter("gamma"), norm.get_parameter("beta")
    return torch.where(gamma.abs() > 1e-3, (pre - beta) / gamma, math.nan)


def _predicted(run: PlainSGD, batch: int) -> float:
    """Return the formula's variance of the first layer's normalized pre-activations, averaged over its units."""
    first = run.model.get_submodule("blocks.0.linear")
    with torch.no_grad():
        z = first(torch.from_numpy(run.data.x)).double()
    z = z - z.mean(0)
    kurtosis = (z**4).mean(0) / (z**2).mean(0) ** 2
    return float((1 + (kurtosis - 1) / 4).mean() / batch)


def measure(batch: int, seed: int) -> Numbers:
    """Return the noise of every layer's activations, relative to their mean square, and what it does to predictions."""
    run = trained(seed)
    acts, first, classes = companions(run, batch, seed)
    ratios = [float(act.var(1).mean() / act.square().mean()) for act in acts]
    usual = classes.mode(1, keepdim=True).values
    return {
        **{f"noise.{batch}.{layer}": ratio for layer, ratio in enumerate(ratios, 1)},
        f"dropout.{batch}": ratios[-1] / (1 + ratios[-1]),
        f"others.{batch}": float((classes != usual).double().mean()),
        f"formula.{batch}": float(first.var(1).nanmean()) / _predicted(run, batch),
    }


def compare(numbers: Numbers) -> Numbers:
    """Return how the noise falls with the batch (slope on logarithmic axes) and grows with depth."""
    noise = {layer: [numbers[f"noise.{b}.{layer}"] for b in BATCHES] for layer in (1, DEPTH)}
    span = math.log(LARGE / SMALL)
    return {
        **{f"slope.{layer}": math.log(each[-1] / each[0]) / span for layer, each in noise.items()},
        "depth": noise[DEPTH][BATCHES.index(32)] / noise[1][BATCHES.index(32)],
    }


FIGURE = Figure(
    about=N_(
        "784-100x5-10 ReLU network with BatchNorm, trained 100 steps on digits with SGD 0.1, minibatches of 100. Ten "
        "held-out digits, each passed on with 100 draws of companions. Noise is the variance of an activation over the "
        "draws, divided by the mean square of the layer's activations."
    ),
    parts={str(batch): partial(measure, batch) for batch in BATCHES},
    rows=[
        *(
            Row(
                f"formula.{batch}",
                filled(
                    N_(
                        "first layer, batch {batch}: variance of the normalized z / that of the formula"
                    ),
                    batch=batch,
                ),
                N_("1 (formula)"),
                Band(
                    0.85, 1.15, N_("first order in 1 / B, and ten digits for all"), every_seed=False
                ),
            )
            for batch in FORMULA
        ),
        Row(
            "slope.1",
            N_("first layer: slope of log noise over log batch"),
            N_("-1 (formula)"),
            Band(-1.2, -0.8, N_("the formula's -1; at batch 4 it is of first order only")),
        ),
        Row(
            "slope.5",
            N_("last hidden layer: slope of log noise over log batch"),
            N_("falls"),
            at_most(-0.5, N_("it falls")),
        ),
        Row(
            "depth",
            N_("batch 32: noise of the last hidden layer / of the first"),
            N_("grows"),
            at_least(1, N_("each layer adds its own")),
        ),
        *(
            Row(
                f"dropout.{batch}",
                filled(
                    N_("batch {batch}: rate of dropout with as much noise, last hidden layer"),
                    batch=batch,
                ),
            )
            for batch in BATCHES
        ),
        *(
            Row(
                f"others.{batch}",
                filled(
                    N_("batch {batch}: share of draws whose companions change the predicted class"),
                    batch=batch,
                ),
            )
            for batch in BATCHES
        ),
    ],
    panels=[
        Panel(
            N_("Noise that the companions make"),
            N_("log2 of the batch size"),
            N_("variance over companions / mean square of the activations"),
            [
                Line(
                    filled(N_("layer {layer}"), layer=layer),
                    [math.log2(batch) for batch in BATCHES],
                    [f"noise.{batch}.{layer}" for batch in BATCHES],
                )
                for layer in (1, 3, 5)
            ],
            log=True,
        )
    ],
    compare=compare,
)
