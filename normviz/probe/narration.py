"""What is happening, in a few notes a frame: a rule's name and the numbers that go into its sentence.

The thresholds are ours, chosen so that the sentence is visibly true on the charts; each is stated with its rule.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from normviz.frames import Note, Values
from normviz.nn.activations import Activation

Said = tuple[str, dict[str, int | float]]


@dataclass(frozen=True)
class Scene:
    """All that the sentences of one lane are made of.

    Attributes:
        values: the frame's fields of this lane.
        activation: its nonlinearity.
        classes: number of classes; chance is 1 / classes.
        step: the frame's step.
        heldout: last evaluated held-out accuracy in eval mode and with batch statistics.
        population: whether eval mode has the population's statistics and not running averages.
        lone: said of layers whose normalization has one value for every statistic.
        labels: said of labels that lack a class.
        domains: held-out accuracy in eval mode for each source of the data, by its name; empty where there is one.
    """

    values: Values
    activation: Activation
    classes: int
    step: int
    heldout: tuple[float, float]
    population: bool = False
    lone: tuple[Said, ...] = ()
    labels: tuple[Said, ...] = ()
    domains: Mapping[str, int | float] = field(default_factory=dict[str, int | float])


def notes(lane: int, scene: Scene) -> list[Note]:
    """Return the lane's notes, the most telling first; none with a number that is not finite."""
    edges = scene.lone or filter(None, [_constant(scene)])
    said = [
        *edges,
        _gradient(scene),
        _activation(scene),
        *sorted(filter(None, [_learning(scene), _domains(scene)]), key=_telling),
        *scene.labels,
    ]
    return [
        {"lane": lane, "rule": rule, "values": values}
        for rule, values in filter(None, said)
        if all(map(math.isfinite, values.values()))
    ]


def _constant(scene: Scene) -> Said | None:
    """Name the layers all of whose pre-activations are one number: the deviation is 0, or float32's rounding."""
    values = scene.values
    (layers,) = np.nonzero(values["pre_std"] <= 1e-6 * np.abs(values["pre_mean"]))
    if not len(layers):
        return None
    return "constant", {"first": 1 + int(layers[0]), "last": 1 + int(layers[-1])}


def _gradient(scene: Scene) -> Said | None:
    """Compare the hidden layers' gradient norms: 100 times apart is vanishing or exploding, within 10 is healthy.

    A loss above 100 nats says something else first: the logits are far too large.
    """
    norms = scene.values["dw_spectral"][:-1].tolist()
    if (loss := float(scene.values["loss"])) > 100:
        std = scene.values["pre_std"]
        return "overshoot", {"layer": len(std), "std": float(std[-1]), "loss": loss}
    if len(norms) < 2 or not all(map(math.isfinite, norms)) or norms[-1] == 0:
        return None
    ratios = [norm / norms[-1] for norm in norms]
    if ratios[0] < 0.01:
        last = max(layer for layer, ratio in enumerate(ratios, 1) if ratio < 0.01)
        return "vanishing", {"first": 1, "last": last, "ratio": ratios[0]}
    if ratios[0] > 100:
        return "exploding", {"layer": 1, "ratio": ratios[0]}
    if min(norms) > 0 and max(norms) / min(norms) <= 10:
        return "healthy", {"factor": max(norms) / min(norms)}
    return None


def _activation(scene: Scene) -> Said | None:
    """Say the worst of: over half saturated, over 30 % dead, collapsed to a constant, shrinking tenfold."""
    values = scene.values
    can_die = scene.activation.can_die
    if not scene.activation.rectifies and (where := values["saturated"] > 0.5).any():
        return "saturated", _span(where, values["saturated"])
    if can_die and (where := values["dead"] > 0.3).any():
        return "dead", _span(where, values["dead"])
    centre = scene.activation.centre
    distance = max(abs(values["act_pct"][-1, side].item() - centre) for side in (0, -1))
    if centre and distance < 0.05:
        layers = len(values["act_pct"])
        return "half", {"layer": layers, "distance": distance, "centre": centre}
    std = values["act_std"]
    if std[-1] < 0.1 * std[0]:
        return "collapsed", {"layer": len(std), "std": float(std[-1])}
    return None


def _span(where: np.ndarray, share: np.ndarray) -> dict[str, int | float]:
    layers = np.flatnonzero(where)
    return {
        "first": 1 + int(layers[0]),
        "last": 1 + int(layers[-1]),
        "share": float(share[layers].mean()),
    }


def _learning(scene: Scene) -> Said | None:
    """Say whether it learns: at most 1.5 times chance after 50 steps is chance, over 2 times is learning."""
    running, batch = scene.heldout
    if scene.step == 0:
        return "untrained", {}
    if math.isnan(running):
        return "undefined", {}
    if batch - running > 0.1:
        return "apart" if scene.population else "lagging", {"running": running, "batch": batch}
    if scene.step >= 50 and running <= 1.5 / scene.classes:
        return "chance", {"accuracy": running}
    return ("learning", {"accuracy": running}) if running > 2 / scene.classes else None


def _telling(said: Said) -> int:
    """Put each domain's accuracy before that of all together, and behind what explains it."""
    return {"lagging": 0, "apart": 0, "domains": 1}.get(said[0], 2)


def _domains(scene: Scene) -> Said | None:
    """Give the accuracy of each source of the data by itself: one running average may fit one and not the other."""
    return ("domains", dict(scene.domains)) if scene.domains and scene.step else None
