"""What the diagnosis proposes becomes a lane, or a reason why not; a browser may ask for anything."""

from typing import Any

import pytest

from normviz.config import LaneConfig, RunConfig
from normviz.ui import link
from normviz.ui.attempts import attempt


def session(*others: dict[str, Any], **lane: Any) -> dict[Any, Any]:
    """A session whose controls show these lanes."""
    state: dict[Any, Any] = {}
    config = RunConfig.model_validate({"lane": LaneConfig(**lane), "others": others})
    link.set_controls(state, config)
    state |= {link.RESTORED: config, link.PROBLEMS: (), link.RECORDING: ""}
    return state


def lanes(state: dict[Any, Any]) -> list[dict[str, Any]]:
    return list(link.current(state).changes())


def test_the_proposal_becomes_the_next_lane():
    state = session()
    assert attempt(state, {"lane": 0, "changes": {"norm": "batch"}}) == ""
    assert lanes(state) == [{"norm": "batch"}]
    assert attempt(state, {"lane": 0, "changes": {"init": "he", "gain": 1.0}}) == ""
    assert lanes(state) == [{"norm": "batch"}, {"init": "he"}]


def test_a_proposal_for_another_lane_keeps_what_makes_that_lane_different():
    state = session({"activation": "relu", "lr": 1.0})
    assert attempt(state, {"lane": 1, "changes": {"lr": 0.01}}) == ""
    assert lanes(state)[1] == {"activation": "relu", "lr": 0.01}


def test_a_lane_that_there_is_already_is_named():
    state = session({"norm": "batch"}, {"norm": "batch", "lr": 1.0})
    before = lanes(state)
    assert "Lane B" in attempt(state, {"lane": 0, "changes": {"norm": "batch"}})
    assert "Lane B" in attempt(state, {"lane": 2, "changes": {"lr": 0.1}})
    assert "Lane A" in attempt(state, {"lane": 1, "changes": {"norm": "none"}})
    assert lanes(state) == before


def test_there_are_four_lanes_at_most():
    state = session({"norm": "batch"}, {"norm": "layer"}, {"lr": 1.0})
    assert "four" in attempt(state, {"lane": 0, "changes": {"lr": 0.01}})
    assert len(lanes(state)) == 3


@pytest.mark.parametrize(
    "asked",
    [
        None,
        "norm",
        [],
        {},
        {"lane": 0},
        {"lane": 4, "changes": {"norm": "batch"}},
        {"lane": -1, "changes": {"norm": "batch"}},
        {"lane": "0", "changes": {"norm": "batch"}},
        {"lane": 0, "changes": []},
        {"lane": 0, "changes": {"norm": "none of ours"}},
        {"lane": 0, "changes": {"norm": None, "lr": 1e9}},
        {"lane": 0, "changes": {"no": "such field"}},
        {"lane": 0, "changes": {"norm": {"deep": ["er"]}}},
    ],
)
def test_anything_else_changes_nothing(asked: Any):
    state = session({"norm": "batch"})
    before = dict(state)
    assert "cannot be" in attempt(state, asked)
    assert state == before
