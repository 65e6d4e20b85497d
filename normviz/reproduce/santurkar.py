"""BatchNorm trains better, and not by holding distributions still (Santurkar, Tsipras, Ilyas & Madry 2018).

Three of the paper's arguments. In a deep linear network (25 layers, y = A x with Gaussian x and A, full batch)
BatchNorm makes the shift of gradients larger, and the loss is lower all the same: :mod:`normviz.reproduce.shift`. Noise
that is drawn anew in every step behind BatchNorm, which makes distributions shift, costs little, while the same noise
without BatchNorm stops training. And along its own gradient the loss is smoother with BatchNorm:
:mod:`normviz.train.landscape`.

The paper's second network is a VGG on CIFAR-10; here it is a perceptron of 15 ReLU layers on digits, with the paper's
learning rate (0.1), size of minibatches (128) and Glorot's weights.
"""

import math
import statistics
from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from normviz.language import N_, filled
from normviz.nn.initializers import xavier
from normviz.nn.network import generator
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.noisy import NoisyBatchNorm
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.normed import Noise, Normed
from normviz.reproduce.shift import LAYERS, UNITS, descent, regression
from normviz.reproduce.table2015 import WITH
from normviz.reproduce.training import Perceptron, PlainSGD, digits
from normviz.train.landscape import Landscape, along_gradient

RATE, STEPS, EVERY = 3e-7, 4000, 200
#: learning rates a hundred times lower and twenty times higher: (normalization, rate, steps)
OTHER_RATES = {"slow": ("batch", 3e-9, 300), "fast": ("none", 6e-6, 300)}

DEPTH, SHALLOW, WIDTH, SGD = 15, 3, 100, 0.1
LOOK, LOOKS = 50, range(50, 401, 50)
LAST = LOOKS[-1]
NORMS: dict[str, Callable[[], nn.Module]] = {
    "none": nn.Identity,
    "batch": lambda: BatchNorm(WIDTH, affine=True),
    "noisy": lambda: NoisyBatchNorm(WIDTH, affine=True),
    "noise": lambda: Noise(WIDTH, affine=False),
}
WORDS = {**WITH, "noisy": N_("BatchNorm, noise behind it"), "noise": N_("noise without BatchNorm")}
ALONG = {
    "range": N_("range of the loss"),
    "change": N_("change of the gradient"),
    "beta": N_("effective beta"),
}
TIMES = range(0, STEPS + 1, EVERY)
FROM_SECOND = range(2, LAYERS + 1)


def _batch_norm() -> BatchNorm:
    """Return what stands behind the linear network's layers: no gamma and beta, no running averages."""
    norm = BatchNorm(UNITS, affine=False)
    norm.tracking = False
    return norm


LINEAR_NORMS: dict[str, Callable[[], nn.Module]] = {"none": nn.Identity, "batch": _batch_norm}


def linear(norm: str, seed: int) -> Numbers:
    """Train the linear network; return loss, cosine and distance by step (mean over layers) and by layer (over steps).

    The loss is in units of what predicting 0 costs; ``relative`` is the distance in units of the length of G.
    """
    task, weights = regression(seed, LINEAR_NORMS[norm]())
    nothing = float(task.y.square().sum())
    shifts = dict(descent(task, weights, RATE, STEPS, EVERY))
    cosines = [shift.cosine for shift in shifts.values()]
    lengths = [shift.relative for shift in shifts.values()]
    numbers: Numbers = {}
    for step, shift in shifts.items():
        numbers[f"{norm}.loss.{step}"] = shift.loss / nothing
        numbers[f"{norm}.cosine.{step}"] = statistics.fmean(shift.cosine)
        numbers[f"{norm}.distance.{step}"] = statistics.fmean(shift.distance)
    for index, layer in enumerate(FROM_SECOND):
        numbers[f"{norm}.cosine.layer.{layer}"] = statistics.fmean(row[index] for row in cosines)
    return numbers | {
        f"{norm}.cosine": statistics.fmean(map(statistics.fmean, cosines)),
        f"{norm}.turned": statistics.fmean(abs(value) for row in cosines for value in row),
        f"{norm}.relative": statistics.fmean(map(statistics.fmean, lengths)),
        f"{norm}.loss": numbers[f"{norm}.loss.{STEPS}"],
    }


