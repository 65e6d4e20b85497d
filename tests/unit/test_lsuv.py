"""LSUV: every layer's output has variance 1 on the first minibatch, and nothing else is touched."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from normviz import catalog
from normviz.config import LaneConfig
from normviz.nn.initializers import lsuv
from normviz.nn.linear import Linear
from normviz.nn.lsuv import LSUV
from normviz.train.lane import Lane
from tests.unit.plain import FORMULAS, rows

SMALL = {"dataset": "digits", "depth": 5, "width": 24, "init": "lsuv", "batch_size": 64}


def config(**fields: object) -> LaneConfig:
    return LaneConfig.model_validate({**SMALL, **fields})


def outputs(lane: Lane) -> list[Tensor]:
    """The outputs W x + b of all layers in a pass of the first minibatch, the output layer last."""
    found: list[Tensor] = []
    hooks = [
        layer.register_forward_hook(lambda _m, _i, out: found.append(out.detach().double()))
        for layer in lane.model.linears()
    ]
    first = rows(lane.config, len(lane.data.y), 0)
    lane.model(torch.from_numpy(lane.data.x)[first])
    for hook in hooks:
        hook.remove()
    return found


@pytest.mark.parametrize("activation", catalog.ACTIVATIONS)
@pytest.mark.parametrize("place", catalog.PLACES)
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_every_layers_output_has_variance_1(activation: str, norm: str, place: str):
    lane = Lane(config(activation=activation, norm=norm, place=place))
    for out in outputs(lane):
        assert out.var(correction=0).item() == pytest.approx(1, abs=LSUV.TOLERANCE)


@pytest.mark.parametrize("norm", ["weight", "weight_exp"])
def test_the_length_of_normalized_weights_follows(norm: str):
    for out in outputs(Lane(config(norm=norm, activation="tanh"))):
        assert out.var(correction=0).item() == pytest.approx(1, abs=LSUV.TOLERANCE)


def test_spectral_normalization_has_the_last_word():
    """Its output does not depend on the size of the weights, so they stay orthonormal."""
    ours, plain = (Lane(config(norm="spectral", init=init)) for init in ("lsuv", "orthogonal"))
    for a, b in zip(ours.model.linears()[:-1], plain.model.linears()[:-1], strict=True):
        torch.testing.assert_close(a.weight, b.weight, rtol=1e-4, atol=1e-6)


def test_it_equals_the_algorithm_by_hand():
    lane = Lane(config(activation="tanh", gain=1.5))
    orthogonal = Lane(config(activation="tanh", init="orthogonal"))
    first = rows(lane.config, len(lane.data.y), 0)
    x = torch.from_numpy(lane.data.x)[first].double()
    for ours, start in zip(lane.model.linears(), orthogonal.model.linears(), strict=True):
        weight = start.weight.detach().double()
        weight = 1.5 * weight / float(np.std((x @ weight.T).numpy()))
        torch.testing.assert_close(ours.weight.detach().double(), weight, rtol=1e-5, atol=1e-7)
        x = FORMULAS["tanh"](x @ weight.T)


def test_the_gain_is_the_deviation():
    for out in outputs(Lane(config(gain=0.5))):
        assert out.std(correction=0).item() == pytest.approx(0.5, rel=LSUV.TOLERANCE)


def test_the_same_configuration_gives_the_same_weights_and_the_minibatches_are_untouched():
    first, again, other = (Lane(c) for c in (config(), config(), config(seed=1)))
    for a, b, c in zip(*(lane.model.linears() for lane in (first, again, other)), strict=True):
        assert torch.equal(a.weight, b.weight) and not torch.equal(a.weight, c.weight)
    plain = Lane(config(init="orthogonal"))
    for _ in range(3):
        assert torch.equal(first._labels, plain._labels)
        first.update(measure=False)
        plain.update(measure=False)


def test_running_averages_start_as_without_it():
    """They have seen the first pass, and not the one that scaled the weights."""
    lane = Lane(config(norm="batch", activation="tanh"))
    states = [block.norm.state_dict() for block in lane.model.blocks]  # pyright: ignore
    averages = [state["running_var"].double() for state in states]
    for average, out in zip(averages, outputs(lane), strict=False):
        torch.testing.assert_close(average, 0.9 + 0.1 * out.var(0), rtol=1e-5, atol=0)


class Constant(Linear):
    """A layer whose output does not depend on its weight's size."""

    def effective(self) -> Tensor:
        return self.weight / self.weight.norm()


def drawn(layer: Linear) -> Linear:
    generator = torch.Generator().manual_seed(0)
    nn.init.uniform_(layer.weight, -1, 1, generator)
    nn.init.uniform_(layer.bias, -1, 1, generator)
    return layer


@pytest.mark.parametrize("kind", ["zero input", "scale-free", "one value", "overflow"])
def test_what_cannot_be_scaled_is_left_as_it_is(kind: str):
    x = torch.rand((8, 3), generator=torch.Generator().manual_seed(0))
    layer = drawn(Constant((4, 3)) if kind == "scale-free" else Linear((4, 3)))
    if kind == "zero input":
        x = torch.zeros(8, 3)
        nn.init.zeros_(layer.bias)
    if kind == "one value":
        x, layer = x[:1], drawn(Linear((1, 3)))
    if kind == "overflow":
        x = torch.full((8, 3), math.inf)
    before = layer.weight.detach().clone()
    lsuv.scale([layer], lambda: layer(x))
    torch.testing.assert_close(layer.weight.detach(), before)
    assert not layer._forward_hooks


def test_the_number_of_iterations_is_limited(monkeypatch: pytest.MonkeyPatch):
    """A bias that varies keeps the output's variance away from 1, however small the weights."""
    layer, passes = drawn(Linear((4, 3))), list[int]()
    nn.init.constant_(layer.bias, 0.0)
    layer.bias.data[0] = 100.0
    effective = Linear.effective
    monkeypatch.setattr(Linear, "effective", lambda self: passes.append(1) or effective(self))
    lsuv.scale([layer], lambda: layer(torch.rand(8, 3)))
    assert len(passes) <= LSUV.ITERATIONS + 2
    assert torch.isfinite(layer.weight).all()
