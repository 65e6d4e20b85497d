"""Every sentence is said in the case it was made for, and not just beside it."""

import numpy as np
import pytest

from normviz.config import LaneConfig, RunConfig
from normviz.nn.activations import RELU, SIGMOID, TANH, Activation
from normviz.probe import measure
from normviz.probe.narration import Scene, notes
from normviz.train.trainer import Trainer

LAYERS = 4
CALM = {
    "dw_spectral": np.ones(LAYERS + 1),
    "saturated": np.zeros(LAYERS),
    "dead": np.zeros(LAYERS),
    "act_pct": np.tile([-0.9, -0.4, 0, 0.4, 0.9], (LAYERS, 1)),
    "act_std": np.ones(LAYERS),
    "pre_mean": np.full(LAYERS, -2.0),
    "pre_std": np.full(LAYERS, 7.0),
    "loss": np.array(2.3),
}


def said(
    activation: Activation = TANH,
    step: int = 10,
    heldout: tuple[float, float] = (0.15, 0.15),
    **values: object,
) -> dict[str, dict[str, float]]:
    changed = {name: np.array(value) for name, value in values.items()}
    found = notes(2, Scene({**CALM, **changed}, activation, 10, step, heldout))
    assert all(note["lane"] == 2 for note in found)
    return {note["rule"]: note["values"] for note in found}


def test_a_calm_network_is_healthy_and_nothing_else():
    assert said() == {"healthy": {"factor": 1.0}}


@pytest.mark.parametrize(
    ("norms", "expected"),
    [
        ([1e-6, 1e-4, 0.1, 1, 1], {"vanishing": {"first": 1, "last": 2, "ratio": 1e-6}}),
        ([0.009, 0.1, 0.1, 1, 9], {"vanishing": {"first": 1, "last": 1, "ratio": 0.009}}),
        ([0.0, 0.0, 0.0, 1, 1], {"vanishing": {"first": 1, "last": 3, "ratio": 0.0}}),
        ([0.02, 1, 1, 1, 1], {}),
        ([101, 5, 2, 1, 1], {"exploding": {"layer": 1, "ratio": 101.0}}),
        ([99, 5, 2, 1, 1], {}),
        ([10, 5, 2, 1, 999], {"healthy": {"factor": 10.0}}),
        ([10.1, 5, 2, 1, 1], {}),
        ([1, 1, 1, 0, 1], {}),
        ([1, np.nan, 1, 1, 1], {}),
        ([1, np.inf, 1, 1, 1], {}),
        ([5, 1], {}),
    ],
)
def test_gradients(norms: list[float], expected: dict):
    assert said(dw_spectral=norms) == expected


def test_an_enormous_loss_is_said_before_anything_of_gradients():
    expected = {"layer": LAYERS, "std": 7.0, "loss": 101.0}
    assert said(loss=101.0, dw_spectral=[1e-6, 1, 1, 1, 1]) == {"overshoot": expected}
    assert "overshoot" not in said(loss=100.0)


def test_no_note_has_a_number_that_is_not_finite():
    assert said(loss=101.0, pre_std=[1, 1, 1, np.inf]) == {}
    assert said(loss=np.inf) == {}


@pytest.mark.parametrize(
    ("mean", "std", "expected"),
    [
        ([0, 0, 0, 0], [1, 0, 1, 0], {"first": 2, "last": 4}),
        ([0, -3, 0, 0], [1, 2e-6, 1, 1], {"first": 2, "last": 2}),
        ([0, -3, 0, 0], [1, 4e-6, 1, 1], None),
        ([0, 0, 0, 0], [1e-30] * 4, None),
        ([np.nan] * 4, [np.nan] * 4, None),
    ],
)
def test_layers_of_one_number(mean: list[float], std: list[float], expected: dict | None):
    assert said(pre_mean=mean, pre_std=std).get("constant") == expected


def test_what_is_said_of_the_edges_comes_first_and_of_labels_last():
    scene = Scene(
        {**CALM, "pre_std": np.zeros(LAYERS)},
        TANH,
        10,
        60,
        (0.1, 0.1),
        lone=(("one_example", {"first": 1, "last": 4}),),
        labels=(("one_class", {}),),
    )
    found = [note["rule"] for note in notes(0, scene)]
    assert found == ["one_example", "healthy", "chance", "one_class"]
    assert notes(0, scene)[0]["values"] == {"first": 1, "last": 4}


