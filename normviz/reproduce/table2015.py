"""The table of 2015: spectral norms of the eleven weight gradients of ten sigmoid layers, at iterations 10 and 50.

Set-up: 784-200x10-10, sigmoid, softmax, Xavier-normal weights, biases 0, minibatches of 200, pixels / 255, SGD 0.1;
BatchNorm before the activation. What the table prints is settled by the blog's code (happynear/DeepLearnToolbox,
commits 3738ee2 and b5b36bd, ``norm(nn.dW{ll}(:,2:end))``): the largest singular value of the minibatch's mean gradient,
without the biases. The script of this very network is not in the repository; width, output and learning rate are those
that fit the printed numbers best. Iteration k is the pass of the k-th minibatch, in the frame of step k - 1.
"""

import statistics
from collections.abc import Sequence
from functools import partial

import numpy as np

from normviz.language import N_, filled
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_least, at_most
from normviz.reproduce.training import frames

#: (normalization, iteration): the published norms, first weight matrix first; two or three digits are printed
PUBLISHED: dict[tuple[str, int], list[float]] = {
    ("none", 10): [
        *(3.2e-7, 8.3e-7, 3.3e-6, 1.5e-5, 6.5e-5, 2.7e-4, 1.19e-3),
        *(6.4e-3, 2.97e-2, 0.125, 0.39),
    ],
    ("none", 50): [
        *(4.7e-7, 1.66e-6, 7.3e-6, 3.05e-5, 1.17e-4, 4.9e-4, 2.16e-3),
        *(9.9e-3, 4.27e-2, 0.18, 0.537),
    ],
    ("batch", 10): [0.268, 0.157, 0.151, 0.153, 0.156, 0.145, 0.130, 0.139, 0.168, 0.212, 0.76],
    ("batch", 50): [0.321, 0.176, 0.164, 0.167, 0.172, 0.148, 0.145, 0.127, 0.140, 0.119, 0.366],
}
MATRICES = range(1, 12)
ITERATIONS = (10, 50)
WITH = {"none": N_("without"), "batch": N_("with BatchNorm")}
LANE = {
    "dataset": "mnist",
    "preprocessing": "raw",
    "depth": 10,
    "width": 200,
    "activation": "sigmoid",
    "init": "xavier",
    "optimizer": "sgd",
    "lr": 0.1,
    "batch_size": 200,
}


def slope(norms: Sequence[float]) -> float:
    """Return the decades per layer from the second to the tenth of eleven norms."""
    return float(np.log10(norms[9] / norms[1]) / 8)


def measure(norm: str, seed: int) -> Numbers:
    """Train 49 steps; return both norms of every matrix at both iterations, and what is derived from them."""
    wanted = {k - 1: k for k in ITERATIONS}
    numbers: Numbers = {}
    for step, fields in frames({**LANE, "norm": norm, "seed": seed}, max(wanted), set(wanted)):
        if step in wanted:
            k = wanted[step]
            spectral, frobenius = (
                fields[name].astype(float).tolist() for name in ("dw_spectral", "dw_frobenius")
            )
            for matrix in MATRICES:
                numbers[f"{norm}.{k}.{matrix}"] = spectral[matrix - 1]
                numbers[f"{norm}.{k}.{matrix}.frobenius"] = frobenius[matrix - 1]
            numbers[f"{norm}.{k}.slope"] = slope(spectral)
    numbers[f"{norm}.ratio"] = numbers[f"{norm}.50.1"] / numbers[f"{norm}.50.11"]
    hidden = [f"{norm}.{k}.{matrix}" for k in ITERATIONS for matrix in MATRICES[:-1]]
    numbers[f"{norm}.frobenius"] = statistics.fmean(
        numbers[f"{key}.frobenius"] / numbers[key] for key in hidden
    )
    return numbers


def errors(samples: Sequence[Numbers]) -> Numbers:
    """Compare geometric means over the seeds with the published cells, in decades."""
    numbers: Numbers = {}
    for norm in WITH:
        both = {"": [0.0], ".frobenius": [0.0]}
        for kind in both:
            cells = {
                f"{norm}.{k}.{matrix}": _error(samples, norm, k, matrix, kind)
                for k in ITERATIONS
                for matrix in MATRICES
            }
            numbers |= {f"{key}{kind}.error": error for key, error in cells.items()}
            both[kind] = [abs(error) for error in cells.values()]
            numbers[f"{norm}{kind}.error"] = statistics.fmean(both[kind])
        numbers[f"{norm}.largest"] = max(both[""])
    return numbers


