"""What a normalization has learned, and three estimates of the mean and the variance that it divides by."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from normviz.frames import Field, Values
from normviz.language import N_

PerUnit = Float64[np.ndarray, " units"]
#: One value a unit, or none at all.
Learned = Float64[np.ndarray, " _"]
#: Nearest-rank percentiles of the units of a layer.
PERCENTILES = (1, 15, 50, 85, 99)

_PARAMETERS = {
    "gamma": (N_("Scale γ"), "scale γ"),
    "beta": (N_("Shift β"), "shift β"),
}
_ESTIMATES = {"batch": "of the current minibatch", "running": "in the running averages"}
_MOMENTS = {
    "mean": ("μ", "σ", "(μ - μ_population) / σ_population"),
    "var": ("σ²", N_("share of σ²"), "σ² / σ²_population - 1"),
}
_DISTANCES = {
    "mean": {
        "batch": N_("Distance of μ of the current minibatch"),
        "running": N_("Distance of μ in the running averages"),
    },
    "var": {
        "batch": N_("Distance of σ² of the current minibatch"),
        "running": N_("Distance of σ² in the running averages"),
    },
}
_TYPICAL = {"mean": N_("μ of a typical unit"), "var": N_("σ² of a typical unit")}


@dataclass(frozen=True)
class Estimate:
    """Mean and unbiased variance of each unit (channel) of what goes into a normalization."""

    mean: PerUnit
    var: PerUnit


@dataclass(frozen=True)
class Normalizing:
    """What is known of a layer's normalization; an estimate is None where it keeps no running averages.

    Attributes:
        gamma: the scale of each unit; empty where none is learned.
        beta: the shift of each unit; empty where none is learned.
        typical: the unit that is shown by itself.
        batch: of the current minibatch.
        running: the running averages.
        population: the mean over an epoch's minibatches, with the network as it is.
    """

    gamma: Learned
    beta: Learned
    typical: int
    batch: Estimate | None = None
    running: Estimate | None = None
    population: Estimate | None = None


def fields() -> tuple[Field, ...]:
    """Declare them."""
    return (
        *(
            Field(
                f"{name}_pct",
                ("layer", "percentile"),
                "f4",
                label,
                "",
                f"percentiles over the units of the layer's {words}",
            )
            for name, (label, words) in _PARAMETERS.items()
        ),
        *(
            Field(
                f"{moment}_apart_{name}",
                ("layer",),
                "f4",
                _DISTANCES[moment][name],
                unit,
                f"root mean square over the units of {formula}, {symbol} {where}",
                log=True,
            )
            for moment, (symbol, unit, formula) in _MOMENTS.items()
            for name, where in _ESTIMATES.items()
        ),
        *(
            Field(
                f"typical_{moment}",
                ("layer", "coefficient"),
                "f4",
                _TYPICAL[moment],
                "",
                f"{symbol} of what goes into the normalization of one unit of each layer, drawn with the seed: of the "
                "current minibatch, in the running averages, of the population; variances are unbiased",
            )
            for moment, (symbol, _, _) in _MOMENTS.items()
        ),
        Field(
            "norms_step",
            (),
            "u4",
            N_("Normalization measured at step"),
            N_("minibatches"),
            "the step at which all this was measured",
        ),
    )


@np.errstate(all="ignore")
def measure(layers: list[Normalizing], step: int) -> Values:
    """Return all fields; what a layer does not have is not a number."""
    found: dict[str, list[Any]] = {
        f"{name}_pct": [_percentiles(getattr(layer, name)) for layer in layers]
        for name in _PARAMETERS
    }
    for name in _ESTIMATES:
        apart = [_apart(getattr(layer, name), layer.population) for layer in layers]
        found[f"mean_apart_{name}"] = [mean for mean, _ in apart]
        found[f"var_apart_{name}"] = [var for _, var in apart]
    for moment in _MOMENTS:
        found[f"typical_{moment}"] = [_typical(layer, moment) for layer in layers]
    written = {name: np.array(values, np.float32) for name, values in found.items()}
    return {**written, "norms_step": np.array(step, np.uint32)}


def _percentiles(values: Learned) -> list[float]:
    if not len(values):
        return [math.nan] * len(PERCENTILES)
    return list(np.percentile(values, PERCENTILES, method="inverted_cdf"))


def _apart(estimate: Estimate | None, population: Estimate | None) -> tuple[float, float]:
    """Return how far an estimate is from the population's; a unit that does not vary there is left out."""
    if estimate is None or population is None or not (varies := population.var > 0).any():
        return math.nan, math.nan
    std = np.sqrt(population.var[varies])
    mean = (estimate.mean - population.mean)[varies] / std
    var = estimate.var[varies] / population.var[varies] - 1
    return math.sqrt(np.mean(mean**2)), math.sqrt(np.mean(var**2))


def _typical(layer: Normalizing, moment: str) -> list[float]:
    """Return the typical unit's mean or variance by all three estimates."""
    estimates = layer.batch, layer.running, layer.population
    return [float(getattr(e, moment)[layer.typical]) if e else math.nan for e in estimates]
