"""The network of the 2015 table learns with BatchNorm and stays at chance without: true for SGD, not for RMSprop.

Same network as ``table2015``. The blog's toolbox trained with an RMSprop of its own (decay 0.9, momentum 0.8, learning
rates 4e-5 to 4e-4, five epochs of 300 minibatches in our notes). Ours is torch's: decay 0.99, no momentum, so its
learning rate 4e-4 stands for the toolbox's 8e-5, and 1,500 steps are 75 epochs of our 4,000 images.
"""

from functools import partial

from normviz.language import N_
from normviz.reproduce.figure import Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.table2015 import LANE, WITH
from normviz.reproduce.training import frames

EPOCH = 20
#: epochs after which the trainer evaluates the held-out set
EPOCHS = (1, 2, 3, 4, 5, 10)
#: steps at which it does so later
RMSPROP_STEPS = (*range(100, 1001, 100), 1500)
RMSPROP_LR = 4e-4


def with_sgd(norm: str, seed: int) -> Numbers:
    """Train ten epochs; return the held-out accuracy after some, and the worst from the second on."""
    fields = dict(frames({**LANE, "norm": norm, "seed": seed}, EPOCH * EPOCHS[-1], set()))
    accuracy = [float(fields[EPOCH * epoch]["heldout_accuracy"]) for epoch in EPOCHS]
    return {
        **{f"{norm}.{epoch}": each for epoch, each in zip(EPOCHS, accuracy, strict=True)},
        f"{norm}.worst": min(accuracy[1:]),
    }


def with_rmsprop(seed: int) -> Numbers:
    """Train 1,500 steps without normalization; return the held-out accuracy by step."""
    lane = {**LANE, "norm": "none", "optimizer": "rmsprop", "lr": RMSPROP_LR, "seed": seed}
    fields = dict(frames(lane, RMSPROP_STEPS[-1], set()))
    return {f"rmsprop.{step}": float(fields[step]["heldout_accuracy"]) for step in RMSPROP_STEPS}


FIGURE = Figure(
    about=N_(
        "The ten-layer sigmoid network of table2015 on 4,000 images, accuracy on 1,000 held out. With SGD it leaves "
        "chance only with BatchNorm; RMSprop, which divides every gradient by its size, gets it off the ground without."
    ),
    parts={**{norm: partial(with_sgd, norm) for norm in WITH}, "rmsprop": with_rmsprop},
    rows=[
        Row(
            "none.10",
            N_("SGD, without: accuracy after epoch 10"),
            None,
            at_most(0.15, N_("chance is 0.10, with a standard error of 0.01 on 1,000 images")),
        ),
        Row(
            "batch.worst",
            N_("SGD, with BatchNorm: worst after epochs 2 to 10"),
            None,
            at_least(0.78, N_("measured on 5,000 images: 0.858 at worst, 0.837 at width 100")),
        ),
        Row("batch.1", N_("SGD, with BatchNorm: after epoch 1 (running averages lag)")),
        Row(
            f"rmsprop.{RMSPROP_STEPS[-1]}",
            N_("RMSprop, without: after 1,500 steps"),
            None,
            at_least(0.30, N_("three times chance: not at chance, whatever the exact constants")),
        ),
    ],
    panels=[
        Panel(
            N_("SGD"),
            N_("epoch"),
            N_("held-out accuracy"),
            [Line(words, EPOCHS, [f"{norm}.{e}" for e in EPOCHS]) for norm, words in WITH.items()],
        ),
        Panel(
            N_("RMSprop"),
            N_("step"),
            N_("held-out accuracy"),
            [Line(N_("without"), RMSPROP_STEPS, [f"rmsprop.{step}" for step in RMSPROP_STEPS])],
        ),
    ],
)
