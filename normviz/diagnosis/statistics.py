"""Statistics of minibatches that cannot be used, or not yet."""

from normviz.diagnosis import remedies
from normviz.diagnosis.rule import Case, Changes, Found, Rule

#: Running averages with the usual momentum of 0.1 have forgotten the start long before this step.
SETTLED = 100
GAP = 0.1


def _lone(case: Case) -> Found | None:
    return Found(1.0, 2.0, *case.lone) if case.lone else None


def _treat_lone(case: Case, began: int) -> Changes:
    return {"norm": "layer"}


def _lagging(case: Case) -> Found | None:
    running, batch = case.heldout
    if case.step < SETTLED or not batch - running > GAP:
        return None
    return Found(batch - running, GAP)


def _treat_lagging(case: Case, began: int) -> Changes:
    config = case.config
    if config.order != "shuffled":
        return {"order": "shuffled"}
    if config.norm in remedies.OVER_BATCH and config.momentum < 0.1:
        return {"momentum": 0.1}
    if config.norm in ("batch", "noisy") and config.statistics == "running":
        return {"statistics": "population"}
    return {"norm": "layer"}


LONE = Rule(
    "lone",
    "values over which a normalization takes each variance",
    "below 2",
    "Ioffe & Szegedy 2015, algorithm 1: the variance is one over the minibatch; that of one value is 0",
    "Layer normalization",
    _lone,
    _treat_lone,
    hides=("vanishing", "exploding", "saturated", "dead", "constant", "lagging"),
)
LAGGING = Rule(
    "lagging",
    "held-out accuracy with the minibatch's statistics minus that with those of eval mode",
    f"above {GAP:g}, from step {SETTLED} on",
    f"ours: a tenth of all examples; with a momentum of 0.1 the start has long been forgotten by step {SETTLED}",
    "shuffled minibatches, else a momentum of 0.1, else population statistics, else Layer normalization",
    _lagging,
    _treat_lagging,
)
