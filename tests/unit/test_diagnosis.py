"""Each rule speaks in the case it was made for, and is silent in healthy networks and just beside its threshold."""

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from normviz.config import Intervention, LaneConfig, RunConfig
from normviz.diagnosis import DIVERGED, RULES, Case, Doctor
from normviz.diagnosis.rate import Losses
from normviz.diagnosis.units import dead_limit
from normviz.frames import Frame, encode
from normviz.nn.activations import RELU, TANH
from normviz.probe import measure
from normviz.train.trainer import Trainer
from tests.unit.passes import KINDS, made_up

ROOT = Path(__file__).resolve().parents[2]
SMALL: dict[str, Any] = {"dataset": "digits", "width": 50, "batch_size": 50, "meter": "off"}
SEEDS = [0, 1, 2]
NAMES = [rule.name for rule in RULES]
Findings = dict[str, dict[str, Any]]

HEALTHY: dict[str, dict[str, Any]] = {
    "batch": {"norm": "batch"},
    "relu-he": {"activation": "relu", "init": "he"},
    "relu-he-batch": {"activation": "relu", "init": "he", "norm": "batch"},
    "tanh-xavier": {"activation": "tanh"},
    "layer": {"activation": "tanh", "norm": "layer"},
    "adam": {"activation": "relu", "init": "he", "optimizer": "adam", "lr": 1e-3},
    "convnet": {"model": "convnet", "activation": "relu", "init": "he", "norm": "batch"},
    "rnn-batch": {"model": "rnn", "activation": "tanh", "norm": "batch"},
    "rnn-layer": {"model": "rnn", "activation": "tanh", "norm": "layer"},
}
#: What a rule was made for: the rule, the network, and after how many steps it is looked at.
SICK: dict[str, tuple[str, dict[str, Any], int]] = {
    "sigmoid": ("vanishing", {}, 20),
    "small": ("vanishing", {"activation": "tanh", "init": "small"}, 20),
    "relu-xavier-deep": ("vanishing", {"activation": "relu", "depth": 40}, 5),
    "unit": ("exploding", {"activation": "tanh", "init": "unit"}, 5),
    "batch-relu-deep": (
        "exploding",
        {"activation": "relu", "init": "he", "norm": "batch", "depth": 40},
        5,
    ),
    "saturated-at-once": ("saturated", {"activation": "tanh", "init": "unit"}, 20),
    "saturated-by-steps": ("saturated", {"activation": "tanh", "lr": 2.0}, 20),
    "dead": ("dead", {"activation": "relu", "init": "he", "lr": 1.0}, 50),
    "zeros": ("symmetric", {"init": "zeros", "norm": "batch"}, 20),
    "constant": ("symmetric", {"init": "constant", "activation": "tanh"}, 20),
    "zeros-convnet": ("symmetric", {"model": "convnet", "init": "zeros", "norm": "layer"}, 5),
    "constant-rnn": ("symmetric", {"model": "rnn", "init": "constant", "activation": "tanh"}, 5),
    "constant-units": ("constant", {}, 20),
    "one-example": ("lone", {"norm": "batch", "batch_size": 1, "lr": 0.01}, 5),
    "one-example-renorm": ("lone", {"norm": "renorm", "batch_size": 1, "lr": 0.01}, 5),
    "one-example-noisy": ("lone", {"norm": "noisy", "batch_size": 1, "lr": 0.01}, 5),
    "too-fast": ("rate", {"activation": "tanh", "lr": 2.0}, 20),
    "too-fast-batch": ("rate", {"norm": "batch", "lr": 20.0}, 20),
    "slow-averages": ("lagging", {"norm": "batch", "momentum": 0.003}, 100),
    "burst": ("diverged", {"activation": "relu", "init": "unit"}, 20),
    "burst-by-steps": ("diverged", {"activation": "relu", "init": "he", "lr": 2.0}, 20),
    "divided-by-zero": ("diverged", {"norm": "layer", "eps": 0.0, "init": "zeros"}, 20),
}


def spoken(frame: Frame | None, lane: int = 0) -> Findings:
    """What is found in a frame, by rule."""
    notes = [] if frame is None else frame.notes
    return {
        n["rule"].removeprefix("why."): n["values"]
        for n in notes
        if n["lane"] == lane and n["rule"].startswith("why.")
    }


def seen(steps: int, until: str = "", **lane: Any) -> Findings:
    """Everything that is found in a run of so many steps, as it is found first; or up to one rule."""
    trainer, found = Trainer(RunConfig(lane=LaneConfig(**lane), steps=steps)), Findings()
    frame = trainer.frame()
    while True:
        found = {**spoken(frame), **found}
        if trainer.finished or until in found:
            return {**spoken(trainer.frame()), **found} if trainer.finished else found
        frame = trainer.step(measure=False)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_is_found_in_a_healthy_network(name: str, seed: int):
    assert seen(100, **{**SMALL, **HEALTHY[name]}, seed=seed) == {}