def at_another_rate(name: str, seed: int) -> Numbers:
    """Return the mean cosine over layers and steps at another learning rate."""
    norm, rate, steps = OTHER_RATES[name]
    task, weights = regression(seed, LINEAR_NORMS[norm]())
    shifts = [shift for _, shift in descent(task, weights, rate, steps, steps // 10)]
    return {f"{name}.cosine": statistics.fmean(statistics.fmean(s.cosine) for s in shifts)}


def network(kind: str, depth: int, seed: int) -> Normed:
    """Return a ReLU perceptron with Glorot's weights, biases 0."""
    linears = Perceptron([784, *[WIDTH] * depth, 10], torch.relu, seed, xavier).linears
    norms = [NORMS[kind]() for _ in range(depth)]
    for index, norm in enumerate(norms):
        if isinstance(norm, NoisyBatchNorm):
            norm.seed(generator(seed, "noise", index))
    return Normed(linears, norms, torch.relu)


def noise(kind: str, seed: int) -> Numbers:
    """Train with SGD; return the held-out accuracy by step, taken without noise and with running averages."""
    run = PlainSGD(network(kind, DEPTH, seed), digits(), lr=SGD, batch=128, seed=seed)
    numbers: Numbers = {}
    for step in LOOKS:
        run.steps(LOOK)
        numbers[f"{kind}.{step}"] = run.accuracy()
    return numbers


def along(norm: str, seed: int) -> Numbers:
    """Train three layers; return the accuracy, and the geometric means of what lies along the gradient.

    That is of the loss on the first 500 training images, at the start and at the steps looked at.
    """
    run = _three_layers(norm, seed)
    x, y = torch.from_numpy(run.data.x[:500]), torch.from_numpy(run.data.y[:500])
    start = along_gradient(run.model, x, y, SGD)
    found = list[Landscape]()
    for _ in LOOKS:
        run.steps(LOOK)
        found.append(along_gradient(run.model, x, y, SGD))
    numbers = {f"shallow.{norm}": run.accuracy(), f"start.{norm}": start.beta}
    for name in ALONG:
        logs = [math.log(getattr(landscape, name)) for landscape in found]
        numbers[f"{name}.{norm}"] = math.exp(statistics.fmean(logs))
    for step, landscape in zip(LOOKS, found, strict=True):
        numbers[f"beta.{norm}.{step}"] = landscape.beta
    return numbers


def shallow_noise(seed: int) -> Numbers:
    """Return the accuracy of three layers with noise and no BatchNorm, after as many steps."""
    run = _three_layers("noise", seed)
    run.steps(LAST)
    return {"shallow.noise": run.accuracy()}


def _three_layers(kind: str, seed: int) -> PlainSGD:
    return PlainSGD(network(kind, SHALLOW, seed), digits(), lr=SGD, batch=128, seed=seed)


def compare(numbers: Numbers) -> Numbers:
    """Relate distance and loss with BatchNorm to those without, and the gains over the network without."""
    plain = numbers[f"none.{LAST}"]
    gain = numbers[f"batch.{LAST}"] - plain
    return {
        "relative": numbers["batch.relative"] / numbers["none.relative"],
        "loss": numbers["batch.loss"] / numbers["none.loss"],
        "gain": gain,
        "kept": (numbers[f"noisy.{LAST}"] - plain) / gain,
        **{name: numbers[f"{name}.none"] / numbers[f"{name}.batch"] for name in (*ALONG, "start")},
    }


_LINEAR_ROWS = [
    Row(
        "none.cosine",
        N_("linear, without: cosine of G and G'"),
        N_("close to 1"),
        at_least(0.95, N_("close to 1: less than 20 degrees")),
    ),
    Row(
        "batch.cosine",
        N_("linear, with BatchNorm: cosine of G and G', mean over the seeds"),
        N_("nearly uncorrelated"),
        Band(-0.5, 0.5, N_("at 60 degrees G' is as far from G as G is long"), False),
    ),
    Row("none.relative", N_("linear, without: ‖G - G'‖ / ‖G‖")),
    Row("batch.relative", N_("linear, with BatchNorm: ‖G - G'‖ / ‖G‖")),
    Row(
        "relative",
        N_("linear: ‖G - G'‖ / ‖G‖ with / without"),
        N_("larger with BatchNorm"),
        at_least(10, N_("larger by an order of magnitude")),
    ),
    Row(
        "none.loss",
        filled(N_("linear, without: loss at step {steps:,} / loss of predicting 0"), steps=STEPS),
    ),
    Row(
        "batch.loss",
        filled(
            N_("linear, with BatchNorm: loss at step {steps:,} / loss of predicting 0"), steps=STEPS
        ),
    ),
    Row(
        "loss",
        N_("linear: loss with / without, mean over the seeds"),
        N_("lower with BatchNorm"),
        Band(0.0, 1.0, N_("lower; a claim about the mean, single draws of A may differ"), False),
    ),
    Row("batch.turned", N_("linear, with BatchNorm: cosine without its sign")),
    Row("slow.cosine", N_("linear, with BatchNorm, rate 3e-9, 300 steps: cosine")),
    Row("fast.cosine", N_("linear, without, rate 6e-6, 300 steps: cosine")),
]

_NOISE_ROWS = [
    *(
        Row(
            f"{kind}.{LAST}", filled(N_("{words}: accuracy at step {last}"), words=words, last=LAST)
        )
        for kind, words in WORDS.items()
        if kind != "noise"
    ),
    Row(
        f"noise.{LAST}",
        filled(N_("{words}: accuracy at step {last}"), words=WORDS["noise"], last=LAST),
        N_("does not train"),
        at_most(0.15, N_("chance is 0.10, with a standard error of 0.01 on 1,000 images")),
    ),
    Row(
        "gain",
        N_("BatchNorm - without: accuracy"),
        N_("better with BatchNorm"),
        at_least(0.07, N_("three standard errors of a difference on 1,000 images each")),
    ),
    Row(
        "kept",
        N_("share of this gain that is left with noise"),
        N_("nearly all"),
        at_least(0.5, N_("closer to BatchNorm than to the network without")),
    ),
    *(
        Row(
            f"shallow.{kind}",
            filled(
                N_("three layers, {words}: accuracy at step {last}"), words=WORDS[kind], last=LAST
            ),
        )
        for kind in ("none", "batch", "noise")
    ),
]

_SMOOTHNESS_ROWS = [
    *(
        Row(
            name,
            filled(N_("three layers: {words} along the gradient, without / with"), words=words),
            N_("smoother with BatchNorm"),
            at_least(1, N_("smoother: less with BatchNorm than without")),
        )
        for name, words in ALONG.items()
    ),
    Row("start", N_("three layers, before training: effective beta, without / with")),
]

FIGURE = Figure(
    about=N_(
        "A linear network of 25 layers of 10 units on y = A x (100 Gaussian examples, weights N(0, 1/10), squared "
        "error summed, full batch, 4,000 steps of 3e-7): G and G' are a layer's gradient before and after the layers "
        "below have moved; means over layers 2 to 25. And 784-100x15-10 with ReLU on digits, SGD 0.1, minibatches of "
        "128, with noise of the paper's constants before the activations; accuracy on 1,000 held out, without noise."
    ),
    parts={
        **{f"linear.{norm}": partial(linear, norm) for norm in WITH},
        **{name: partial(at_another_rate, name) for name in OTHER_RATES},
        **{f"noise.{kind}": partial(noise, kind) for kind in NORMS},
        **{f"along.{norm}": partial(along, norm) for norm in WITH},
        "shallow": shallow_noise,
    },
    rows=[*_LINEAR_ROWS, *_NOISE_ROWS, *_SMOOTHNESS_ROWS],
    panels=[
        Panel(
            N_("Linear network: loss"),
            N_("step"),
            N_("loss / loss of predicting 0"),
            [Line(words, TIMES, [f"{n}.loss.{t}" for t in TIMES]) for n, words in WITH.items()],
        ),
        Panel(
            N_("Linear network: cosine of G and G' by step"),
            N_("step"),
            N_("mean over layers 2 to 25"),
            [Line(words, TIMES, [f"{n}.cosine.{t}" for t in TIMES]) for n, words in WITH.items()],
        ),
        Panel(
            N_("Linear network: length of G - G' by step"),
            N_("step"),
            N_("mean over layers 2 to 25"),
            [Line(words, TIMES, [f"{n}.distance.{t}" for t in TIMES]) for n, words in WITH.items()],
            log=True,
        ),
        Panel(
            N_("Linear network: cosine of G and G' by layer"),
            N_("layer"),
            N_("mean over the steps looked at"),
            [
                Line(words, FROM_SECOND, [f"{n}.cosine.layer.{i}" for i in FROM_SECOND])
                for n, words in WITH.items()
            ],
        ),
        Panel(
            N_("Noise: accuracy"),
            N_("step"),
            N_("held-out accuracy"),
            [Line(words, LOOKS, [f"{kind}.{s}" for s in LOOKS]) for kind, words in WORDS.items()],
        ),
        Panel(
            N_("Three layers: effective beta along the gradient"),
            N_("step"),
            N_("effective beta"),
            [Line(words, LOOKS, [f"beta.{n}.{s}" for s in LOOKS]) for n, words in WITH.items()],
            log=True,
        ),
    ],
    compare=compare,
)
