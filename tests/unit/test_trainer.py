"""The trainer: what a frame describes, the schedule, and what happens when a lane diverges."""

import gc
import json
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from normviz import catalog
from normviz.config import RunConfig, parse
from normviz.frames import Frame, decode, encode, is_milestone
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer, evaluates, is_measured
from tests.unit.plain import rows, sequential

SMALL = {"dataset": "digits", "depth": 3, "width": 12}
#: Weights of N(0, 1) and an enormous learning rate: the second pass overflows.
BURSTING: dict[str, Any] = {
    "activation": "relu",
    "init": "unit",
    "lr": 100.0,
    "depth": 10,
    "width": 50,
}
CALM: dict[str, Any] = {"activation": "sigmoid", "init": "xavier", "lr": 0.1}


def config(*others: dict, steps: int = 10_000, **lane: Any) -> RunConfig:
    return parse({"lane": {**SMALL, **lane}, "others": others, "steps": steps})


def last_frame(trainer: Trainer, steps: int) -> Frame:
    for _ in range(steps - 1):
        trainer.step(False)
    frame = trainer.step(True)
    assert frame is not None
    return frame


def test_schedule_of_evaluations():
    first, hundreds = [*range(10, 101, 10)], [*range(200, 1001, 100)]
    assert [s for s in range(1, 2501) if evaluates(s)] == [*first, *hundreds, 1500, 2000, 2500]
    assert evaluates(0)


def test_schedule_of_milestones():
    found = [step for step in range(100_001) if is_milestone(step)]
    decades = [n * 10**e for e in (1, 2, 3, 4) for n in (1, 2, 5)]
    assert found == [*range(10), *decades, 100_000]


def test_frames_come_when_asked_for_and_at_the_steps_that_are_always_measured():
    trainer = Trainer(config(steps=123))
    got = [frame.step for _ in range(123) if (frame := trainer.step(False)) is not None]
    assert got == [step for step in range(1, 124) if is_measured(step) or step == 123]
    assert got == [*range(1, 11), *range(20, 101, 10), 123]
    trainer = Trainer(config(steps=30))
    assert [trainer.step(True).step for _ in range(30)] == list(range(1, 31))  # pyright: ignore


def test_a_run_is_finished_after_its_steps():
    trainer = Trainer(config(steps=3))
    for step in range(3):
        assert not trainer.finished
        assert trainer.step_count == step
        trainer.step(False)
    assert trainer.finished


def test_held_out_values_are_there_where_they_were_evaluated():
    trainer = Trainer(config({"norm": "batch"}))
    frames = [trainer.frame(), *(trainer.step(True) for _ in range(30))]
    for frame in frames:
        assert frame is not None
        for lane in frame.lanes:
            seen = [not np.isnan(lane[name]) for name in lane if name.startswith("heldout")]
            assert seen == [evaluates(frame.step)] * 4


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_frame_shows_the_network_before_its_minibatch_changes_it(norm: str):
    trainer = Trainer(config(norm=norm))
    for step in range(5):
        frame = trainer.step(True) if step else trainer.frame()
        lane = trainer.lanes[0]
        batch = rows(lane.config, len(lane.data.y), step)
        x, y = torch.from_numpy(lane.data.x)[batch], torch.from_numpy(lane.data.y)[batch]
        loss = cross_entropy(sequential(lane.config, lane.model)(x), y).item()
        assert frame is not None
        assert frame.lanes[0]["loss"] == pytest.approx(loss, rel=1e-5)


def test_every_frame_fits_the_schema():
    for run in (
        config(),
        config({"norm": "batch", "place": "after", "activation": "relu"}, {"depth": 1}),
    ):
        trainer = Trainer(run)
        known = trainer.schema
        frame = trainer.frame()
        for index, lane in enumerate(frame.lanes):
            assert {p.field.name for p in known.fields if p.lane == index} == set(lane)
        assert decode(known, encode(known, frame)).frame.step == 0
        json.dumps(known.to_json(), allow_nan=False)


def test_a_schema_says_what_its_lanes_are():
    lanes = Trainer(config({"norm": "batch"}, depth=2)).schema.lanes
    assert [(lane.name, lane.layers) for lane in lanes] == [("A", 2), ("B", 2)]
    assert [lane.title for lane in lanes] == ["Normalization: none", "Normalization: Batch"]
    assert lanes[0].saturation == "sigmoid outside [0.05, 0.95]"


def test_a_lane_that_bursts_is_named():
    trainer = Trainer(config(**BURSTING))
    trainer.frame()
    assert not trainer.finished
    assert trainer.step(True) is None
    assert trainer.finished
    (divergence,) = trainer.divergences
    assert divergence["lane"] == 0
    assert divergence["step"] == 1
    assert 1 <= divergence["layer"] <= 11
    assert divergence["reason"] in {"pre-activation_overflow", "logits_overflow"}
    assert divergence["value"] in {"nan", "inf"}


