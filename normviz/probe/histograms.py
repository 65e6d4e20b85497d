"""Histograms with fixed edges and exact percentiles, both from one sort."""

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from normviz.frames import Bins, Field, Values
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured, Stack

PERCENTILES = (1, 15, 50, 85, 99)
PRE = Bins(-6.0, 6.0)
GRAD = Bins(-12.0, 1.0, log10=True)
_SAMPLED = " over the first examples of the minibatch, up to 8,192 values a layer"


def bins(activation: Activation, normed_after: bool) -> dict[str, Bins]:
    """Return the fixed bins of each quantity; activations behind a normalization have those of pre-activations."""
    return {"pre": PRE, "act": PRE if normed_after else Bins(*activation.bounds), "grad": GRAD}


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Declare histogram, mass outside its bins, and percentiles of each quantity."""
    labels = {
        "pre": "Pre-activation z",
        "act": "Activation",
        "grad": "Gradient with respect to pre-activation",
    }
    return tuple(
        each
        for name, edges in bins(activation, normed_after).items()
        for each in (
            Field(
                f"{name}_hist",
                ("layer", "bin"),
                "u2",
                labels[name],
                "share of values",
                "share of values in each bin" + _SAMPLED,
                bins=edges,
            ),
            Field(
                f"{name}_outside",
                ("layer", "side"),
                "u2",
                labels[name],
                "share of values",
                "share of values below and above all bins" + _SAMPLED,
            ),
            Field(
                f"{name}_pct",
                ("layer", "percentile"),
                "f4",
                labels[name],
                "",
                f"percentiles {PERCENTILES} (nearest rank)" + _SAMPLED,
            ),
        )
    )


def measure(measured: Measured) -> Values:
    """Measure all of them. Values that are not a number count as above all bins."""
    values = {}
    edges = bins(measured.activation, measured.normed_after)
    for name, ordered in (
        ("pre", measured.sorted_pre),
        ("act", measured.sorted_out),
        ("grad", measured.sorted_grad),
    ):
        count = counts_of_magnitude if edges[name].log10 else counts
        shares = count(ordered, edges[name].edges()) / ordered.shape[1]
        values[f"{name}_hist"] = shares[:, 1:-1]
        values[f"{name}_outside"] = shares[:, [0, -1]]
        values[f"{name}_pct"] = percentiles(ordered)
    return values


def percentiles(ordered: Stack) -> Float[np.ndarray, "layers percentile"]:
    """Return the nearest-rank percentiles of sorted rows: the smallest value that p % of the values do not exceed."""
    n = ordered.shape[1]
    return ordered[:, [max(0, -(-p * n // 100) - 1) for p in PERCENTILES]]


def counts(ordered: Stack, edges: NDArray[Any]) -> NDArray[np.int64]:
    """Count sorted rows into (below, bins..., above); a bin holds its lower edge, the last one its upper edge too."""
    below = np.stack([row.searchsorted(edges.astype(row.dtype)) for row in ordered])
    below[:, -1] = [row.searchsorted(row.dtype.type(edges[-1]), "right") for row in ordered]
    return _between(below, ordered.shape[1])


def counts_of_magnitude(ordered: Stack, edges: NDArray[Any]) -> NDArray[np.int64]:
    """Count |value| of sorted rows into (below, bins..., above); exact zeros are below."""
    edges = edges.astype(ordered.dtype)
    below = np.stack(
        [row.searchsorted(edges) - row.searchsorted(-edges, "right") for row in ordered]
    )
    return _between(below, ordered.shape[1])


def _between(below: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return np.diff(below, axis=1, prepend=0, append=n)
