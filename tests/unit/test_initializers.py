"""Initial weights: their spread, and what networks that differ share."""

import math

import pytest
import torch
from torch import Tensor

from normviz import catalog
from normviz.config import LaneConfig
from normviz.nn.mlp import MLP
from normviz.nn.network import generator
from normviz.train.lane import Lane

STDS = {
    "zeros": lambda fan_in, fan_out: 0.0,
    "small": lambda fan_in, fan_out: 0.01,
    "unit": lambda fan_in, fan_out: 1.0,
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "he": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
    "constant": lambda fan_in, fan_out: 0.0,
    "normal": lambda fan_in, fan_out: 0.3,
    "uniform": lambda fan_in, fan_out: 0.3 / math.sqrt(3),
    "lecun": lambda fan_in, fan_out: math.sqrt(1 / fan_in),
    "xavier_uniform": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
    "he_uniform": lambda fan_in, fan_out: math.sqrt(2 / fan_in),
    "orthogonal": lambda fan_in, fan_out: math.sqrt(1 / max(fan_in, fan_out)),
    "lsuv": lambda fan_in, fan_out: math.sqrt(1 / max(fan_in, fan_out)),
}
NORMAL = ["small", "unit", "normal", "lecun", "xavier", "he"]
UNIFORM = ["uniform", "xavier_uniform", "he_uniform"]
RANDOM = [*NORMAL, *UNIFORM, "orthogonal", "lsuv"]


def test_every_initializer_has_a_formula_here():
    assert set(STDS) == set(catalog.INITIALIZERS) == {*RANDOM, "zeros", "constant"}
    assert {n for n, choice in catalog.INITIALIZERS.items() if "gain" in choice.uses} == set(RANDOM)


def draw(name: str, fan_out: int, fan_in: int, seed: int = 0, gain: float = 1.0) -> Tensor:
    weight, choice = torch.full((fan_out, fan_in), math.nan), catalog.INITIALIZERS[name]
    settings = choice.settings(LaneConfig(init_std=0.3, gain=gain))
    choice.load()(weight, generator(seed, "test"), **settings)
    return weight


@pytest.mark.parametrize(("fan_out", "fan_in"), [(200, 784), (300, 100)])
@pytest.mark.parametrize("name", STDS)
def test_mean_and_deviation(name: str, fan_out: int, fan_in: int):
    weight, std = draw(name, fan_out, fan_in), STDS[name](fan_in, fan_out)
    assert weight.std().item() == pytest.approx(std, rel=0.02)
    middle = 0.3 if name == "constant" else 0.0
    assert abs(weight.mean().item() - middle) <= 4 * std / math.sqrt(weight.numel()) + 1e-7


@pytest.mark.parametrize("name", NORMAL)
def test_weights_are_normal(name: str):
    z = (draw(name, 300, 300) / STDS[name](300, 300)).flatten().double()
    for power, moment, tolerance in ((3, 0, 0.05), (4, 3, 0.13)):  # four standard errors
        assert (z**power).mean().item() == pytest.approx(moment, abs=tolerance)
    assert (z.abs() < 1).double().mean().item() == pytest.approx(
        math.erf(1 / math.sqrt(2)), abs=0.01
    )


@pytest.mark.parametrize("name", NORMAL)
def test_all_scale_the_same_normals(name: str):
    scaled = draw("unit", 30, 20) * STDS[name](20, 30)
    torch.testing.assert_close(draw(name, 30, 20), scaled, rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", UNIFORM)
def test_weights_are_uniform_and_scale_the_same_numbers(name: str):
    bound = STDS[name](300, 200) * math.sqrt(3)
    u = draw(name, 200, 300) / bound
    assert 0.999 < u.max() <= 1 and -1 <= u.min() < -0.999
    inside = [(u.abs() < edge).double().mean().item() for edge in (0.25, 0.5, 0.75)]
    assert inside == pytest.approx([0.25, 0.5, 0.75], abs=0.01)
    torch.testing.assert_close(u, draw("uniform", 200, 300) / 0.3, rtol=1e-5, atol=0)


@pytest.mark.parametrize(("fan_out", "fan_in"), [(40, 40), (60, 25), (25, 60), (10, 1)])
def test_orthogonal_keeps_lengths(fan_out: int, fan_in: int):
    weight = draw("orthogonal", fan_out, fan_in).double()
    gram = weight.T @ weight if fan_out > fan_in else weight @ weight.T
    torch.testing.assert_close(gram, torch.eye(len(gram)).double(), rtol=0, atol=1e-6)
    doubled = draw("orthogonal", fan_out, fan_in, gain=2.0).double()
    torch.testing.assert_close(doubled, 2 * weight)


@pytest.mark.parametrize("name", [n for n in RANDOM if n != "lsuv"])
def test_the_gain_multiplies_random_weights(name: str):
    torch.testing.assert_close(draw(name, 9, 7, gain=1.7), draw(name, 9, 7) * 1.7)


def test_gain_and_size_reach_the_network():
    def weight(**fields: object) -> Tensor:
        config = LaneConfig.model_validate({"depth": 2, "width": 8, **fields})
        return MLP(config, (20,), 10).linears()[1].weight.detach()

    torch.testing.assert_close(weight(gain=3.0), 3 * weight())
    torch.testing.assert_close(weight(init="normal", init_std=0.01), weight(init="small"))
    assert (weight(init="constant", init_std=0.5, gain=3.0) == 0.5).all()
    assert torch.equal(weight(init="unit", gain=1.0), weight(init="unit", init_std=5.0))


@pytest.mark.parametrize("name", RANDOM)
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
    ours, theirs = (MLP(c, (20,), 10).linears() for c in (base, base.model_copy(update=changes)))
    for a, b in zip(ours, theirs, strict=False):
        assert a.weight.shape != b.weight.shape or torch.equal(a.weight, b.weight)
    assert torch.equal(ours[2].weight, theirs[2].weight)


def test_another_seed_gives_other_weights_in_every_layer():
    first, second = (MLP(LaneConfig(depth=3, width=8, seed=s), (20,), 10).linears() for s in (0, 1))
    assert not any(torch.equal(a.weight, b.weight) for a, b in zip(first, second, strict=True))
    assert len({layer.weight[0, 0].item() for layer in first}) == len(first)


@pytest.mark.parametrize("init", catalog.INITIALIZERS)
def test_biases_start_at_zero(init: str):
    for layer in MLP(LaneConfig(depth=2, width=8, init=init), (20,), 10).linears():
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
