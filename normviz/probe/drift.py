"""How far distributions have moved on a batch that stays the same, and how each unit's values are distributed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float32, UInt8
from torch import Tensor

from normviz.frames import Bins, Field, Values
from normviz.language import N_
from normviz.nn.activations import Activation
from normviz.nn.tape import Tape
from normviz.probe.histograms import PRE, percentiles
from normviz.probe.samples import SAMPLE, Row, Samples

#: Steps from one measurement to the next.
EVERY = 25
#: Examples of the fixed batch.
EXAMPLES = 40
#: Each unit's histogram has the range of pre-activations.
UNIT_BINS = Bins(PRE.lo, PRE.hi, 24)
#: Units of a layer that are shown one by one: at least and at most, and of all layers together.
FEW, MANY, ALL = 4, 32, 160
#: Where a share of 1 is in ``unit_hist``.
WHOLE = 255

#: The values of each unit of a layer, ascending; layers differ in both.
Rows = Float32[np.ndarray, "_ _"]
PerLayer = Float32[np.ndarray, " layers"]

_BATCH = f"on {EXAMPLES} held-out examples that stay the same, every {EVERY} steps"
_NAMES = {"pre": "pre-activation", "act": "activation"}
_START, _BEFORE = N_("σ at the start"), N_("σ {n} steps before").format(n=EVERY)
#: Quantity, since when, what it is called, its unit.
_DRIFTS = (
    ("pre", "start", N_("Drift of the pre-activation since the start"), _START),
    ("pre", "recent", N_("Drift of the pre-activation in {n} steps").format(n=EVERY), _BEFORE),
    ("act", "start", N_("Drift of the activation since the start"), _START),
    ("act", "recent", N_("Drift of the activation in {n} steps").format(n=EVERY), _BEFORE),
)


@dataclass(frozen=True)
class Snapshot:
    """What the layers did with the fixed batch; layers may differ in shape, and have no values at all.

    Attributes:
        widths: each layer's units.
        units: the pre-activations of each layer, unit after unit, sorted within each.
        pre: all pre-activations of each layer, sorted.
        act: all activations of each layer, sorted.
    """

    widths: tuple[int, ...]
    units: Samples
    pre: Samples
    act: Samples

    @cached_property
    def rows(self) -> list[Rows]:
        """The values of each unit, layer by layer."""
        return [
            row.reshape(width, -1) for row, width in zip(self.units.rows, self.widths, strict=True)
        ]

    @cached_property
    def spreads(self) -> dict[str, PerLayer]:
        """The biased standard deviation of each layer's values; not a number where there is none."""
        return {"pre": _spreads(self.pre), "act": _spreads(self.act)}

    def fits(self, other: "Snapshot") -> bool:
        """Tell whether both have as many values in each layer."""
        return self.pre.sizes == other.pre.sizes and self.act.sizes == other.act.sizes


def fields(layers: int, units: int) -> tuple[Field, ...]:
    """Declare the drift, the typical unit's percentiles, the units' histograms, and when they were measured.

    ``units`` is how many the narrowest layer has.
    """
    return (
        *(
            Field(
                f"{name}_drift_{since}",
                ("layer",),
                "f4",
                label,
                unit,
                f"Wasserstein-1 distance between all {_NAMES[name]}s of the layer now and then, in standard deviations "
                f"then, {_BATCH}",
                log=True,
            )
            for name, since, label, unit in _DRIFTS
        ),
        Field(
            "unit_drift_start",
            ("layer",),
            "f4",
            N_("Drift since the start, unit by unit"),
            N_("σ at the start"),
            f"the mean over the units of each one's own Wasserstein-1 distance, {_BATCH}; σ is the layer's; never less "
            "than the drift of all together",
            log=True,
        ),
        Field(
            "typical_pct",
            ("layer", "percentile"),
            "f4",
            N_("Pre-activation of a typical unit"),
            "",
            f"percentiles of one unit of each layer, drawn with the seed at the start, {_BATCH}",
        ),
        Field(
            "unit_hist",
            ("layer", "unit", "bin"),
            "u1",
            N_("Pre-activation, unit by unit"),
            f"share of values / {WHOLE}",
            f"share of a unit's values in each bin, beyond all bins in the outermost, of evenly chosen units, {_BATCH}",
            bins=UNIT_BINS,
            units=shown_units(layers, units),
        ),
        Field(
            "drift_step",
            (),
            "u4",
            N_("Drift measured at step"),
            N_("minibatches"),
            "the step at which all this was measured",
        ),
    )