def test_the_population_does_not_lag():
    scene = Scene(CALM, TANH, 10, 60, (0.1, 0.3), population=True)
    (apart,) = [note for note in notes(0, scene) if note["rule"] != "healthy"]
    assert apart == {"lane": 0, "rule": "apart", "values": {"running": 0.1, "batch": 0.3}}


def test_held_out_numbers_that_are_none_are_named():
    assert set(said(step=10, heldout=(np.nan, 0.3))) == {"healthy", "undefined"}
    assert set(said(step=0, heldout=(np.nan, 0.3))) == {"healthy", "untrained"}


def test_saturated_and_dead():
    share = [0.51, 0.5, 0.9, 0.1]
    span = {"first": 1, "last": 3, "share": pytest.approx((0.51 + 0.9) / 2)}
    assert said(saturated=share)["saturated"] == span
    assert "saturated" not in said(saturated=[0.5] * LAYERS)
    assert "saturated" not in said(RELU, saturated=share)
    assert said(RELU, dead=[0, 0.31, 0.3, 0])["dead"] == {"first": 2, "last": 2, "share": 0.31}
    assert "dead" not in said(RELU, dead=[0.3] * LAYERS)


def test_stuck_at_the_centre_of_the_sigmoid():
    near = np.tile([0.48, 0.49, 0.5, 0.51, 0.52], (LAYERS, 1))
    assert said(SIGMOID, act_pct=near)["half"] == {
        "layer": LAYERS,
        "distance": pytest.approx(0.02),
        "centre": 0.5,
    }
    near[-1, 4] = 0.56
    assert "half" not in said(SIGMOID, act_pct=near)
    assert "half" not in said(TANH, act_pct=near - 0.5)


def test_shrinking_activations():
    assert said(act_std=[1, 0.5, 0.2, 0.09])["collapsed"] == {"layer": LAYERS, "std": 0.09}
    assert "collapsed" not in said(act_std=[1, 0.01, 0.01, 0.11])


@pytest.mark.parametrize(
    ("step", "heldout", "rule"),
    [
        (0, (0.9, 0.9), "untrained"),
        (10, (0.5, 0.61), "lagging"),
        (100, (0.1, 0.25), "lagging"),
        (49, (0.1, 0.1), None),
        (50, (0.15, 0.15), "chance"),
        (50, (0.16, 0.16), None),
        (1, (0.2, 0.2), None),
        (1, (0.21, 0.3), "learning"),
        (500, (0.9, 0.8), "learning"),
    ],
)
def test_learning(step: int, heldout: tuple[float, float], rule: str | None):
    found = set(said(step=step, heldout=heldout)) - {"healthy"}
    assert found == ({rule} if rule else set())


def test_the_numbers_of_a_note_are_those_it_was_made_from():
    assert said(step=50, heldout=(0.1, 0.1))["chance"] == {"accuracy": 0.1}
    assert said(heldout=(0.5, 0.7))["lagging"] == {"running": 0.5, "batch": 0.7}


def test_nothing_is_said_of_what_is_not_a_number():
    nan = {name: np.full_like(value, np.nan) for name, value in CALM.items()}
    for activation in (TANH, SIGMOID, RELU):
        assert notes(0, Scene(nan, activation, 10, 30, (0.15, 0.15))) == []


def real(lane, step: int) -> set[str]:
    values, heldout = measure(lane.measured(None)), lane.evaluate()
    seen = heldout.accuracy, heldout.batch_accuracy
    scene = Scene(values, lane.model.activation, 10, step, seen)
    return {note["rule"] for note in notes(0, scene)}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_seed_network_vanishes_and_batch_norm_makes_it_healthy(seed: int, trained):
    plain, batch = (real(trained(norm, seed, 50), 50) for norm in ("none", "batch"))
    assert plain == {"vanishing", "chance"}
    assert "healthy" in batch
    assert not {"vanishing", "exploding", "saturated", "half", "collapsed", "chance"} & batch


def test_a_new_network_is_untrained_and_large_weights_saturate():
    lane = LaneConfig(dataset="digits", depth=10, width=50, activation="tanh", init="unit")
    rules = {note["rule"] for note in Trainer(RunConfig(lane=lane)).frame().notes}
    assert {"untrained", "saturated", "exploding"} <= rules
