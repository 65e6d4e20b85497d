"""The configuration of a run: frozen, validated, and the same thing as its link.

A run trains one to four lanes. Lane A is a full :class:`LaneConfig`; every further lane is "the same as A, except"
some fields (:data:`Changes`). The canonical JSON of a :class:`RunConfig` is hashed to the key of the run: the same key
means the same frames.
"""

from normviz.config.lane import CHOICES, LaneConfig, describe, matters, title
from normviz.config.link import from_link, to_link
from normviz.config.past import Past, shared_past
from normviz.config.problems import ConfigError, Problem, parse
from normviz.config.run import LANES, TURNABLE, Intervention, RunConfig, bounds, limits

__all__ = [
    "CHOICES",
    "LANES",
    "TURNABLE",
    "ConfigError",
    "Intervention",
    "LaneConfig",
    "Past",
    "Problem",
    "RunConfig",
    "bounds",
    "describe",
    "from_link",
    "limits",
    "matters",
    "parse",
    "shared_past",
    "title",
    "to_link",
]
