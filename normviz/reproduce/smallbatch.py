"""Batch, Batch Renorm, Layer and Group Norm at small batches (Wu & He 2018, Ioffe 2017, Ba, Kiros & Hinton 2016).

BatchNorm's statistics are those of few examples then, and not those that it is evaluated with; Layer and Group Norm
see one example at a time; Batch Renorm corrects the minibatch's statistics towards the running ones. Wu & He train
ResNet-50 on ImageNet, Ba et al. an MLP on MNIST; here is an MLP on few digits, which sees every image once at every
batch size. The learning rate is proportional to the batch size, and so is the momentum of the running averages: they
look back over as many examples at every batch size.
"""

from collections.abc import Mapping
from functools import partial

import torch

from normviz.config import LaneConfig
from normviz.language import N_, filled
from normviz.nn.mlp import MLP
from normviz.nn.network import batch_statistics
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.training import PlainSGD, digits

NORMS = {
    "batch": "BatchNorm",
    "renorm": N_("Batch Renorm"),
    "layer": "LayerNorm",
    "group": "GroupNorm",
}
BATCHES = (32, 8, 4, 2, 1)
LARGE, SMALL = 32, 2
DEPTH, WIDTH, LR, MOMENTUM = 2, 100, 0.1, 0.1
#: three standard errors of the difference of two accuracies near 0.9 on 1,000 images
MARGIN = 0.04
#: ResNet-50 on ImageNet, validation error in %, Wu & He 2018
IMAGENET: Mapping[tuple[str, int], float] = {
    ("batch", 32): 23.6,
    ("batch", 8): 24.8,
    ("batch", 4): 27.3,
    ("batch", 2): 34.7,
    ("group", 32): 24.1,
    ("group", 8): 24.0,
    ("group", 4): 24.2,
    ("group", 2): 24.1,
}


def network(norm: str, batch: int, steps: int, seed: int) -> MLP:
    """Return the network; Batch Renorm is Batch for the first eighth of the steps and at its limits after a quarter."""
    config = LaneConfig(
        depth=DEPTH,
        width=WIDTH,
        activation="relu",
        init="he",
        norm=norm,
        momentum=MOMENTUM * batch / LARGE,
        warmup=steps // 8,
        seed=seed,
    )
    return MLP(config, (784,), 10)


def measure(norm: str, seed: int) -> Numbers:
    """Train one epoch at every batch size; return the held-out accuracies."""
    data = digits("zscore")
    numbers: Numbers = {}
    for batch in BATCHES:
        steps = len(data.y) // batch
        model = network(norm, batch, steps, seed)
        run = PlainSGD(model, data, LR * batch / LARGE, batch, seed)
        run.steps(steps)
        numbers[f"{norm}.{batch}"] = run.accuracy()
        if batch == 1:
            numbers[f"{norm}.alone"] = alone(run)
    return numbers


@torch.no_grad()
def alone(run: PlainSGD) -> float:
    """Return the held-out accuracy with the statistics of training at batch 1: those of the image itself."""
    with batch_statistics(run.model):
        logits = [run.model(x[None]) for x in torch.from_numpy(run.data.heldout_x)]
    return float((torch.cat(logits).argmax(1).numpy() == run.data.heldout_y).mean())


def compare(numbers: Numbers) -> Numbers:
    """Return what each normalization loses from batches of 32 to 2, and what Batch Renorm wins over BatchNorm."""
    return {
        **{f"{n}.lost": numbers[f"{n}.{LARGE}"] - numbers[f"{n}.{SMALL}"] for n in NORMS},
        **{f"won.{b}": numbers[f"renorm.{b}"] - numbers[f"batch.{b}"] for b in BATCHES},
    }


_NOISE = N_("three standard errors of a difference on 1,000 images")
_CHANCE = at_most(0.15, N_("chance is 0.10: every normalized unit is its beta, whatever the input"))


def _accuracy(norm: str, batch: int) -> Row:
    error = IMAGENET.get((norm, batch))
    return Row(
        f"{norm}.{batch}",
        filled(N_("{norms}, batch {batch}: accuracy"), norms=NORMS[norm], batch=batch),
        None if error is None else filled(N_("{error:g} % error on ImageNet"), error=error),
    )


FIGURE = Figure(
    about=N_(
        "784-100-100-10 ReLU network, z-scored pixels, one epoch of 4,000 images at every batch size B, SGD with "
        "learning rate and momentum of the running averages 0.1 B / 32; accuracy on 1,000 held out, with running "
        "averages."
    ),
    parts={norm: partial(measure, norm) for norm in NORMS},
    rows=[
        *(_accuracy(norm, batch) for norm in NORMS for batch in BATCHES),
        Row(
            "batch.alone",
            N_("BatchNorm, batch 1, each image normalized alone as in training: accuracy"),
            N_("everything is 0"),
            _CHANCE,
        ),
        Row(
            "batch.lost",
            N_("BatchNorm: accuracy at batch 32 less that at 2"),
            N_("0.111 on ImageNet"),
            at_least(MARGIN, filled(N_("it falls off: more than {noise}"), noise=_NOISE)),
        ),
        *(
            Row(
                f"{norm}.lost",
                filled(N_("{norms}: accuracy at batch 32 less that at 2"), norms=NORMS[norm]),
                N_("0 on ImageNet") if norm == "group" else N_("robust"),
                Band(
                    -MARGIN,
                    MARGIN,
                    filled(N_("no dependence on the batch size: within {noise}"), noise=_NOISE),
                ),
            )
            for norm in ("layer", "group")
        ),
        Row("renorm.lost", N_("Batch Renorm: accuracy at batch 32 less that at 2")),
        Row("won.4", N_("Batch Renorm less BatchNorm, batch 4"), N_("better")),
        Row(
            "won.2",
            N_("Batch Renorm less BatchNorm, batch 2"),
            N_("better"),
            at_least(MARGIN, filled(N_("better: more than {noise}"), noise=_NOISE)),
        ),
    ],
    panels=[
        Panel(
            N_("Accuracy"),
            N_("examples in a minibatch"),
            N_("held-out accuracy"),
            [Line(words, BATCHES, [f"{n}.{b}" for b in BATCHES]) for n, words in NORMS.items()],
        )
    ],
    compare=compare,
)
