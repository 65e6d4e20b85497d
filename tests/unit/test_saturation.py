"""Saturated activations and dead units."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from normviz import catalog
from normviz.config import LaneConfig
from normviz.probe import saturation
from normviz.train.lane import Lane


def gelu_slope(z: float) -> float:
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return (1 + math.erf(z / math.sqrt(2))) / 2 + z * density


def silu_slope(z: float) -> float:
    return (1 + math.exp(-z) + z * math.exp(-z)) / (1 + math.exp(-z)) ** 2


#: The definitions, for one pre-activation z and its activation a.
SATURATED: dict[str, Callable[[float, float], bool]] = {
    "sigmoid": lambda z, a: not 0.05 <= a <= 0.95,
    "tanh": lambda z, a: abs(a) > 0.97,
    "relu": lambda z, a: a == 0,
    "leaky_relu": lambda z, a: z <= 0,
    "elu": lambda z, a: a < -0.95,
    "gelu": lambda z, a: abs(gelu_slope(z)) < 0.05,
    "silu": lambda z, a: abs(silu_slope(z)) < 0.05,
    "softsign": lambda z, a: abs(a) > 1 - math.sqrt(0.05),
    "hard_tanh": lambda z, a: abs(a) == 1,
    "linear": lambda z, a: False,
}


@pytest.mark.parametrize("init", ["xavier", "unit", "small"])
@pytest.mark.parametrize("activation", catalog.ACTIVATIONS)
def test_fields_equal_counting(activation: str, init: str):
    lane = Lane(LaneConfig(dataset="digits", depth=3, width=30, activation=activation, init=init))
    measured = lane.measured(None)
    values = saturation.measure(measured)
    for i, phi in enumerate(phi.detach().double().numpy() for phi in measured.tape.phi):
        pre = measured.tape.pre[i].detach().double().numpy()
        count = sum(map(SATURATED[activation], pre.ravel().tolist(), phi.ravel().tolist()))
        assert values["saturated"][i] == pytest.approx(count / phi.size, abs=1.01 / phi.size)
        dead = (phi == 0).all(0).mean() if measured.activation.can_die else 0
        assert values["dead"][i] == pytest.approx(dead)


def test_the_output_of_the_nonlinearity_counts_also_before_a_normalization():
    config = LaneConfig(
        dataset="digits",
        depth=1,
        width=30,
        activation="tanh",
        init="unit",
        norm="batch",
        place="after",
    )
    measured = Lane(config).measured(None)
    phi, out = (np.abs(t[0].detach().numpy()) for t in (measured.tape.phi, measured.tape.out))
    assert saturation.measure(measured)["saturated"][0] == pytest.approx(np.mean(phi > 0.97))
    assert abs(np.mean(out > 0.97) - np.mean(phi > 0.97)) > 0.1


def test_limits_themselves_are_not_saturated():
    values = np.array([-2, -1, 0, 1, 2, 3], np.float32)
    assert saturation.share_outside(values, -1.0, 1.0) == 3 / 6


def test_a_unit_is_dead_only_if_it_is_zero_for_every_example():
    phi = torch.tensor([[0.0, 0.0, 1.0, 0.0], [0.0, 2.0, 1.0, 0.0]])
    assert saturation.dead_share(phi) == 0.5


def test_relu_units_with_very_negative_biases_are_dead():
    lane = Lane(LaneConfig(dataset="digits", depth=2, width=8, activation="relu", init="he"))
    with torch.no_grad():
        lane.model.linears()[1].bias[:6] = -1e3
        lane.model.linears()[1].bias[6:] = 1e3
    lane.update(measure=True)
    values = saturation.measure(lane.measured(None))
    assert values["dead"][1] == 0.75
    assert values["saturated"][1] == 0.75
