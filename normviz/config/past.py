"""What two runs have in common before they part: the same lanes, up to a step."""

from dataclasses import dataclass

from normviz.config.lane import LaneConfig
from normviz.config.run import RunConfig


@dataclass(frozen=True)
class Past:
    """The common past of an old run and a new one.

    Attributes:
        until: the last step up to which they agree, at least 1.
        lanes: for every lane of the new run, the old run's lane that it was until then.
    """

    until: int
    lanes: tuple[int, ...]


def shared_past(old: RunConfig, new: RunConfig) -> Past | None:
    """Return the longest past that the new run has in common with the old one; None where there is none.

    A schedule of learning rates looks ahead to the last step, so runs of different length have nothing in common.
    """
    if old.steps != new.steps:
        return None
    olds, news = _lives(old), _lives(new)
    found = [max((_together(was, now), -index) for index, was in enumerate(olds)) for now in news]
    until = min(step for step, _ in found)
    return Past(until, tuple(-index for _, index in found)) if until > 0 else None


@dataclass(frozen=True)
class _Life:
    first: LaneConfig
    turns: dict[int, LaneConfig]
    steps: int


def _lives(config: RunConfig) -> list[_Life]:
    return [
        _Life(lane, config.turns(index), config.steps) for index, lane in enumerate(config.lanes())
    ]


def _together(was: _Life, now: _Life) -> int:
    """Return the last step up to which both are the same; 0 where they never were."""
    if was.first != now.first:
        return 0
    parted = [
        step for step in {*was.turns, *now.turns} if was.turns.get(step) != now.turns.get(step)
    ]
    return min(parted, default=now.steps + 1) - 1