def _error(samples: Sequence[Numbers], norm: str, k: int, matrix: int, kind: str) -> float:
    ours = statistics.fmean(np.log10(sample[f"{norm}.{k}.{matrix}{kind}"]) for sample in samples)
    return float(ours - np.log10(PUBLISHED[norm, k][matrix - 1]))


_SLOPE = Band(
    0.58, 0.70, N_("measured 0.617 to 0.655 over widths 100 to 200, two data sets and 20 seeds")
)
_LEVEL = Band(-0.10, 0.10, N_("measured -0.040 to +0.023 over the same"))
_ROWS = [
    *(
        Row(
            f"none.{k}.slope",
            filled(N_("without, iteration {k}: decades per layer"), k=k),
            round(slope(PUBLISHED["none", k]), 3),
            _SLOPE,
        )
        for k in ITERATIONS
    ),
    *(
        Row(
            f"batch.{k}.slope",
            filled(N_("with BatchNorm, iteration {k}: decades per layer"), k=k),
            round(slope(PUBLISHED["batch", k]), 3),
            _LEVEL,
        )
        for k in ITERATIONS
    ),
    Row(
        "none.ratio",
        N_("without: first / last, iteration 50"),
        4.7e-7 / 0.537,
        Band(1e-7, 1e-5, N_("measured 7e-7 to 2e-6 over nine seeds and three data sets")),
    ),
    Row(
        "batch.ratio",
        N_("with BatchNorm: first / last, iteration 50"),
        0.321 / 0.366,
        Band(0.1, 10, N_("the same order of magnitude; measured 0.52 to 2.2")),
    ),
    Row(
        "none.error",
        N_("without: mean error of 22 cells, decades"),
        None,
        at_most(0.35, N_("0.083 to 0.169 over three samples of seeds; one seed is off by 0.15")),
    ),
    Row(
        "batch.error",
        N_("with BatchNorm: mean error of 22 cells, decades"),
        None,
        at_most(0.12, N_("0.027 to 0.046 over three samples of seeds; one seed is off by 0.06")),
    ),
    Row("none.largest", N_("without: largest error of a cell, decades")),
    Row("batch.largest", N_("with BatchNorm: largest error of a cell, decades")),
    Row(
        "none.frobenius",
        N_("without: Frobenius / spectral, hidden layers"),
        None,
        at_most(1.1, N_("dW is nearly of rank one: every example's error is alike")),
    ),
    Row(
        "batch.frobenius",
        N_("with BatchNorm: Frobenius / spectral, hidden layers"),
        None,
        at_least(1.3, N_("the printed quantity is the spectral norm, and the two differ")),
    ),
    Row("batch.frobenius.error", N_("with BatchNorm: mean error if Frobenius were meant, decades")),
    *(
        Row(
            f"{norm}.{k}.{m}",
            filled(N_("{words}, iteration {k}, matrix {m}"), words=words, k=k, m=m),
            PUBLISHED[norm, k][m - 1],
        )
        for norm, words in WITH.items()
        for k in ITERATIONS
        for m in MATRICES
    ),
]

FIGURE = Figure(
    about=N_(
        "784-200x10-10 sigmoid network, Xavier-normal, minibatches of 200, pixels / 255, SGD 0.1, on 4,000 images. "
        "Each cell is the largest singular value of a weight gradient, biases left out."
    ),
    parts={norm: partial(measure, norm) for norm in WITH},
    rows=_ROWS,
    panels=[
        Panel(
            filled(N_("Iteration {k}"), k=k),
            N_("weight matrix"),
            N_("spectral norm of dW, loss per unit of weight"),
            [
                Line(words, MATRICES, [f"{norm}.{k}.{m}" for m in MATRICES], PUBLISHED[norm, k])
                for norm, words in WITH.items()
            ],
            log=True,
        )
        for k in ITERATIONS
    ],
    pool=errors,
)