@pytest.mark.parametrize(
    ("layer", "reason"),
    [(1, "pre-activation_overflow"), (3, "pre-activation_overflow"), (4, "logits_overflow")],
)
def test_the_first_layer_that_overflows_is_named(layer: int, reason: str):
    lane = Lane(config(activation="relu", init="he").lane)
    with torch.no_grad():
        lane.model.linears()[layer - 1].weight.fill_(3e38)
    lane.update(measure=True)
    assert not np.isfinite(lane.pass_loss)
    assert lane.culprit() == (layer, reason)


def test_weights_that_are_not_finite_are_named():
    lane = Lane(config().lane)
    with torch.no_grad():
        lane.model.linears()[1].weight[0, 0] = float("nan")
    lane.update(measure=True)
    assert lane.culprit() == (2, "weights_not_finite")


def test_the_other_lane_goes_on_and_the_last_finite_values_stay():
    trainer = Trainer(config(CALM, **BURSTING))
    first = trainer.frame()
    alone = Trainer(config(**{**BURSTING, **CALM}))
    frame = first
    for _ in range(25):
        frame, other = trainer.step(True), alone.step(True)
        assert frame is not None
        assert other is not None
        assert [lane["alive"] for lane in frame.lanes] == [0, 1]
        check_same({**first.lanes[0], "alive": frame.lanes[0]["alive"]}, frame.lanes[0])
        check_same(other.lanes[0], frame.lanes[1])
        assert [n["rule"] for n in frame.notes if n["lane"] == 0] == ["why.diverged"]
    assert not trainer.finished
    assert [d["lane"] for d in trainer.divergences] == [0]
    encode(trainer.schema, frame)


def check_same(first, second) -> None:
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def test_what_a_diverged_lane_shows_does_not_depend_on_the_frames_asked_for():
    rare, often = (Trainer(config({"norm": "batch"})) for _ in range(2))
    for trainer, measure in ((rare, False), (often, True)):
        for _ in range(14):
            trainer.step(measure)
        with torch.no_grad():
            trainer.lanes[0].model.output.weight[0, 0] = float("nan")
    a, b = rare.step(True), often.step(True)
    assert rare.divergences == often.divergences != []
    assert a is not None
    assert b is not None
    assert encode(rare.schema, a) == encode(often.schema, b)


def test_a_run_whose_lanes_have_all_diverged_is_finished():
    trainer = Trainer(config({"depth": 9}, {"seed": 1}, steps=50, **BURSTING))
    while not trainer.finished:
        trainer.step(False)
    assert trainer.step_count < 50
    assert {d["lane"] for d in trainer.divergences} == {0, 1, 2}
    frame = trainer.frame()
    assert [lane["alive"] for lane in frame.lanes] == [0, 0, 0]
    encode(trainer.schema, frame)


def test_a_network_that_overflows_at_once_never_starts():
    trainer = Trainer(config(activation="relu", init="unit", depth=30, width=512))
    assert trainer.finished
    assert trainer.divergences[0]["step"] == 0
    (lane,) = trainer.frame().lanes
    assert lane["alive"] == 0
    assert np.isnan(lane["pre_mean"]).all()
    encode(trainer.schema, trainer.frame())


def test_lanes_do_not_influence_each_other():
    together = Trainer(config({"norm": "batch"}, {"norm": "layer", "optimizer": "adam"}))
    lanes = together.config.lanes()
    frame = last_frame(together, 15)
    for index, lane in enumerate(lanes):
        alone = last_frame(Trainer(RunConfig(lane=lane)), 15)
        check_same(alone.lanes[0], frame.lanes[index])


@pytest.mark.parametrize("depth", [16, 22, 27])
def test_a_finite_pass_of_enormous_numbers_can_be_shown(depth: int):
    trainer = Trainer(config(activation="relu", init="unit", depth=depth, width=512))
    frame = trainer.frame()
    (lane,) = decode(trainer.schema, encode(trainer.schema, frame)).frame.lanes
    assert lane["alive"] == 1
    assert lane["loss"] > 1e18
    assert np.isfinite(lane["pre_std"]).all()
    assert lane["pre_std"][-1] > 1e18


@pytest.mark.parametrize("model", catalog.MODELS)
def test_nothing_of_a_run_is_left_when_nobody_wants_it_any_more(model: str):
    """No reference cycles: workers train one run after another, and the collector seldom comes by."""
    run = config({"norm": "batch"}, model=model)
    Trainer(run).step(True)  # what is loaded the first time may stay
    trainer = Trainer(run)
    trainer.step(True)
    left = weakref.ref(trainer), weakref.ref(trainer.lanes[0].model)
    gc.disable()
    del trainer
    gc.enable()
    assert [each() for each in left] == [None, None]
