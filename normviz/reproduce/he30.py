"""A network of thirty ReLU layers moves with He's initialization and stalls with Xavier's (He et al. 2015).

The paper trains a 30-layer convolutional network on ImageNet; this is a 30-layer perceptron of 200 units on digits,
with the same reason at work: with weights of variance 1 / n each ReLU layer halves the signal, and the logits hardly
depend on the input.
"""

import math
from functools import partial

from normviz.language import N_
from normviz.reproduce.figure import Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.training import frames

CHANCE = math.log(10)
STEPS = (10, 20, 50, 100, 200, 300)
INITS = {"he": N_("He"), "xavier": N_("Xavier")}
LANE = {
    "dataset": "mnist",
    "preprocessing": "raw",
    "depth": 30,
    "width": 200,
    "activation": "relu",
    "norm": "none",
    "optimizer": "sgd",
    "lr": 0.01,
    "batch_size": 200,
}


def measure(init: str, seed: int) -> Numbers:
    """Train 300 steps; return held-out loss and accuracy, and how activations shrink over the layers at first."""
    fields = dict(frames({**LANE, "init": init, "seed": seed}, STEPS[-1], set()))
    std = fields[0]["act_std"]
    return {
        **{f"{init}.loss.{step}": float(fields[step]["heldout_loss"]) for step in STEPS},
        f"{init}.lowest": min(float(fields[step]["heldout_loss"]) for step in STEPS),
        f"{init}.accuracy": float(fields[STEPS[-1]]["heldout_accuracy"]),
        f"{init}.shrink": float(std[-1] / std[0]) ** (2 / (len(std) - 1)),
    }


FIGURE = Figure(
    about=N_(
        "784-200x30-10 ReLU network, SGD 0.01, minibatches of 200, 300 steps on 4,000 images; loss on 1,000 held "
        "out. Knowing nothing costs ln 10 = 2.303 nats."
    ),
    parts={init: partial(measure, init) for init in INITS},
    rows=[
        Row(
            "he.lowest",
            N_("He: lowest held-out loss, nats"),
            N_("converges"),
            at_most(CHANCE / 2, N_("half of what knowing nothing costs: it moves")),
        ),
        Row(
            "xavier.lowest",
            N_("Xavier: lowest held-out loss, nats"),
            N_("stalls"),
            at_least(2.25, N_("at most 0.05 nats better than knowing nothing: it stalls")),
        ),
        Row("he.accuracy", N_("He: held-out accuracy at step 300")),
        Row("xavier.accuracy", N_("Xavier: held-out accuracy at step 300")),
        Row("he.shrink", N_("He: activation variance, factor a layer at step 0"), 1.0),
        Row("xavier.shrink", N_("Xavier: activation variance, factor a layer at step 0"), 0.5),
    ],
    panels=[
        Panel(
            N_("Loss"),
            N_("step"),
            N_("held-out loss, nats"),
            [Line(words, STEPS, [f"{i}.loss.{s}" for s in STEPS]) for i, words in INITS.items()],
        )
    ],
)
