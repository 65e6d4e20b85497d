"""Initial weights: their spread, and what networks that differ share."""

import math

import pytest
import torch
from torch import Tensor

from normviz import catalog
from normviz.config import LaneConfig
from normviz.nn.mlp import MLP, generator
from normviz.train.lane import Lane

STDS = {
    "zeros": lambda fan_in, fan_out: 0.0,
    "small": lambda fan_in, fan_out: 0.01,
    "unit": lambda fan_in, fan_out: 1.0,
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "he": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
}


def draw(name: str, fan_out: int, fan_in: int, seed: int = 0) -> Tensor:
    weight = torch.full((fan_out, fan_in), math.nan)
    catalog.INITIALIZERS[name].load()(weight, generator(seed, "test"))
    return weight


@pytest.mark.parametrize(("fan_out", "fan_in"), [(200, 784), (300, 100)])
@pytest.mark.parametrize("name", STDS)
def test_mean_and_deviation(name: str, fan_out: int, fan_in: int):
    weight, std = draw(name, fan_out, fan_in), STDS[name](fan_in, fan_out)
    assert weight.std().item() == pytest.approx(std, rel=0.02)
    assert abs(weight.mean().item()) <= 4 * std / math.sqrt(weight.numel())


@pytest.mark.parametrize("name", ["small", "unit", "xavier", "he"])
def test_weights_are_normal(name: str):
    z = (draw(name, 300, 300) / STDS[name](300, 300)).flatten().double()
    for power, moment, tolerance in ((3, 0, 0.05), (4, 3, 0.13)):  # four standard errors
        assert (z**power).mean().item() == pytest.approx(moment, abs=tolerance)
    assert (z.abs() < 1).double().mean().item() == pytest.approx(
        math.erf(1 / math.sqrt(2)), abs=0.01
    )


@pytest.mark.parametrize("name", ["small", "xavier", "he"])
def test_all_scale_the_same_normals(name: str):
    scaled = draw("unit", 30, 20) * STDS[name](20, 30)
    torch.testing.assert_close(draw(name, 30, 20), scaled, rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", ["small", "unit", "xavier", "he"])
def test_the_generator_alone_decides(name: str):
    torch.manual_seed(1)
    first = draw(name, 6, 5)
    torch.manual_seed(2)
    assert torch.equal(draw(name, 6, 5), first)
    assert not torch.equal(draw(name, 6, 5, seed=1), first)


def test_purposes_have_generators_of_their_own():
    numbers = {
        torch.rand(1, generator=generator(seed, *purpose)).item()
        for seed in (0, 1)
        for purpose in [(), ("init", 0), ("init", 1), ("order",)]
    }
    assert len(numbers) == 8
    assert generator(2**31 - 1, "x").initial_seed() >= 0


@pytest.mark.parametrize(
    "changes",
    [
        {"depth": 5},
        {"norm": "batch"},
        {"norm": "layer", "place": "after"},
        {"activation": "tanh"},
        {"optimizer": "adam", "lr": 1.0},
        {"batch_size": 7},
    ],
)
def test_networks_share_weights_where_shapes_agree(changes: dict):
    base = LaneConfig(depth=3, width=8)
    ours, theirs = (MLP(c, 20, 10).linears() for c in (base, base.model_copy(update=changes)))
    for a, b in zip(ours, theirs, strict=False):
        assert a.weight.shape != b.weight.shape or torch.equal(a.weight, b.weight)
    assert torch.equal(ours[2].weight, theirs[2].weight)


def test_another_seed_gives_other_weights_in_every_layer():
    first, second = (MLP(LaneConfig(depth=3, width=8, seed=s), 20, 10).linears() for s in (0, 1))
    assert not any(torch.equal(a.weight, b.weight) for a, b in zip(first, second, strict=True))
    assert len({layer.weight[0, 0].item() for layer in first}) == len(first)


@pytest.mark.parametrize("init", catalog.INITIALIZERS)
def test_biases_start_at_zero(init: str):
    for layer in MLP(LaneConfig(depth=2, width=8, init=init), 20, 10).linears():
        assert not layer.bias.any()


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_zeros_stay_symmetric(activation: str):
    """All units of a layer stay alike (to rounding), however long the network trains."""
    lane = Lane(
        LaneConfig(dataset="digits", depth=2, width=6, init="zeros", activation=activation, lr=1.0)
    )
    for _ in range(30):
        lane.update(measure=False)
    for layer in lane.model.linears()[:-1]:
        for tensor in (layer.weight, layer.bias):
            torch.testing.assert_close(tensor, tensor[:1].expand_as(tensor), rtol=1e-3, atol=1e-8)
        assert (activation == "sigmoid") == bool(layer.bias.abs().max() > 1e-5)
    assert lane.model.output.bias.abs().max() > 1e-2
