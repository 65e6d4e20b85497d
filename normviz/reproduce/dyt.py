r"""LayerNorm's input-output map, and dynamic tanh in its place (Zhu, Chen, He, LeCun & Liu 2025).

In trained Transformers the map of LayerNorm from its inputs to its normalized outputs, all units of all tokens
together, looks like a tanh. For each token alone it is a straight line, by definition; an S comes about where tokens'
standard deviations differ, and large inputs belong to tokens with large ones. DyT,
:math:`\gamma \tanh(\alpha x) + \beta`, takes the curve without the statistics.

Here the network is an MLP on digits, and an example is what a token is there. To the pairs of every LayerNorm a
straight line and :math:`g \tanh(a x) + b` are fitted by least squares; what they leave is relative to the outputs'
variance. A tanh contains the line as the limit of small a, so it never leaves more.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Float64
from torch import Tensor

from normviz.config import LaneConfig
from normviz.language import N_, filled
from normviz.nn.mlp import MLP
from normviz.nn.network import generator
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_most
from normviz.reproduce.smallbatch import MARGIN
from normviz.reproduce.training import PlainSGD, digits

NORMS = {"none": N_("no normalization"), "layer": "LayerNorm", "dyt": "DyT"}
DEPTH, WIDTH, LR, BATCH = 4, 100, 0.1, 50
LAYERS = range(1, DEPTH + 1)
EVERY, STEPS = 100, range(100, 1001, 100)
EXAMPLES, FITTED = 300, 5
#: slopes a that are tried, times the inputs' standard deviation
SLOPES = np.geomspace(0.01, 10, 61)
#: places at which the curve is drawn, in standard deviations of the inputs
PLACES = tuple(place / 2 for place in range(-8, 9))

Values = Float64[np.ndarray, " values"]


@dataclass(frozen=True)
class Fit:
    """What is left of the outputs' variance.

    Attributes:
        line: by a straight line.
        tanh: by the best tanh.
        slope: its a, times the inputs' standard deviation.
    """

    line: float
    tanh: float
    slope: float


def fit(inputs: Values, outputs: Values) -> Fit:
    """Fit a straight line, and g tanh(a x) + b for every a of a grid, of which the best is kept."""
    x = inputs / inputs.std()
    left = [_left(np.tanh(slope * x), outputs) for slope in SLOPES]
    best = int(np.argmin(left))
    return Fit(_left(x, outputs), left[best], float(SLOPES[best]))


def _left(curve: Values, outputs: Values) -> float:
    """Return the share of the variance that a multiple of a curve and a constant leave."""
    return float(1 - np.corrcoef(curve, outputs)[0, 1] ** 2)


def curve(inputs: Values, outputs: Values) -> list[float]:
    """Return the mean output at each place; not a number where there is no input within a quarter of a deviation."""
    x = inputs / inputs.std()
    near = [outputs[np.abs(x - place) <= 0.25] for place in PLACES]
    return [float(found.mean()) if len(found) else float("nan") for found in near]


@torch.no_grad()
def norm_inputs(model: MLP, x: Tensor) -> list[Tensor]:
    """Return what every normalization of the network receives, shape (examples, units), first layer first."""
    received: list[Tensor] = []

    def keep(norm: torch.nn.Module, inputs: tuple[Tensor, ...]) -> None:
        received.append(inputs[0].double())

    hooks = [block.norm.register_forward_pre_hook(keep) for block in model.blocks]  # pyright: ignore
    model(x)
    for hook in hooks:
        hook.remove()
    return received


def normalized(x: Tensor) -> Tensor:
    """Return LayerNorm's output before gamma and beta, without epsilon."""
    return (x - x.mean(1, keepdim=True)) / x.std(1, correction=0, keepdim=True)


def shape(layer: int, x: Tensor) -> Numbers:
    """Return fits and curve of one LayerNorm, how far its examples' deviations are apart, and the fit to one alone."""
    y = normalized(x)
    pooled = x.flatten().numpy()[::FITTED], y.flatten().numpy()[::FITTED]
    found = fit(*pooled)
    deviations = x.std(1, correction=0)
    one = [_left(x[row].numpy(), y[row].numpy()) for row in range(len(x))]
    return {
        f"line.{layer}": found.line,
        f"tanh.{layer}": found.tanh,
        f"share.{layer}": found.tanh / found.line,
        f"slope.{layer}": found.slope,
        f"apart.{layer}": float(deviations.quantile(0.95) / deviations.quantile(0.05)),
        f"one.{layer}": max(one),
        **{f"curve.{layer}.{p}": v for p, v in zip(PLACES, curve(*pooled), strict=True)},
    }


