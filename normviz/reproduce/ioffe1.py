"""Figure 1 of Ioffe & Szegedy 2015: accuracy by step, and the percentiles of the input of one typical sigmoid.

Set-up of the paper: 784-100x3-10, sigmoid, small Gaussian weights, minibatches of 60, cross-entropy, 50,000 steps on
all of MNIST. It gives neither the scale of the weights nor the learning rate; 0.1 and 0.1 were chosen for contrast,
biases are 0, and 2,000 steps on our 4,000 images show the same.
"""

from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from normviz.config import LaneConfig
from normviz.language import N_, filled
from normviz.nn.mlp import MLP
from normviz.nn.network import batch_statistics, generator
from normviz.nn.tape import Tape
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least
from normviz.reproduce.table2015 import WITH
from normviz.reproduce.training import PlainSGD, digits

WIDTH = 100
EVERY = 50
STEPS = range(EVERY, 2001, EVERY)
PERCENTILES = (15, 50, 85)
SHOWN = (50, 200, 400, 1000, 2000)


def network(norm: str, seed: int) -> MLP:
    """Return the network with weights N(0, 0.1²) and biases 0."""
    config = LaneConfig(depth=3, width=WIDTH, activation="sigmoid", norm=norm, seed=seed)
    model = MLP(config, (784,), 10)
    with torch.no_grad():
        for index, layer in enumerate(model.linears()):
            layer.weight.normal_(0.0, 0.1, generator=generator(seed, "init", index))
    return model


@torch.no_grad()
def sigmoid_inputs(run: PlainSGD) -> NDArray[np.float64]:
    """Return the percentiles over the held-out images of each last hidden unit's input. Shape (3, units).

    With BatchNorm they are normalized with their own statistics, as in training.
    """
    tape = Tape()
    with batch_statistics(run.model):
        run.model(torch.from_numpy(run.data.heldout_x), tape)
    return np.percentile(tape.pre[-1].numpy(), PERCENTILES, axis=0)


def measure(norm: str, seed: int) -> Numbers:
    """Train 2,000 steps; return accuracies, drift of all units and the trace of the one with the median drift.

    Drift of a unit: how far its median ranges over the steps, in units of its mean half-width (85th less 15th
    percentile, halved).
    """
    run = PlainSGD(network(norm, seed), digits(), lr=0.1, batch=60, seed=seed)
    numbers: Numbers = {}
    traces = np.empty((len(STEPS), len(PERCENTILES), WIDTH))
    for index, step in enumerate(STEPS):
        run.steps(EVERY)
        numbers[f"{norm}.{step}"] = run.accuracy()
        traces[index] = sigmoid_inputs(run)
    drift = np.ptp(traces[:, 1], axis=0) / ((traces[:, 2] - traces[:, 0]) / 2).mean(axis=0)
    typical = traces[:, :, np.argsort(drift)[len(drift) // 2]]
    for step, values in zip(STEPS, typical.tolist(), strict=True):
        numbers |= {
            f"{norm}.{step}.p{p}": value for p, value in zip(PERCENTILES, values, strict=True)
        }
    return numbers | {f"{norm}.drift": float(np.median(drift))}


def compare(numbers: Numbers) -> Numbers:
    """Relate the drift without BatchNorm to that with it."""
    return {"drift": numbers["none.drift"] / numbers["batch.drift"]}


_BANDS = {
    ("none", 200): Band(0.0, 0.25, N_("measured 0.100 to 0.103: not off the ground")),
    ("batch", 200): at_least(0.75, N_("measured 0.832 to 0.847 on 5,000 images")),
    ("none", 1000): Band(0.0, 0.70, N_("measured 0.448 to 0.523: on its way")),
    ("batch", 1000): at_least(0.83, N_("measured 0.881 to 0.887 on 5,000 images")),
}

FIGURE = Figure(
    about=N_(
        "784-100-100-100-10 sigmoid network, N(0, 0.1²), minibatches of 60, SGD 0.1, 2,000 steps on 4,000 images; "
        "accuracy on 1,000 held out (running averages). Percentiles are over these 1,000 images, of the last hidden "
        "layer's unit whose drift is the median one."
    ),
    parts={norm: partial(measure, norm) for norm in WITH},
    rows=[
        *(
            Row(
                f"{norm}.{step}",
                filled(N_("{words}: accuracy at step {step:,}"), words=words, step=step),
                None,
                _BANDS.get((norm, step)),
            )
            for norm, words in WITH.items()
            for step in SHOWN
        ),
        Row("none.drift", N_("without: drift of the median / half-width"), N_("moves strongly")),
        Row("batch.drift", N_("with BatchNorm: drift of the median / half-width"), N_("steady")),
        Row(
            "drift",
            N_("drift without / drift with BatchNorm"),
            N_("much larger"),
            at_least(
                3, N_("measured 8 to 10 over 2,000 steps; the paper has a picture, no number")
            ),
        ),
    ],
    panels=[
        Panel(
            N_("Accuracy"),
            N_("step"),
            N_("held-out accuracy"),
            [Line(words, STEPS, [f"{norm}.{s}" for s in STEPS]) for norm, words in WITH.items()],
        ),
        *(
            Panel(
                filled(N_("A typical sigmoid, {words}"), words=words),
                N_("step"),
                N_("input of the sigmoid"),
                [
                    Line(
                        filled(N_("{p}th percentile"), p=p),
                        STEPS,
                        [f"{norm}.{s}.p{p}" for s in STEPS],
                    )
                    for p in reversed(PERCENTILES)
                ],
            )
            for norm, words in WITH.items()
        ),
    ],
    compare=compare,
)