@pytest.mark.parametrize("norm", ["noisy", "renorm", "group", "rms"])
def test_nor_with_other_normalizations(norm: str):
    assert seen(30, **SMALL, activation="tanh", norm=norm) == {}


def test_nor_in_the_default_network_with_batch_norm():
    assert seen(20, norm="batch") == {}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SICK)
def test_each_rule_finds_what_it_was_made_for(name: str, seed: int):
    rule, sick, steps = SICK[name]
    found = seen(steps, until=rule, **{**SMALL, **sick}, seed=seed)[rule]
    assert 0 <= found["step"] <= steps
    assert found["named"]


@pytest.mark.parametrize("name", SICK)
def test_the_rule_falls_silent_with_what_it_proposes(name: str):
    rule, sick, steps = SICK[name]
    lane = {**SMALL, **sick}
    better = {**lane, **seen(steps, until=rule, **lane)[rule]["try"]}
    assert better != lane
    assert rule not in seen(steps, **better)


def test_where_and_since_when_and_by_how_much():
    found = seen(20, **SMALL)
    vanishing, constant = found["vanishing"], found["constant"]
    assert list(found) == ["vanishing", "constant"]
    assert (vanishing["first"], vanishing["step"]) == (1, 0)
    assert vanishing["value"] < vanishing["threshold"] == 0.01
    assert constant["last"] == 10
    assert constant["value"] == 1.0
    late = seen(20, **SMALL, activation="tanh", lr=2.0)
    assert late["saturated"]["step"] > 0
    assert late["rate"]["step"] >= 4
    assert late["rate"]["value"] > 2


# -- rules by themselves --------------------------------------------------------------------------------------------

LAYERS = 4
CALM = {
    "grad_std": np.ones(LAYERS),
    "saturated": np.zeros(LAYERS),
    "dead": np.zeros(LAYERS),
    "constant_units": np.zeros(LAYERS),
    "pre_mean": np.zeros(LAYERS),
    "pre_std": np.ones(LAYERS),
}
CASE = Case(CALM, LaneConfig(norm="batch"), TANH, 10, 100, (0.1, 0.1))


def told(case: Case = CASE, **values: Any) -> dict[str, tuple[float, int, int]]:
    """What the rules find in a made-up case: value, first and last layer."""
    changed = {name: np.array(value, np.float32) for name, value in values.items()}
    case = replace(case, values={**case.values, **changed})
    found = Doctor(RULES, case.config, 2.3, case.classes).findings(case, kept=False)
    return {f.rule.name: (f.found.value, f.found.first, f.found.last) for f in found}


def test_a_calm_lane_is_well():
    assert told() == {}


@pytest.mark.parametrize(
    ("std", "rule"),
    [
        ([0.009, 0.1, 1, 1], "vanishing"),
        ([0.011, 0.001, 1, 1], None),
        ([0.0, 0.0, 0.0, 1], "vanishing"),
        ([101, 1, 1, 1], "exploding"),
        ([99, 1, 1, 1], None),
        ([0.0] * 4, None),
        ([math.nan] * 4, None),
        ([math.inf, 1, 1, 1], None),
        ([0.005, 1, 1, 0], "vanishing"),  # compared with the last that has a gradient
    ],
)
def test_gradients(std: list[float], rule: str | None):
    assert list(told(grad_std=std)) == ([rule] if rule else [])


def test_time_steps_without_input_are_not_where_gradients_vanish():
    rnn = replace(CASE, config=LaneConfig(model="rnn", activation="tanh"))
    small, empty = [0.001, 0.02, 1, 1], [1, 0, 0, 0]
    assert told(rnn, grad_std=small) == {"vanishing": (pytest.approx(0.001), 1, 1)}
    assert told(rnn, grad_std=small, constant_units=empty) == {}
    found = told(rnn, grad_std=[0.001, 0.002, 1, 1], constant_units=empty)
    assert found == {"vanishing": (pytest.approx(0.002), 2, 2)}


def proposed(case: Case, rule: str, began: int = 0) -> dict[str, Any]:
    return next(r for r in RULES if r.name == rule).treat(case, began)


def of(**lane: Any) -> Case:
    config = LaneConfig(**lane)
    return replace(CASE, config=config, activation=TANH)


