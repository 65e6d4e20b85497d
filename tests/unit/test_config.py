"""The configuration: defaults, what is refused and how it is named, keys, titles, and new choices."""

import math
from typing import Any

import pytest
import torch

from normviz import catalog
from normviz.catalog import Choice
from normviz.config import (
    CHOICES,
    ConfigError,
    LaneConfig,
    RunConfig,
    bounds,
    describe,
    from_link,
    limits,
    parse,
    to_link,
)
from normviz.nn.norms.base import Norm
from normviz.train.trainer import Trainer

NORMS = "one of " + ", ".join(catalog.NORMS)
DEPTH = "a whole number from 1 to 100"
LR = "a number from 1e-06 to 100"
FIELDS = "no such field; the fields are dataset, "


def test_defaults_are_the_seed_network():
    assert RunConfig().lanes() == (
        LaneConfig(
            dataset="mnist",
            preprocessing="raw",
            depth=10,
            width=200,
            activation="sigmoid",
            init="xavier",
            norm="none",
            optimizer="sgd",
            lr=0.1,
            batch_size=200,
            seed=0,
        ),
    )


BAD_LINKS = [
    ("depth", "0", DEPTH),
    ("depth", "101", DEPTH),
    ("depth", "1e1", DEPTH),
    ("depth", "4.5", DEPTH),
    ("depth", "", DEPTH),
    ("depth", "nan", DEPTH),
    ("depth", "ten", DEPTH),
    ("depth", "\ud800", DEPTH),
    ("width", "3", "a whole number from 4 to 512"),
    ("width", "1e3", "a whole number from 4 to 512"),
    ("batch_size", "1e3", "a whole number from 1 to 1,000"),
    ("batch_size", "-5", "a whole number from 1 to 1,000"),
    ("seed", "9" * 5000, "a whole number from 0 to 2,147,483,647"),
    ("seed", str(2**31), "a whole number from 0 to 2,147,483,647"),
    ("steps", "0", "a whole number from 1 to 100,000"),
    ("steps", "100001", "a whole number from 1 to 100,000"),
    ("lr", "nan", LR),
    ("lr", "inf", LR),
    ("lr", "-inf", LR),
    ("lr", "1e999", LR),
    ("lr", "0", LR),
    ("lr", "100.1", LR),
    ("affine", "maybe", "true or false"),
    ("norm", "None", NORMS),
    ("norm", "Batch", NORMS),
    ("norm", "", NORMS),
    ("norm", "[[{}]]", NORMS),
    ("dataset", "imagenet", "one of " + ", ".join(catalog.DATASETS)),
    ("order", "random", "one of shuffled, sorted, alternating"),
    ("b.norm", "batchnorm", NORMS),
    ("b.depth", "101", DEPTH),
    ("c.lr", "nan", LR),
    ("d.affine", "2", "true or false"),
    ("Depth", "5", FIELDS),
    ("depth ", "5", FIELDS),
    ("a.depth", "5", FIELDS),
    ("e.depth", "5", FIELDS),
    ("b.steps", "5", FIELDS),
    ("b.", "5", FIELDS),
    ("b", "5", FIELDS),
    ("lane", "{}", FIELDS),
    ("others", "[]", FIELDS),
    ("", "5", FIELDS),
    ("b.c.depth", "5", FIELDS),
]


@pytest.mark.parametrize(("field", "value", "allowed"), BAD_LINKS)
def test_a_bad_link_names_field_value_and_allowed(field: str, value: str, allowed: str):
    with pytest.raises(ConfigError) as caught:
        from_link({field: value})
    (problem,) = caught.value.problems
    assert problem.field == (repr(field) if allowed == FIELDS else field)
    shown = repr(value)
    assert problem.value == shown or (len(shown) > 60 and problem.value == shown[:57] + "...")
    assert problem.allowed == allowed or (allowed == FIELDS and problem.allowed.startswith(FIELDS))
    assert str(caught.value) == (
        f"{problem.field}: {problem.value} is not possible; allowed: {problem.allowed}"
    )


BAD_DATA: list[tuple[Any, str]] = [
    (None, "configuration"),
    (5, "configuration"),
    ([], "configuration"),
    ({"lane": 3}, "lane"),
    ({"lane": None}, "lane"),
    ({"lane": {"depth": 1e3}}, "depth"),
    ({"lane": {"depth": 4.5}}, "depth"),
    ({"lane": {"depth": math.nan}}, "depth"),
    ({"lane": {"depth": [[{}]]}}, "depth"),
    ({"lane": {"depth": None}}, "depth"),
    ({"lane": {"seed": 10**5000}}, "seed"),
    ({"lane": {"lr": math.nan}}, "lr"),
    ({"lane": {"lr": -math.inf}}, "lr"),
    ({"lane": {"lr": {}}}, "lr"),
    ({"lane": {"norm": 1}}, "norm"),
    ({"lane": {"norm": ["batch"]}}, "norm"),
    ({"lane": {"dropout": 0.5}}, "dropout"),
    ({"lane": {1: 2}}, "lane.1"),
    ({"others": {"norm": "batch"}}, "others"),
    ({"others": "abc"}, "others"),
    ({"others": [3]}, "b"),
    ({"others": [{"norm": "x"}]}, "b.norm"),
    ({"others": [{"norm": "batch"}, {"depth": 0}]}, "c.depth"),
    ({"others": [{}, {}, {"lr": math.inf}]}, "d.lr"),
    ({"others": [{"speed": 1}]}, "b.speed"),
    ({"others": [{"norm": "batch"}] * 4}, "others"),
    ({"steps": 1e6}, "steps"),
    ({"stops": 5}, "stops"),
]