def shown_units(layers: int, units: int) -> int:
    """Return how many units of every layer are shown one by one."""
    return min(units, MANY, max(FEW, ALL // layers))


def snapshot(tape: Tape, activation: Activation) -> Snapshot:
    """Look at a pass. Of a layer with positions as many are taken, evenly, as make up 8,192 values."""
    units = [_by_unit(layer) for layer in tape.pre]
    pre = _sorted(units)
    if activation.increasing and all(map(_is, tape.out, tape.phi)):
        act = pre.mapped(activation.function)
    else:
        act = _sorted([_values(layer) for layer in tape.out])
    widths = tuple(layer.shape[1] for layer in tape.pre)
    return Snapshot(widths, _joined(units), pre, act)


def _is(out: Tensor, phi: Tensor) -> bool:
    return out is phi


def _values(layer: Tensor) -> Float32[np.ndarray, "examples units positions"]:
    flat = layer.detach().cpu().numpy()
    flat = flat.reshape(*flat.shape[:2], -1 if flat.size else 1)
    every = min(flat.shape[2], max(1, -(-flat.size // SAMPLE)))
    return flat[:, :, every // 2 :: every]


def _by_unit(layer: Tensor) -> Rows:
    values = _values(layer)
    rows = np.array(values.transpose(1, 0, 2), order="C")
    rows = rows.reshape(len(rows), rows.shape[1] * rows.shape[2])
    rows.sort(axis=1)
    return rows


def _joined(layers: Sequence[Float32[np.ndarray, "..."]]) -> Samples:
    values = np.concatenate([layer.ravel() for layer in layers])
    return Samples(values, tuple(layer.size for layer in layers))


def _sorted(layers: Sequence[Float32[np.ndarray, "..."]]) -> Samples:
    samples = _joined(layers)
    for row in samples.rows:
        row.sort()
    return samples


def _means(samples: Samples) -> PerLayer:
    """Return the mean of each layer's values; not a number without any."""
    with np.errstate(over="ignore", invalid="ignore"):
        if samples.sizes[0] and len(set(samples.sizes)) == 1:
            return samples.values.reshape(len(samples.sizes), -1).mean(1)
        found = [row.mean() if len(row) else np.nan for row in samples.rows]
    return np.array(found, np.float32)


def _spreads(samples: Samples) -> PerLayer:
    """Return the biased standard deviation of each layer's sorted values; not a number where there is none."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.array([_spread(row) for row in samples.rows], np.float32)


def _spread(row: Row) -> float:
    if not len(row):
        return math.nan
    away = row - row[len(row) // 2]
    mean = float(away.mean())
    square = float(away.dot(away)) / len(row) - mean * mean
    return math.sqrt(square) if square > 0 else math.nan


def distances(now: Samples, then: Samples) -> PerLayer:
    """Return each layer's Wasserstein-1 distance: the mean distance of values of the same rank.

    Of values that are sorted unit by unit it is the mean over the units of their own distances.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        away = np.subtract(now.values, then.values)
    return _means(Samples(np.abs(away, out=away), now.sizes))


def drifts(now: Snapshot, then: Snapshot | None) -> dict[str, PerLayer]:
    """Return how far pre-activations and activations are from then, in units of the standard deviations then."""
    if then is None:
        none = np.full(len(now.widths), np.nan, np.float32)
        return {"pre": none, "act": none}
    return {
        "pre": distances(now.pre, then.pre) / then.spreads["pre"],
        "act": distances(now.act, then.act) / then.spreads["act"],
    }


def measure(
    now: Snapshot, start: Snapshot, recent: Snapshot | None, typical: Sequence[int], step: int
) -> Values:
    """Return all fields; ``typical`` is each layer's typical unit. What did not vary then has no unit to measure in."""
    since, lately = drifts(now, start), drifts(now, recent)
    traces = _joined([rows[unit] for rows, unit in zip(now.rows, typical, strict=True)])
    return {
        "pre_drift_start": since["pre"],
        "pre_drift_recent": lately["pre"],
        "act_drift_start": since["act"],
        "act_drift_recent": lately["act"],
        "unit_drift_start": distances(now.units, start.units) / start.spreads["pre"],
        "typical_pct": percentiles(traces),
        "unit_hist": unit_histograms(now.rows, shown_units(len(now.widths), min(now.widths))),
        "drift_step": np.array(step, np.uint32),
    }


def unit_histograms(layers: list[Rows], units: int) -> UInt8[np.ndarray, "layers shown bins"]:
    """Return the shares, times 255, of evenly chosen units; without values there is no share."""
    chosen = [rows[np.arange(units) * len(rows) // units] for rows in layers]
    if len({rows.shape for rows in chosen}) == 1:
        return _shares(np.concatenate(chosen)).reshape(len(layers), units, -1)
    return np.stack([_shares(rows) for rows in chosen])


def _shares(rows: Rows) -> UInt8[np.ndarray, "units bins"]:
    bins, width = UNIT_BINS.n, (UNIT_BINS.hi - UNIT_BINS.lo) / UNIT_BINS.n
    with np.errstate(over="ignore", invalid="ignore"):
        place = np.nan_to_num((rows - np.float32(UNIT_BINS.lo)) / np.float32(width))
    place = place.clip(0, bins - 1).astype(np.intp) + np.arange(len(rows))[:, None] * bins
    counts = np.bincount(place.ravel(), minlength=len(rows) * bins).reshape(-1, bins)
    return np.rint(counts * (WHOLE / max(1, rows.shape[1]))).astype(np.uint8)