def test_what_is_proposed():
    assert proposed(of(activation="tanh"), "vanishing") == {"norm": "batch"}
    assert proposed(of(activation="tanh", batch_size=4), "vanishing") == {"norm": "layer"}
    assert proposed(of(activation="tanh"), "vanishing", 5) == {"lr": 0.01}
    assert proposed(of(activation="tanh", init="small"), "vanishing", 5) == {"init": "xavier"}
    assert proposed(of(activation="tanh", gain=3.0), "saturated") == {"init": "xavier", "gain": 1.0}
    assert proposed(of(activation="tanh", norm="batch", batch_size=2), "exploding") == {
        "norm": "layer"
    }
    assert proposed(of(activation="tanh", norm="batch", depth=9), "exploding") == {"depth": 4}
    assert proposed(of(activation="tanh", model="rnn"), "vanishing", 5) == {"init": "orthogonal"}
    assert proposed(of(activation="tanh", model="rnn", norm="layer"), "exploding") == {
        "norm": "none"
    }
    assert proposed(of(norm="batch", order="sorted"), "lagging") == {"order": "shuffled"}
    assert proposed(of(norm="batch"), "lagging") == {"statistics": "population"}
    assert proposed(of(norm="renorm"), "lagging") == {"norm": "layer"}
    assert proposed(of(lr=1e-6), "rate") == {}
    assert proposed(of(activation="relu", init="he"), "dead") == {"activation": "leaky_relu"}


def test_one_layer_has_nothing_to_vanish_from():
    values = {name: value[:1] for name, value in CALM.items()}
    assert told(replace(CASE, values={**values, "grad_std": np.zeros(1)})) == {}


def test_shares():
    share = [0.4, 0.51, 0.9, 0.5]
    assert told(saturated=share) == {"saturated": (pytest.approx(0.9), 2, 3)}
    assert told(saturated=[0.5] * 4) == {}
    assert told(replace(CASE, heldout=(0.56, 0.1)), saturated=share) == {}
    relu = replace(CASE, activation=RELU, config=LaneConfig(activation="relu", init="he"))
    assert told(relu, saturated=share) == {}
    assert told(relu, dead=[0, 0.60, 0.61, 0.2]) == {"dead": (pytest.approx(0.61), 3, 3)}
    few = replace(relu, config=LaneConfig(activation="relu", init="he", batch_size=9))
    assert told(few, dead=[1.0] * 4) == {}
    assert told(dead=[1.0] * 4) == {}
    assert dead_limit(4) == 0.99
    assert 0.60 < dead_limit(200) < 0.61


def test_constant_units_are_told_where_the_pooled_values_differ():
    assert told(constant_units=[0, 0.5, 0.51, 1]) == {"constant": (1.0, 3, 4)}
    assert told(constant_units=[1] * 4, pre_std=[0] * 4) == {}
    assert told(constant_units=[math.nan] * 4) == {}
    rnn = replace(CASE, config=LaneConfig(model="rnn", norm="batch"))
    assert told(rnn, constant_units=[1, 1, 1, 0]) == {}
    assert told(rnn, constant_units=[0, 0, 1, 1]) == {"constant": (1.0, 3, 4)}


def test_lagging_averages():
    assert told(replace(CASE, heldout=(0.5, 0.61))) == {"lagging": (pytest.approx(0.11), 0, 0)}
    assert told(replace(CASE, heldout=(0.5, 0.59))) == {}
    assert told(replace(CASE, heldout=(0.1, 0.9), step=99)) == {}
    assert told(replace(CASE, heldout=(math.nan, 0.9))) == {}


def test_what_follows_from_another_finding_is_not_told():
    lone = replace(CASE, lone=(1, 4), heldout=(0.1, 0.5))
    assert told(lone, grad_std=[0, 0, 0, 1], saturated=[1] * 4) == {"lone": (1.0, 1, 4)}
    alike = replace(CASE, differences=(1.0, 0.0, 1e-5, 1.0))
    found = told(alike, grad_std=[0, 0, 0, 1], constant_units=[1] * 4)
    assert found == {"symmetric": (1e-5, 2, 3)}
    assert told(replace(CASE, differences=(1e-3, 1.0))) == {}


def test_the_loss_of_every_step_is_followed():
    losses = Losses(3.0, 10)
    for step, loss in enumerate([3.0, 9.0, 9.0, 2.0, 3.0, 2.0, 7.0, 2.0]):
        assert losses.risen is None  # never three of five steps in a row above 6
        losses.add(step, loss)
    losses.add(8, 7.0)
    assert losses.risen is None
    losses.add(9, 7.0)
    assert losses.risen == (9, 7 / 3)
    for step in range(10, 13):
        losses.add(step, 12.0)
    assert losses.risen == (9, 4.0)
    for step in range(13, 20):
        losses.add(step, 2.2)
    assert losses.risen == (9, 4.0)  # at chance level it has not recovered
    for step in range(20, 23):
        losses.add(step, 2.0)
    assert losses.risen is None


