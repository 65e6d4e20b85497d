"""The look at normalizations against NumPy and against what eval mode with population statistics uses."""

import copy
import math

import numpy as np
import pytest
import torch

from normviz.config import parse
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.population import population
from normviz.probe import normalizing
from normviz.probe.normalizing import Estimate, Normalizing
from normviz.train.lane import Lane
from normviz.train.normalizing import layers, statistics_of
from normviz.train.trainer import Trainer

SMALL = {"dataset": "digits", "depth": 3, "width": 8, "batch_size": 20, "norm": "batch", "lr": 0.5}
MODELS = {
    "mlp": SMALL,
    "after": {**SMALL, "place": "after"},
    "convnet": {**SMALL, "model": "convnet", "blocks": 2, "channels": 4},
    "rnn": {**SMALL, "model": "rnn", "dataset": "digits"},
    "noisy": {**SMALL, "norm": "noisy"},
}


def trained(kind: str, steps: int = 7) -> Lane:
    lane = Lane(parse({"lane": {**MODELS[kind], "meter": "norms"}}).lane)
    for _ in range(steps):
        lane.update(measure=True)
    return lane


def norms(model: torch.nn.Module) -> list[BatchNorm]:
    return [module for module in model.modules() if isinstance(module, BatchNorm)]


@pytest.mark.parametrize("kind", MODELS)
def test_the_population_is_what_eval_mode_would_use(kind: str):
    lane = trained(kind)
    twin, found = copy.deepcopy(lane.model), layers(lane)
    population(twin, lane.epoch_inputs())
    for norm, layer in zip(norms(twin), found, strict=True):
        assert layer.population is not None
        np.testing.assert_allclose(
            layer.population.mean, norm.running_mean.numpy(), rtol=1e-4, atol=1e-5
        )
        np.testing.assert_allclose(
            layer.population.var, norm.running_var.numpy(), rtol=1e-4, atol=1e-6
        )


@pytest.mark.parametrize("kind", MODELS)
def test_running_averages_gamma_and_beta_are_the_networks_own(kind: str):
    lane = trained(kind)
    for norm, layer in zip(norms(lane.model), layers(lane), strict=True):
        assert layer.running is not None and norm.gamma is not None and norm.beta is not None
        for found, wanted in (
            (layer.running.mean, norm.running_mean),
            (layer.running.var, norm.running_var),
            (layer.gamma, norm.gamma),
            (layer.beta, norm.beta),
        ):
            np.testing.assert_array_equal(found, wanted.detach().double().numpy())


def test_the_minibatch_has_its_own_mean_and_unbiased_variance():
    lane = trained("mlp")
    x = lane.minibatch()[0].double().numpy()
    first = lane.model.linears()[0]
    z = x @ first.weight.detach().double().numpy().T + first.bias.detach().double().numpy()
    found = layers(lane)[0].batch
    assert found is not None
    np.testing.assert_allclose(found.mean, z.mean(0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.var, z.var(0, ddof=1), rtol=1e-4)


@pytest.mark.parametrize("kind", MODELS)
def test_looking_leaves_the_network_as_it_is(kind: str):
    lane = trained(kind)
    before = copy.deepcopy(lane.model.state_dict())
    layers(lane)
    assert lane.model.training and not any(norm._forward_pre_hooks for norm in norms(lane.model))
    assert all(torch.equal(value, before[name]) for name, value in lane.model.state_dict().items())


def test_distances_are_those_of_the_definition():
    given = np.random.default_rng(0)
    one, two = (Estimate(given.normal(size=5), given.uniform(1, 2, 5)) for _ in range(2))
    gamma = given.normal(size=5)
    layer = Normalizing(gamma, np.empty(0), 3, batch=one, running=two, population=two)
    found = normalizing.measure([layer], 40)
    mean = np.sqrt(np.mean(((one.mean - two.mean) / np.sqrt(two.var)) ** 2))
    var = np.sqrt(np.mean((one.var / two.var - 1) ** 2))
    assert found["mean_apart_batch"] == pytest.approx([mean], rel=1e-6)
    assert found["var_apart_batch"] == pytest.approx([var], rel=1e-6)
    assert found["mean_apart_running"] == [0] and found["var_apart_running"] == [0]
    np.testing.assert_allclose(
        found["typical_mean"][0], [one.mean[3], two.mean[3], two.mean[3]], rtol=1e-6
    )
    assert found["gamma_pct"][0, 2] == pytest.approx(np.sort(gamma)[2])
    assert np.isnan(found["beta_pct"]).all() and found["norms_step"] == 40


def test_a_unit_that_does_not_vary_has_no_distance_and_none_that_varies_is_not_a_number():
    flat = Estimate(np.zeros(2), np.zeros(2))
    half = Estimate(np.zeros(2), np.array([0.0, 1.0]))
    other = Estimate(np.ones(2), np.ones(2))
    apart = [
        normalizing.measure([Normalizing(np.empty(0), np.empty(0), 0, other, other, each)], 0)
        for each in (flat, half)
    ]
    assert math.isnan(apart[0]["mean_apart_batch"][0]) and apart[1]["mean_apart_batch"][0] == 1


@pytest.mark.parametrize("norm", ["none", "layer", "renorm", "weight"])
def test_what_keeps_no_such_averages_has_none(norm: str):
    trainer = Trainer(parse({"lane": {**SMALL, "norm": norm, "meter": "norms"}}))
    values = trainer.frame().lanes[0]
    names = ("mean_apart_batch", "var_apart_running", "typical_mean")
    assert all(np.isnan(values[name]).all() for name in names)
    assert np.isnan(values["gamma_pct"]).all() == (norm in ("none", "weight"))


def test_one_example_has_no_variance_and_a_step_that_nobody_reaches_no_estimate():
    alone = Lane(parse({"lane": {**SMALL, "batch_size": 1, "meter": "norms"}}).lane)
    assert np.isnan(layers(alone)[0].population.var).all()  # pyright: ignore
    lane = Lane(parse({"lane": {**MODELS["rnn"], "dataset": "recall", "meter": "norms"}}).lane)
    empty = torch.full_like(lane.minibatch()[0], math.nan)
    empty[:, : lane.data.shape[-1]] = 0
    found = statistics_of(lane.model, [empty])
    assert 0 < len(found) < lane.model.layers


def test_it_is_measured_where_the_held_out_set_is_evaluated_and_every_25_steps():
    trainer = Trainer(parse({"lane": {**SMALL, "meter": "norms"}, "steps": 60}))
    seen = {int(trainer.frame().lanes[0]["norms_step"])}
    while not trainer.finished:
        frame = trainer.step(measure=True)
        assert frame is not None
        seen.add(int(frame.lanes[0]["norms_step"]))
    assert seen == {*range(11), 20, 25, 30, 40, 50, 60}
