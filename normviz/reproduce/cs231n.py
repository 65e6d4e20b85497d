"""Mean and standard deviation of activations in ten layers of 500 units under five initializations (CS231n).

One forward pass of 1,000 Gaussian inputs with 500 features through square layers without biases. The published numbers
are those of the slides of 2017; they print all ten standard deviations for tanh with 0.01 and for ReLU with He.
"""

from functools import partial

import torch

from normviz import catalog
from normviz.language import N_, filled
from normviz.nn.network import generator
from normviz.probe.moments import moments
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row

LAYERS = range(1, 11)
EXAMPLES, WIDTH = 1000, 500
#: name: (activation, initialization, words)
CASES = {
    "tanh.small": ("tanh", "small", N_("tanh, N(0, 0.01²)")),
    "tanh.unit": ("tanh", "unit", N_("tanh, N(0, 1)")),
    "tanh.xavier": ("tanh", "xavier", N_("tanh, Xavier")),
    "relu.xavier": ("relu", "xavier", N_("ReLU, Xavier")),
    "relu.he": ("relu", "he", N_("ReLU, He")),
}
#: standard deviations on the slides
PUBLISHED = {
    "tanh.small": (
        *(0.213081, 0.047551, 0.010630, 0.002378, 0.000532),
        *(0.000119, 0.000026, 0.000006, 0.000001, 0.000000),
    ),
    "relu.he": (0.825, 0.828, 0.814, 0.827, 0.834, 0.860, 0.871, 0.889, 0.845, 0.845),
}


@torch.no_grad()
def measure(case: str, seed: int) -> Numbers:
    """Return mean and standard deviation (biased) of every layer's activations."""
    activation, init = (
        table[key].load()
        for table, key in zip(
            (catalog.ACTIVATIONS, catalog.INITIALIZERS), CASES[case][:2], strict=True
        )
    )
    x = torch.randn(EXAMPLES, WIDTH, generator=generator(seed, "data"))
    numbers: Numbers = {}
    for layer in LAYERS:
        weight = torch.empty(WIDTH, WIDTH)
        init(weight, generator(seed, "init", layer))
        x = activation.function(x @ weight.T)
        numbers[f"{case}.mean.{layer}"], numbers[f"{case}.std.{layer}"] = moments(x)
    return numbers


def _rows() -> list[Row]:
    measured = N_("within 5 % of the slides; seeds differ by 0.2 to 1 %")
    first = PUBLISHED["tanh.small"][:5]
    bands = {
        **{
            ("tanh.small", layer): Band(round(0.95 * std, 6), round(1.05 * std, 6), measured)
            for layer, std in zip(LAYERS, first, strict=False)
        },
        **{
            ("tanh.unit", layer): Band(0.979, 0.985, N_("measured 0.982, seeds differ by 1e-4"))
            for layer in LAYERS
        },
        ("tanh.xavier", 10): Band(0.218, 0.238, N_("measured 0.228, seeds differ by 0.0015")),
        ("relu.xavier", 10): Band(0.013, 0.045, N_("seeds range over 0.021 to 0.031")),
        ("relu.he", 10): Band(0.5, 1.3, N_("seeds range over 0.66 to 0.99; the slides have 0.845")),
    }
    reruns = {("tanh.xavier", 1): 0.6275, ("tanh.xavier", 10): 0.2262, ("relu.xavier", 10): 0.0288}
    rows: list[Row] = []
    for case, (_activation, _init, words) in CASES.items():
        for layer in LAYERS:
            printed = PUBLISHED[case][layer - 1] if case in PUBLISHED else None
            if (case, layer) in reruns:
                printed = filled(N_("{value:g} (a rerun)"), value=reruns[case, layer])
            rows.append(
                Row(
                    f"{case}.std.{layer}",
                    filled(N_("{words}: std of layer {layer}"), words=words, layer=layer),
                    printed,
                    bands.get((case, layer)),
                )
            )
        rows.append(Row(f"{case}.mean.10", filled(N_("{words}: mean of layer 10"), words=words)))
    return rows


FIGURE = Figure(
    about=N_(
        "1,000 inputs N(0, 1) with 500 features, ten layers of 500 units, no biases, one forward pass."
    ),
    parts={case: partial(measure, case) for case in CASES},
    rows=_rows(),
    panels=[
        Panel(
            N_("Standard deviation"),
            N_("layer"),
            N_("standard deviation of activations"),
            [
                Line(words, LAYERS, [f"{case}.std.{n}" for n in LAYERS], PUBLISHED.get(case, ()))
                for case, (_, _, words) in CASES.items()
            ],
            log=True,
        ),
        Panel(
            N_("Mean"),
            N_("layer"),
            N_("mean of activations"),
            [
                Line(words, LAYERS, [f"{case}.mean.{n}" for n in LAYERS])
                for case, (_, _, words) in CASES.items()
            ],
        ),
    ],
)
