"""What a rule is, what it looks at, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool

from normviz.config import LaneConfig, describe
from normviz.frames import Note, Values
from normviz.nn.activations import Activation

#: Fields of a lane's configuration and their new values.
Changes = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """All that the rules look at in one lane at one step.

    Attributes:
        values: the fields of its frame.
        config: its configuration at this step.
        activation: its nonlinearity.
        classes: number of classes; chance is 1 / classes.
        step: updates so far.
        heldout: last evaluated held-out accuracy in eval mode and with batch statistics.
        lone: first and last layer whose normalization has one value for every statistic; empty if none.
        differences: how much the weights of each hidden layer's units differ: the sum of squared differences from the
            layer's mean unit, over the sum of squares; empty where they are known to.
        risen: since which step the loss is far above the start's, and how many times; None if it is not.
    """

    values: Values
    config: LaneConfig
    activation: Activation
    classes: int
    step: int
    heldout: tuple[float, float]
    lone: tuple[int, ...] = ()
    differences: tuple[float, ...] = ()
    risen: tuple[int, float] | None = None

    @property
    def units(self) -> int:
        """Units, or channels, of a hidden layer."""
        return self.config.channels if self.config.model == "convnet" else self.config.width

    @property
    def learns(self) -> bool:
        """Whether more is right of the held-out set than half the way from chance to all."""
        return max(self.heldout) > (1 + 1 / self.classes) / 2


@dataclass(frozen=True)
class Found:
    """What a rule has measured: in the layers ``first`` to ``last`` (0: nowhere in particular), and its threshold.

    ``step`` is when it began, where the rule itself knows that.
    """

    value: float
    threshold: float
    first: int = 0
    last: int = 0
    step: int | None = None


@dataclass(frozen=True)
class Rule:
    """One thing that can be wrong.

    Attributes:
        name: its key.
        measures: what it measures, in words.
        limit: when it speaks, in words.
        source: where the threshold is from.
        remedy: the one thing to try, in words.
        find: looks at a case.
        treat: returns what to try, given the case and the step at which it began; empty when there is nothing.
        hides: rules whose findings follow from this one: they are not told beside it.
    """

    name: str
    measures: str
    limit: str
    source: str
    remedy: str
    find: Callable[[Case], Found | None]
    treat: Callable[[Case, int], Changes]
    hides: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A rule that speaks, since when, and what to try."""

    rule: Rule
    found: Found
    step: int
    changes: Changes

    def note(self, lane: int) -> Note:
        """Return it as it travels in a frame."""
        found = self.found
        numbers = {"value": found.value, "threshold": found.threshold, "step": self.step}
        where = {"first": found.first, "last": found.last} if found.first else {}
        values = {**where, **numbers, **as_tried(self.changes)}
        return {"lane": lane, "rule": f"why.{self.rule.name}", "values": values}


def as_tried(changes: Changes) -> dict[str, Any]:
    """Return changes as they travel; ``named`` says them in words, as "Normalization: Batch"."""
    if not changes:
        return {}
    words = ", ".join(describe(field, value) for field, value in changes.items())
    return {"try": changes, "named": words}


def span(where: Bool[np.ndarray, " layers"]) -> tuple[int, int] | None:
    """Return the first and the last layer (1, 2, …) of those that are meant; None without any."""
    (layers,) = np.nonzero(where)
    return (1 + int(layers[0]), 1 + int(layers[-1])) if len(layers) else None