def test_a_low_first_loss_is_not_what_is_compared_with():
    losses = Losses(0.01, 10)
    for step in range(10):
        losses.add(step, 4.6)
    assert losses.risen is None
    for step in range(10):
        losses.add(step, 4.7)
    assert losses.risen is not None


# -- in a run -------------------------------------------------------------------------------------------------------


def test_what_is_said_does_not_depend_on_the_frames_asked_for():
    lane = LaneConfig(**SMALL, activation="tanh", lr=2.0)
    rare, often = (Trainer(RunConfig(lane=lane, steps=40)) for _ in range(2))
    for _ in range(33):
        rare.step(measure=False)
        often.step(measure=True)
    a, b = rare.step(measure=True), often.step(measure=True)
    assert a is not None
    assert b is not None
    assert spoken(a)
    assert a.notes == b.notes
    assert encode(rare.schema, a) == encode(often.schema, b)


def test_a_lane_that_has_diverged_says_so_beside_one_that_goes_on():
    lane = LaneConfig(**SMALL, activation="relu", init="unit")
    trainer = Trainer(RunConfig.model_validate({"lane": lane, "others": [{"init": "he"}]}))
    frame = [trainer.step(measure=True) for _ in range(5)][-1]
    (gone,) = trainer.divergences
    assert spoken(frame) == {"diverged": {k: v for k, v in gone.items() if k != "lane"}}
    assert gone["try"] == {"init": "he"}
    assert spoken(frame, 1) == {}


def test_a_lane_is_judged_by_what_it_has_become():
    turns = (Intervention.model_validate({"lane": 0, "at": 20, "changes": {"lr": 2.0}}),)
    lane = LaneConfig(**SMALL, activation="tanh")
    trainer = Trainer(RunConfig(lane=lane, interventions=turns, steps=60))
    frames = [trainer.step(measure=False) for _ in range(60)]
    early, late = (frame for frame in frames if frame and frame.step in (20, 60))
    assert spoken(early) == {}
    found = spoken(late)
    assert {"rate", "saturated"} <= set(found)
    assert found["rate"]["try"] == {"lr": 0.2}
    assert 20 < found["rate"]["step"] < 60


# -- constant units -------------------------------------------------------------------------------------------------


def constant_units(layers: list[Tensor], kind: str) -> list[float]:
    """The share of constant units of layers with these pre-activations."""
    pass_ = made_up(KINDS[kind], [tuple(layer.shape) for layer in layers])
    pass_.tape.pre = [layer.requires_grad_() for layer in layers]
    for pre in pass_.tape.pre:
        pre.grad = torch.ones_like(pre)
    return measure(pass_)["constant_units"].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_the_share_of_constant_units(kind: str):
    rng = torch.Generator().manual_seed(0)
    means, noise = torch.randn(8, generator=rng), torch.randn(20, 8, generator=rng)
    scale = torch.tensor([1.0, 1, 1e-5, 1e-8, 0, 1, 1, 1])
    flat = means + scale * noise
    maps = flat[:, :, None, None] + torch.zeros(20, 8, 3, 3)
    along = means[:, None] + scale[:, None] * torch.randn(1, 8, 30, generator=rng)
    assert constant_units([flat], kind) == [3 / 8]
    assert constant_units([maps], kind) == [3 / 8]
    assert constant_units([along], kind) == [3 / 8]
    assert constant_units([flat * 1e-20], kind) == [3 / 8]
    assert constant_units([torch.full((20, 8), 0.1)], kind) == [1.0]
    assert all(map(math.isnan, constant_units([flat[:1], flat[:0]], kind)))


# -- the documentation ----------------------------------------------------------------------------------------------

ALL = {rule.name: rule for rule in (DIVERGED, *RULES)}


def test_the_documented_rules_are_those_of_the_code():
    page = (ROOT / "docs" / "diagnosis.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    written = [[row[0].strip("`"), *row[1:]] for row in rows]
    assert written == [[r.name, r.measures, r.limit, r.source, r.remedy] for r in ALL.values()]


@pytest.mark.parametrize("name", ALL)
def test_every_rule_has_words_and_its_source_on_the_screen(name: str):
    words = (ROOT / "normviz" / "charts" / "live" / "words.js").read_text(encoding="utf-8")
    (source,) = re.findall(rf'^  "why\.{name}\.source": "(.*)",$', words, re.MULTILINE)
    (says,) = re.findall(rf'^  "says\.why\.{name}": "(.*)",$', words, re.MULTILINE)
    assert source == ALL[name].source
    assert "{value}" in says
    assert "{threshold}" in says or name == "diverged"


def test_every_rule_hides_rules_that_there_are():
    assert len(set(NAMES)) == len(NAMES)
    assert {hidden for rule in RULES for hidden in rule.hides} < set(NAMES)
