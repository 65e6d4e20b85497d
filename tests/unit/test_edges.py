"""Where a statistic is undefined or zero: the run goes on or ends with a named notice, and the screen says why."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import normviz
from normviz import catalog
from normviz.catalog import Choice
from normviz.config import RunConfig, parse
from normviz.data.dataset import Dataset
from normviz.frames import Frame, encode
from normviz.train.edges import SQUARABLE, divisions_by_zero
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer

WORDS = (Path(normviz.__file__).parent / "charts/live/words.js").read_text(encoding="utf-8")
TINY = {"dataset": "digits", "depth": 2, "width": 8, "blocks": 2, "channels": 4, "batch_size": 30}
EDGES: dict[str, dict[str, Any]] = {
    "one example": {"batch_size": 1},
    "constant features": {"dataset": "silent"},
    "eps 0": {"eps": 0.0},
    "zero weights": {"init": "zeros"},
    "one example, eps 0": {"batch_size": 1, "eps": 0.0},
    "zero weights, eps 0": {"init": "zeros", "eps": 0.0},
    "constant features, eps 0": {"dataset": "silent", "eps": 0.0},
}
DIVIDING = ("batch", "layer", "group", "instance", "rms", "renorm", "noisy")
OVER_BATCH = ("batch", "renorm", "noisy")
#: Pre-activations of about 0.3, divided by the root of 1e-5, in float32.
ROUNDING = 0.3 / 1e-5**0.5 * 2**-22


def silent() -> Dataset:
    """Images that are all alike: one third everywhere."""
    digits = catalog.DATASETS["digits"].load()()
    x, heldout = (np.full_like(part, 1 / 3) for part in (digits.x, digits.heldout_x))
    return replace(digits, x=x, heldout_x=heldout)


def without_threes() -> Dataset:
    digits = catalog.DATASETS["digits"].load()()
    kept = digits.y != 3
    return replace(digits, x=digits.x[kept], y=digits.y[kept])


@pytest.fixture(autouse=True)
def datasets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("silent", "without_threes"):
        made = Choice(name, "", f"{name}.", f"tests.unit.test_edges:{name}")
        monkeypatch.setitem(catalog.DATASETS, name, made)


def config(**lane: Any) -> RunConfig:
    return parse({"lane": {**TINY, **lane}})


def frames(trainer: Trainer, steps: int = 20) -> Iterator[Frame]:
    """The frames of a run that is measured in every step, as long as it lives."""
    yield trainer.frame()
    for _ in range(steps):
        if trainer.finished:
            return
        frame = trainer.step(True)
        if frame is not None:
            yield frame


def rules(frame: Frame) -> dict[str, dict[str, float]]:
    return {note["rule"]: note["values"] for note in frame.notes}


@cache
def template(key: str) -> str:
    (found,) = re.findall(rf'^  "{re.escape(key)}": "(.*)",$', WORDS, re.MULTILINE)
    return found


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize(
    ("norm", "model"),
    [
        *((norm, "mlp") for norm in catalog.NORMS),
        *((norm, model) for norm in DIVIDING for model in ("convnet", "rnn")),
    ],
)
def test_a_run_takes_20_steps_or_ends_with_a_notice(norm: str, edge: str, model: str):
    trainer = Trainer(config(norm=norm, model=model, **EDGES[edge]))
    for frame in frames(trainer):
        encode(trainer.schema, frame)
        json.dumps(frame.notes, allow_nan=False)
        for note in frame.notes:
            named = set(re.findall(r"\{(\w+)\}", template(f"says.{note['rule']}")))
            assert named - {"span"} <= set(note["values"])
            assert "span" not in named or {"first", "last"} <= set(note["values"])
    assert trainer.step_count == 20 or trainer.divergences
    for divergence in trainer.divergences:
        assert EDGES[edge].get("eps") == 0.0
        assert norm in DIVIDING
        assert template(f"reason.{divergence['reason']}")


@pytest.mark.parametrize("statistics", ["running", "population"])
@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("norm", OVER_BATCH)
def test_a_minibatch_of_one_is_explained(norm: str, place: str, statistics: str):
    run = config(norm=norm, place=place, statistics=statistics, batch_size=1)
    rule = "one_example_renorm" if norm == "renorm" else "one_example"
    for frame in frames(Trainer(run), 5):
        assert rules(frame)[rule] == {"first": 1, "last": 2}
        assert "constant" not in rules(frame)
        assert frame.notes[0]["rule"] == rule
    assert not {"one_example", "one_value"} & set(rules(Trainer(config(norm=norm)).frame()))


def test_one_example_of_batch_norm_gives_beta_and_no_gradient_below():
    lane = Lane(config(norm="batch", batch_size=1).lane)
    measured = lane.measured(None)
    for pre in measured.tape.pre:
        torch.testing.assert_close(pre, torch.zeros_like(pre), rtol=0, atol=ROUNDING)
    for gradient in measured.weight_grads[:-1]:
        assert gradient.abs().max() < ROUNDING
    assert measured.weight_grads[-1].any()


def test_one_example_with_positions_has_a_variance():
    frame = Trainer(config(model="convnet", norm="batch", batch_size=1)).frame()
    assert "one_example" not in rules(frame)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"norm": "instance"}, True),
        ({"norm": "group", "groups": 8}, True),
        ({"norm": "group", "groups": 4}, False),
        ({"norm": "layer"}, False),
        ({"norm": "instance", "model": "convnet"}, False),
        ({"norm": "none", "batch_size": 1}, False),
        ({"norm": "weight", "batch_size": 1}, False),
    ],
)
def test_a_unit_that_is_its_own_statistic_is_explained(changes: dict[str, Any], said: bool):
    found = rules(Trainer(config(**changes)).frame())
    assert ("one_value" in found) == said
    if said:
        assert found["one_value"] == {"first": 1, "last": 2}


@pytest.mark.parametrize("norm", ["none", "batch", "layer", "rms"])
def test_equal_pre_activations_are_explained(norm: str):
    trainer = Trainer(config(norm=norm, init="zeros"))
    assert rules(trainer.frame())["constant"] == {"first": 1, "last": 2}
    assert "constant" not in rules(Trainer(config(norm=norm)).frame())


@pytest.mark.parametrize(
    ("changes", "layer"),
    [
        ({"norm": "renorm", "init": "zeros"}, 1),
        ({"norm": "renorm", "batch_size": 1}, 1),
        ({"norm": "layer", "init": "zeros"}, 1),
        ({"norm": "layer", "init": "zeros", "place": "after"}, 1),
        ({"norm": "rms", "init": "zeros"}, 1),
        ({"norm": "instance"}, 1),
        ({"norm": "group", "groups": 8}, 1),
        ({"norm": "renorm", "init": "zeros", "model": "rnn"}, 1),
        ({"norm": "layer", "init": "zeros", "model": "rnn"}, 1),
        ({"norm": "layer", "init": "zeros", "model": "convnet"}, 1),
    ],
)
def test_a_division_by_zero_is_named_with_its_layer(changes: dict[str, Any], layer: int):
    trainer = Trainer(config(eps=0.0, **changes))
    (divergence,) = trainer.divergences
    assert divergence["reason"] == "normalized_by_zero"
    assert (divergence["step"], divergence["layer"], divergence["value"]) == (0, layer, "nan")


@pytest.mark.parametrize("norm", ["batch", "noisy"])
@pytest.mark.parametrize("edge", [{"batch_size": 1}, {"init": "zeros"}])
def test_batch_norm_gives_beta_where_both_variance_and_epsilon_are_0(norm: str, edge: dict):
    """As torch has it, which takes 1/0 as 0 there, with positions and without."""
    trainer = Trainer(config(norm=norm, eps=0.0, **edge))
    found = [rules(frame) for frame in frames(trainer)]
    assert not trainer.divergences
    if "batch_size" in edge:
        assert all("one_example" in each for each in found)
    else:  # the noise behind it makes the units differ
        assert ("constant" in found[0]) == (norm == "batch")
    for shape in ((1, 8), (30, 8), (30, 8, 2, 3)):
        layer = catalog.NORMS[norm].load()(8, True, 0.0)
        layer.beta.data.fill_(0.25)
        layer.tracking = False
        x = torch.full(shape, 3.0, requires_grad=True)
        torch.testing.assert_close(layer(x), torch.full(shape, 0.25))
        (gradient,) = torch.autograd.grad(layer(x).sum(), x)
        assert not gradient.any()


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("layer", [2, 4])
def test_the_layer_is_the_one_that_divides(layer: int, place: str):
    lane = Lane(config(norm="layer", eps=0.0, depth=4, place=place, activation="tanh").lane)
    assert np.isfinite(lane.pass_loss)
    lane.model.linears()[layer - 1].weight.data.zero_()
    lane.model.linears()[layer - 1].bias.data.zero_()
    lane._pass(True)
    assert not np.isfinite(lane.pass_loss)
    assert lane.culprit() == (layer, "normalized_by_zero")


@pytest.mark.parametrize("norm", DIVIDING)
def test_an_overflow_is_not_taken_for_a_division_by_zero(norm: str):
    lane = Lane(config(norm=norm, model="convnet", eps=0.0, depth=3, activation="relu").lane)
    with torch.no_grad(), divisions_by_zero(lane.model) as found:
        for value in (SQUARABLE * 1e18, float("nan"), float("inf")):
            lane.model.linears()[1].weight.fill_(value)
            lane.model(torch.ones(3, 64))
    assert found == []


def test_without_anything_odd_nothing_is_collected_and_no_hook_stays():
    lane = Lane(config(norm="batch").lane)
    found: list[int] = []

    def interrupted():
        with divisions_by_zero(lane.model) as divided:
            lane.model(torch.ones(3, 64))
            found.extend(divided)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert found == []
    assert not any(module._forward_hooks for module in lane.model.modules())


@pytest.mark.parametrize("order", catalog.ORDERS)
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_a_class_without_training_examples_is_explained(norm: str, order: str):
    trainer = Trainer(config(dataset="without_threes", norm=norm, order=order))
    for frame in frames(trainer, 5):
        assert rules(frame)["empty_class"] == {"missing": 1, "classes": 10}
        encode(trainer.schema, frame)
    assert not trainer.divergences
    assert "empty_class" not in rules(Trainer(config()).frame())


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"order": "sorted"}, "one_class"),
        ({"order": "sorted", "norm": "layer"}, "one_class"),
        ({"order": "sorted", "norm": "batch"}, "one_class_batch"),
        ({"order": "sorted", "batch_size": 1, "norm": "batch"}, None),
        ({"norm": "batch"}, None),
        ({"batch_size": 1}, None),
    ],
)
def test_a_minibatch_of_one_class_is_explained(changes: dict[str, Any], rule: str | None):
    found = set(rules(Trainer(config(**changes)).frame())) & {"one_class", "one_class_batch"}
    assert found == ({rule} if rule else set())


@pytest.mark.parametrize("norm", ["batch", "noisy"])
def test_statistics_of_eval_mode_that_divide_by_zero_are_explained(norm: str):
    """A constant unit's running variance is 0 at once with momentum 1."""
    run = config(norm=norm, eps=0.0, momentum=1.0, init="zeros", lr=1e-6)
    frame = [*frames(Trainer(run), 10)][-1]
    assert "undefined" in rules(frame)
    (lane,) = frame.lanes
    assert np.isnan([lane["heldout_loss"], lane["heldout_accuracy"]]).all()
    assert np.isfinite(lane["heldout_batch_loss"])
