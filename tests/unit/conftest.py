"""Networks that have trained a while, made once for all tests that look at them."""

from functools import cache

import pytest

from normviz.config import LaneConfig
from normviz.train.lane import Lane


@cache
def trained_lane(norm: str, seed: int, steps: int) -> Lane:
    """The default network after some steps; its current pass was measured. Tests only look at it."""
    lane = Lane(LaneConfig(norm=norm, seed=seed))
    for step in range(1, steps + 1):
        lane.update(measure=step == steps)
    return lane


@pytest.fixture
def trained():
    return trained_lane
