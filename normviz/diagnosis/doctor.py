"""Follows one lane and says what is wrong with it."""

import math
from collections.abc import Iterable

from normviz.config import LaneConfig
from normviz.diagnosis.rate import Losses
from normviz.diagnosis.rule import Case, Finding, Found, Rule


class Doctor:
    """Looks at a lane by the rules. What it says depends on the configuration and the step alone."""

    def __init__(
        self, rules: Iterable[Rule], config: LaneConfig, loss: float, classes: int
    ) -> None:
        self._rules, self._config = tuple(rules), config
        self._losses = Losses(loss, classes)
        self._since = dict[str, int]()

    @property
    def risen(self) -> tuple[int, float] | None:
        """See :class:`normviz.diagnosis.rule.Case`."""
        return self._losses.risen

    def follow(self, step: int, loss: float, config: LaneConfig) -> None:
        """Take in a step, measured or not."""
        if config is not self._config:
            self._config = config
            self._losses.forget()
        self._losses.add(step, loss)

    def findings(self, case: Case, kept: bool) -> list[Finding]:
        """Return what is wrong, causes first, none with a number that is not finite.

        A finding's step is the first in a row of ``kept`` steps (those that are always measured) at which it was
        there, or this step.
        """
        found = {
            rule.name: (rule, each) for rule in self._rules if (each := self._look(rule, case))
        }
        since = {name: self._since.get(name, case.step) for name in found}
        if kept:
            self._since = since
        hidden = {name for rule, _ in found.values() for name in rule.hides}
        return [
            _finding(rule, each, case, since[name])
            for name, (rule, each) in found.items()
            if name not in hidden
        ]

    @staticmethod
    def _look(rule: Rule, case: Case) -> Found | None:
        found = rule.find(case)
        return found if found and math.isfinite(found.value) else None


def _finding(rule: Rule, found: Found, case: Case, since: int) -> Finding:
    began = since if found.step is None else found.step
    return Finding(rule, found, began, rule.treat(case, began))
