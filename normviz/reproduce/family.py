"""One network trained with every normalization: ten sigmoid layers, which need one, and five ReLU layers, which do not.

Nobody published this table. A row is judged only where something says what must come out: BatchNorm against none in the
sigmoid network (``table2015``, ``learns2015``), and Instance Normalization, which has one position a unit here, so that
every output is its beta and the network cannot know its input. All other rows are shown and not judged.
"""

import math
from functools import partial

import numpy as np

from normviz import catalog
from normviz.language import N_, filled
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.training import frames

WIDTH, BATCH, LR = 100, 100, 0.1
#: name: what it is called, what differs
NETWORKS = {
    "sigmoid": (N_("ten sigmoid layers"), {"depth": 10, "activation": "sigmoid", "init": "xavier"}),
    "relu": (N_("five ReLU layers"), {"depth": 5, "activation": "relu", "init": "he"}),
}
_TITLES = {"sigmoid": N_("Ten sigmoid layers"), "relu": N_("Five ReLU layers")}
#: where accuracy is read, and where the gradient is
STEPS, GRADIENT = (50, 100, 200), 49
NORMS = tuple(catalog.NORMS)
#: those that divide by a standard deviation of values, beside none
STATISTICS = ("none", "batch", "renorm", "noisy", "layer", "group", "instance", "rms")

_CHANCE = at_most(0.15, N_("chance is 0.10, with a standard error of 0.01 on 1,000 images"))
_UNCHANGED = at_most(0.15, N_("chance: a unit has one position, so every output is its beta"))
#: what must come out, by number
BANDS: dict[str, tuple[str, Band]] = {
    "sigmoid.none.200": (N_("chance"), _CHANCE),
    "sigmoid.batch.200": (
        N_("learns"),
        at_least(0.78, N_("the band of learns2015; 0.837 at worst at width 100")),
    ),
    "sigmoid.none.ratio": (
        "8.8e-7",
        Band(
            1e-7,
            1e-5,
            N_("the band of table2015: 7e-7 to 2e-6 over nine seeds and three data sets"),
        ),
    ),
    "sigmoid.batch.ratio": ("0.88", Band(0.1, 10.0, N_("the same order of magnitude (table2015)"))),
    "sigmoid.instance.200": (N_("chance"), _UNCHANGED),
    "relu.instance.200": (N_("chance"), _UNCHANGED),
}


def measure(network: str, norm: str, seed: int) -> Numbers:
    """Train 200 steps; return held-out accuracies and the first / last weight gradient at the fiftieth minibatch."""
    lane = {
        **{"width": WIDTH, "batch_size": BATCH, "lr": LR, "norm": norm, "seed": seed},
        **NETWORKS[network][1],
    }
    numbers: Numbers = {}
    for step, fields in frames(lane, STEPS[-1], {GRADIENT, *STEPS}):
        if step in STEPS:
            numbers[f"{network}.{norm}.{step}"] = float(fields["heldout_accuracy"])
        if step == GRADIENT:
            numbers[f"{network}.{norm}.ratio"] = _ratio(fields["dw_spectral"].astype(float))
    return numbers


def _ratio(norms: np.ndarray) -> float:
    """Return the first norm divided by the last; not a number where that is 0."""
    return float(norms[0] / norms[-1]) if norms[-1] > 0 else math.nan


def _others() -> list[str]:
    return [norm for norm in NORMS if norm not in STATISTICS]


def _row(network: str, norm: str, what: str, words: str) -> Row:
    key = f"{network}.{norm}.{what}"
    published, band = BANDS.get(key, (None, None))
    label = filled(
        N_("{network}, {norm}: {words}"),
        network=NETWORKS[network][0],
        norm=catalog.NORMS[norm].label,
        words=words,
    )
    return Row(key, label, published, band)


FIGURE = Figure(
    about=N_(
        "784-100-...-100-10, ten sigmoid layers with Xavier's weights or five ReLU layers with He's, raw pixels of "
        "4,000 digits, minibatches of 100, SGD 0.1, 200 steps; accuracy on 1,000 held out. First / last: spectral "
        "norms of the first and the last weight gradient at minibatch 50. Same weights and minibatches for every "
        "normalization."
    ),
    parts={
        f"{network}.{norm}": partial(measure, network, norm)
        for network in NETWORKS
        for norm in NORMS
    },
    rows=[
        _row(network, norm, what, words)
        for network in NETWORKS
        for what, words in (
            (str(STEPS[-1]), N_("accuracy at step 200")),
            ("ratio", N_("first / last")),
        )
        for norm in NORMS
    ],
    panels=[
        Panel(
            filled(N_("{network}: {words}"), network=_TITLES[network], words=words),
            N_("step"),
            N_("held-out accuracy"),
            [
                Line(catalog.NORMS[norm].label, STEPS, [f"{network}.{norm}.{s}" for s in STEPS])
                for norm in norms
            ],
        )
        for network in NETWORKS
        for words, norms in (
            (N_("values of a minibatch or an example"), STATISTICS),
            (N_("weights, neighbours, single values"), ("none", *_others())),
        )
    ],
)
