"""Whether the learning rate is beyond the stable range: then the loss rises above that of the untrained network."""

import math
from collections import deque
from statistics import median

from normviz.diagnosis import remedies
from normviz.diagnosis.rule import Case, Changes, Found, Rule

WINDOW = 5
TWICE = 2.0
#: The rise is over once the loss is below this share of chance level, ln(classes).
RECOVERED = 0.9


class Losses:
    """Follows the loss of every step of a lane, whether or not it is measured.

    Attributes:
        risen: see :class:`normviz.diagnosis.rule.Case`; the factor is the largest so far.
    """

    def __init__(self, first: float, classes: int) -> None:
        self._chance = math.log(classes)
        self._start = max(first, self._chance)
        self._recent = deque[float](maxlen=WINDOW)
        self.risen: tuple[int, float] | None = None

    def add(self, step: int, loss: float) -> None:
        """Take in the loss of a step."""
        self._recent.append(loss)
        if len(self._recent) < WINDOW:
            return
        now = median(self._recent)
        if now < RECOVERED * self._chance:
            self.risen = None
        elif now > TWICE * self._start:
            since, most = self.risen or (step, 0.0)
            self.risen = since, max(most, now / self._start)

    def forget(self) -> None:
        """Begin anew: the configuration has changed. What the loss is compared with stays."""
        self._recent.clear()
        self.risen = None


def _rate(case: Case) -> Found | None:
    if case.risen is None or case.config.order == "sorted":
        return None
    step, factor = case.risen
    return Found(factor, TWICE, step=step)


def _treat(case: Case, began: int) -> Changes:
    return remedies.slower(case.config)


LEARNING_RATE = Rule(
    "rate",
    f"median loss of {WINDOW} steps in a row over that of the untrained network (or over ln(classes), if that is "
    f"larger), until the loss falls below {RECOVERED:g} ln(classes); not with one class a minibatch",
    f"above {TWICE:g}",
    "ours: a step beyond the stable range (2 over the largest curvature, LeCun et al. 1998, section 5) raises the "
    "loss, and a network that knows nothing need not be worse than this",
    "a tenth of the learning rate",
    _rate,
    _treat,
)
