"""What a run that has diverged died of: its loss is not a finite number any more."""

from typing import Any

from normviz.config import LaneConfig
from normviz.diagnosis import remedies
from normviz.diagnosis.rule import Case, Changes, Found, Rule, as_tried
from normviz.frames import Note


def changes(config: LaneConfig, step: int, reason: str) -> Changes:
    """Return what to try, by the reason that the run gives."""
    if reason == "normalized_by_zero":
        return {"eps": 1e-5} if config.eps == 0 else {}
    unscaled = config.init in remedies.UNSCALED or config.gain != 1.0
    fits = remedies.initialization(config) if step == 0 or unscaled else {}
    return fits or (remedies.slower(config) if step else remedies.normalization(config))


def tried(config: LaneConfig, step: int, reason: str) -> dict[str, Any]:
    """Return the same as it travels."""
    return as_tried(changes(config, step, reason))


def note(divergence: dict[str, Any]) -> Note:
    """Return a divergence, as the trainer writes it down, as it travels in a frame."""
    values = {name: value for name, value in divergence.items() if name != "lane"}
    return {"lane": divergence["lane"], "rule": f"why.{DIVERGED.name}", "values": values}


def _never(case: Case) -> Found | None:
    return None


def _nothing(case: Case, began: int) -> Changes:
    return {}


DIVERGED = Rule(
    "diverged",
    "the loss of a minibatch; the layer is the first whose numbers are not finite, with the reason why",
    "not a finite number",
    "float32 (IEEE 754)",
    "division by 0: an epsilon of 1e-5; initial weights of an unfit size: an initialization that fits; else a tenth of "
    "the learning rate",
    _never,
    _nothing,
)