@pytest.mark.parametrize(("data", "field"), BAD_DATA)
def test_bad_data_names_its_field(data: Any, field: str):
    with pytest.raises(ConfigError) as caught:
        parse(data)
    (problem,) = caught.value.problems
    assert problem.field == field
    assert problem.value
    assert problem.allowed


def test_all_problems_are_named_at_once():
    with pytest.raises(ConfigError) as caught:
        from_link({"depth": "101", "nonsense": "1", "lr": "nan", "c.norm": "x"})
    assert {p.field for p in caught.value.problems} == {"depth", "'nonsense'", "lr", "c.norm"}


def test_an_absent_field_has_its_default():
    assert from_link({}) == RunConfig()
    assert from_link({"depth": "3"}).lane == LaneConfig(depth=3)


def test_a_link_reads_as_it_is_documented():
    config = from_link({"depth": "3", "b.norm": "batch", "b.affine": "false", "steps": "50"})
    assert config == parse(
        {"lane": {"depth": 3}, "others": [{"norm": "batch", "affine": False}], "steps": 50}
    )
    assert to_link(config)["b.affine"] == "false"


def test_lanes_are_lane_a_with_their_changes():
    config = parse({"lane": {"depth": 3}, "others": [{"norm": "batch"}, {"lr": 0.5, "depth": 2}]})
    assert config.lanes() == (
        LaneConfig(depth=3),
        LaneConfig(depth=3, norm="batch"),
        LaneConfig(depth=2, lr=0.5),
    )


def test_a_lane_that_changes_nothing_is_left_out():
    config = parse({"others": [{}, {"norm": "batch"}, {"lr": None}]})
    assert config == parse({"others": [{"norm": "batch"}]})
    assert config.key() == from_link(to_link(config)).key()


def test_titles_name_what_differs():
    config = parse({"others": [{"norm": "batch"}, {"lr": 0.5, "affine": False}]})
    assert config.titles() == (
        "Normalization: none, Learn gamma and beta: on, Learning rate: 0.1",
        "Normalization: Batch, Learn gamma and beta: on, Learning rate: 0.1",
        "Normalization: none, Learn gamma and beta: off, Learning rate: 0.5",
    )
    assert RunConfig().titles() == ("",)


@pytest.mark.parametrize("field", LaneConfig.model_fields)
def test_every_field_can_be_shown_and_explained(field: str):
    info = LaneConfig.model_fields[field]
    assert describe(field, info.default).startswith(f"{info.title}: ")
    assert info.description
    assert "$" in info.description
    assert (field in CHOICES) != bool(limits(field))


def test_limits_are_those_that_are_checked():
    assert bounds("depth") == (1, 100)
    assert bounds("lr") == (1e-6, 100)
    assert limits("nonsense") == ""
    for field in ("depth", "width", "lr", "batch_size", "seed"):
        for edge in bounds(field):
            parse({"lane": {field: edge}})


def test_configurations_are_frozen_and_hashable():
    assert len(set(map(hash, (RunConfig(), RunConfig(), parse({"steps": 5}))))) == 2
    with pytest.raises(ValueError, match="frozen"):
        RunConfig().steps = 5


class Halve(Norm):
    """A normalization nobody needs."""

    def __init__(self, features: int, affine: bool) -> None:
        super().__init__()
        self.features, self.affine = features, affine

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x / 2


def test_a_new_normalization_is_accepted_linked_and_trained(monkeypatch: pytest.MonkeyPatch):
    new = Choice("Halve", "x / 2", "Halves.", f"{__name__}:Halve")
    monkeypatch.setitem(catalog.NORMS, "halve", new)
    link = {"norm": "halve", "dataset": "digits", "depth": "2", "optimizer": "adam", "lr": "0.01"}
    config = from_link({**link, "b.norm": "none"})
    assert from_link(to_link(config)) == config
    assert config.titles()[0] == "Normalization: Halve"
    trainer = Trainer(config)
    halved, plain = trainer.frame().lanes
    assert halved["pre_std"][0] == pytest.approx(plain["pre_std"][0] / 2)
    while trainer.step_count < 40:
        trainer.step(False)
    assert trainer.lanes[0].evaluate().accuracy > 0.5
    with pytest.raises(ConfigError, match=f"{NORMS}, halve"):
        parse({"lane": {"norm": "quarter"}})