def measure(norm: str, seed: int) -> Numbers:
    """Train 1,000 steps; return the held-out accuracy by step and, of LayerNorm, the maps of the trained network.

    As a control, the last map once more after every example's inputs were multiplied by a random size.
    """
    config = LaneConfig(
        depth=DEPTH, width=WIDTH, activation="relu", init="he", norm=norm, seed=seed
    )
    data = digits("zscore")
    run = PlainSGD(model := MLP(config, (784,), 10), data, LR, BATCH, seed)
    numbers: Numbers = {}
    for step in STEPS:
        run.steps(EVERY)
        numbers[f"{norm}.{step}"] = run.accuracy()
    if norm == "layer":
        received = norm_inputs(model, torch.from_numpy(data.x[:EXAMPLES]))
        for layer, x in zip(LAYERS, received, strict=True):
            numbers |= shape(layer, x)
        numbers["one"] = max(numbers[f"one.{layer}"] for layer in LAYERS)
        sizes = torch.randn(EXAMPLES, 1, generator=generator(seed, "sizes")).double().exp()
        numbers["resized"] = shape(0, received[-1] * sizes)["share.0"]
    return numbers


def compare(numbers: Numbers) -> Numbers:
    """Return how much more accurate the network is with DyT than with LayerNorm."""
    return {"gain": numbers[f"dyt.{STEPS[-1]}"] - numbers[f"layer.{STEPS[-1]}"]}


_LAST = STEPS[-1]

FIGURE = Figure(
    about=N_(
        "784-100x4-10 ReLU network, z-scored pixels, minibatches of 50, SGD 0.1, 1,000 steps, 4,000 images; accuracy "
        "on 1,000 held out. Maps of the trained network's four LayerNorms, before gamma and beta, on 300 training "
        "images."
    ),
    parts={norm: partial(measure, norm) for norm in NORMS},
    rows=[
        Row(
            "one",
            N_("one example alone: left of the outputs' variance by a line, worst of 300 x 4"),
            N_("a line"),
            at_most(1e-9, N_("by definition: one mean and one deviation; rounding")),
        ),
        *(
            row
            for n in LAYERS
            for row in (
                Row(
                    f"line.{n}",
                    filled(N_("LayerNorm {n}: left of the outputs' variance by a line"), n=n),
                ),
                Row(f"tanh.{n}", filled(N_("LayerNorm {n}: left of it by a tanh"), n=n)),
                Row(
                    f"share.{n}",
                    filled(N_("LayerNorm {n}: left by a tanh / left by a line"), n=n),
                    N_("S-shaped"),
                ),
                Row(
                    f"apart.{n}",
                    filled(N_("LayerNorm {n}: examples' deviations, 95th / 5th percentile"), n=n),
                ),
            )
        ),
        Row(
            "resized",
            filled(
                N_(
                    "LayerNorm {depth}, each example's inputs x exp N(0, 1): left by a tanh / by a line"
                ),
                depth=DEPTH,
            ),
        ),
        *(
            Row(f"{n}.{_LAST}", filled(N_("{words}: accuracy at step 1,000"), words=words))
            for n, words in NORMS.items()
        ),
        Row(
            "gain",
            N_("DyT less LayerNorm: accuracy at step 1,000"),
            N_("+0.002 to +0.005 on ImageNet"),
            Band(
                -MARGIN,
                MARGIN,
                N_("about as good: within three standard errors of a difference on 1,000 images"),
            ),
        ),
    ],
    panels=[
        Panel(
            N_("LayerNorm's map"),
            N_("input, standard deviations of all inputs"),
            N_("mean normalized output"),
            [
                Line(
                    filled(N_("layer {n}"), n=n), PLACES, [f"curve.{n}.{place}" for place in PLACES]
                )
                for n in LAYERS
            ],
        ),
        Panel(
            N_("Accuracy"),
            N_("step"),
            N_("held-out accuracy"),
            [Line(words, STEPS, [f"{n}.{s}" for s in STEPS]) for n, words in NORMS.items()],
        ),
    ],
    compare=compare,
)
