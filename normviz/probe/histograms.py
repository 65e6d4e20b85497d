"""Histograms with fixed edges and exact percentiles, both from one sort."""

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64
from numpy.typing import NDArray

from normviz.frames import Bins, Field, Values
from normviz.language import N_
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured
from normviz.probe.samples import Row, Samples

Edges = Float32[np.ndarray, " edges"]

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
        "pre": N_("Pre-activation z"),
        "act": N_("Activation a"),
        "grad": N_("Gradient with respect to pre-activation"),
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
                N_("share of values"),
                "share of values in each bin" + _SAMPLED,
                bins=edges,
            ),
            Field(
                f"{name}_outside",
                ("layer", "side"),
                "u2",
                labels[name],
                N_("share of values"),
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
    """Measure all of them. Values that are not a number count as above all bins.

    A layer without examples has empty bins and percentiles that are not a number.
    """
    values = {}
    edges = bins(measured.activation, measured.normed_after)
    for name, samples in (
        ("pre", measured.sorted_pre),
        ("act", measured.sorted_out),
        ("grad", measured.sorted_grad),
    ):
        count = _counts_of_magnitude if edges[name].log10 else _counts
        sizes = np.maximum(samples.sizes, 1)[:, None]
        shares = count(samples.rows, _needles(edges[name])) / sizes
        values[f"{name}_hist"] = shares[:, 1:-1]
        values[f"{name}_outside"] = shares[:, :: shares.shape[1] - 1]
        values[f"{name}_pct"] = percentiles(samples)
    return values


def percentiles(samples: Samples) -> Float32[np.ndarray, "layers percentile"]:
    """Return the nearest-rank percentiles of each layer: the smallest value that p % of the values do not exceed."""
    places = _places(samples.sizes)
    found = samples.values.take(places, mode="clip")
    found[places < 0] = np.nan
    return found


@lru_cache
def _places(sizes: tuple[int, ...]) -> Int64[np.ndarray, "layers percentile"]:
    """Return where each layer's percentiles are among the values of all layers; -1 where it has no values."""
    ranks = [[max(0, -(-p * n // 100) - 1) for p in PERCENTILES] for n in sizes]
    starts, empty = np.cumsum((0, *sizes[:-1])), np.array(sizes) == 0
    return np.where(empty[:, None], -1, starts[:, None] + ranks)


def counts(rows: list[Row], edges: NDArray[Any]) -> NDArray[np.int64]:
    """Count sorted rows into (below, bins..., above); a bin holds its lower edge, the last one its upper edge too."""
    return _counts(rows, _closed(edges))


def counts_of_magnitude(rows: list[Row], edges: NDArray[Any]) -> NDArray[np.int64]:
    """Count |value| of sorted rows into (below, bins..., above); exact zeros are below."""
    return _counts_of_magnitude(rows, _mirrored(edges))


@lru_cache
def _needles(bins: Bins) -> Edges:
    return _mirrored(bins.edges()) if bins.log10 else _closed(bins.edges())


def _closed(edges: NDArray[Any]) -> Edges:
    """Return the edges with the last one moved up a little, so that what equals it is still below it."""
    edges = edges.astype(np.float32)
    return np.append(edges[:-1], np.nextafter(edges[-1], np.float32(np.inf)))


def _mirrored(edges: NDArray[Any]) -> Edges:
    """Return minus the edges, moved up a little so that what equals them is below, and the edges: all ascending."""
    edges = edges.astype(np.float32)
    return np.concatenate([np.nextafter(-edges[::-1], np.float32(np.inf)), edges])


def _counts(rows: list[Row], edges: Edges) -> NDArray[np.int64]:
    below = np.empty((len(rows), len(edges) + 2), np.int64)
    below[:, 0], below[:, -1] = 0, [len(row) for row in rows]
    for counted, row in zip(below, rows, strict=True):
        counted[1:-1] = row.searchsorted(edges)
    return below[:, 1:] - below[:, :-1]


def _counts_of_magnitude(rows: list[Row], mirrored: Edges) -> NDArray[np.int64]:
    cells = _counts(rows, mirrored)
    half = len(mirrored) // 2
    magnitudes = cells[:, half:]
    magnitudes[:, 1:] += cells[:, half - 1 :: -1]
    return magnitudes
