"""Saturation of wide tanh layers by another quadrature, and how sizes of updates are taken."""

import math

import numpy as np
import pytest
import torch

from normviz.reproduce import karpathy
from normviz.reproduce.running import run
from tests.reproduce.test_figures import keys_shown

GRID = np.linspace(-9, 9, 20_001)
DENSITY = np.exp(-(GRID**2) / 2) / np.exp(-(GRID**2) / 2).sum()


@pytest.mark.parametrize("gain", karpathy.GAINS.values())
def test_saturated_shares_by_a_sum_over_a_grid(gain):
    q = gain**2
    for share in karpathy.shares(gain):
        activations = np.tanh(math.sqrt(q) * GRID)
        assert share == pytest.approx(float(DENSITY[np.abs(activations) > 0.97].sum()), abs=5e-4)
        q = gain**2 * float(DENSITY @ activations**2)


@pytest.mark.parametrize("gain", karpathy.GAINS.values())
def test_behind_batchnorm_the_gain_is_gone(gain):
    expected = math.erfc(math.atanh(0.97) / math.sqrt(2))
    assert karpathy.shares(gain, normed=True) == pytest.approx([expected] * 5)


@pytest.mark.parametrize("gain", karpathy.GAINS)
def test_the_lectures_small_network_is_near_the_theory(gain):
    theory = karpathy.shares(karpathy.GAINS[gain])
    assert karpathy.PUBLISHED[gain] == pytest.approx(theory, abs=0.02)


def test_update_sizes_relative_to_weights():
    model = karpathy.network(1.0, seed=0)
    weights = [layer.weight for layer in model.linears()[:-1]]
    for power, weight in enumerate(weights):
        weight.grad = weight.detach() * 10.0**-power
    assert karpathy.sizes(model, 0.01) == pytest.approx([-2 - power for power in range(5)])


def test_gain_scales_hidden_weights_only():
    one, three = (karpathy.network(gain, seed=0).linears() for gain in (1.0, 3.0))
    for index, (a, b) in enumerate(zip(one, three, strict=True)):
        factor = 3.0 if index < 5 else 1.0
        assert torch.allclose(b.weight, factor * a.weight, rtol=1e-5)
    assert float(one[-1].weight.detach().std()) == pytest.approx(0.1 / math.sqrt(100), rel=0.1)


@pytest.mark.parametrize(
    "part", ["first", *(f"{n}.{g}" for n in ("init", "bn") for g in ("1", "5/3"))]
)
def test_untrained_networks_are_inside_their_bands(part):
    numbers = karpathy.FIGURE.parts[part](1)
    rows = [row for row in karpathy.FIGURE.rows if row.band and row.key in numbers]
    assert rows
    assert all(row.band and row.band.holds([numbers[row.key]]) for row in rows)


def test_every_number_shown_is_measured(monkeypatch):
    monkeypatch.setattr(karpathy, "STEPS", 2)
    monkeypatch.setattr(karpathy, "AVERAGED", 1)
    monkeypatch.setattr(karpathy, "WIDTH", 20)
    assert keys_shown("karpathy") <= run("karpathy", [0]).samples[0].keys()
