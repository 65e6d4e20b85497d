"""Fits to the map of LayerNorm, where it is an S, and where it is a line."""

import numpy as np
import pytest
import torch

from normviz.nn.network import Block
from normviz.reproduce import dyt
from normviz.reproduce.running import run
from tests.reproduce.test_figures import keys_shown


def pooled(sizes: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and outputs of LayerNorm for Gaussian examples of these sizes."""
    noise = torch.randn(len(sizes), 200, generator=torch.Generator().manual_seed(0))
    x = noise.double() * sizes[:, None]
    return x.flatten().numpy(), dyt.normalized(x).flatten().numpy()


def test_fit_finds_a_tanh():
    x = np.linspace(-3, 3, 501)
    slope = float(dyt.SLOPES[40])
    found = dyt.fit(x, 2 * np.tanh(slope * x / x.std()) - 1)
    assert found.tanh == pytest.approx(0, abs=1e-12)
    assert found.slope == slope
    assert found.line > 0.01


def test_fit_of_a_line_leaves_nothing():
    x = np.linspace(-3, 5, 501)
    found = dyt.fit(x, 0.5 * x + 2)
    assert found.line == pytest.approx(0, abs=1e-12)
    assert found.tanh == pytest.approx(0, abs=1e-6)


def test_what_is_left_is_what_least_squares_leaves():
    rng = np.random.default_rng(0)
    x = rng.standard_normal(400)
    y = np.sin(x) + 0.3 * rng.standard_normal(400)
    columns = np.column_stack([x, np.ones_like(x)])
    rest = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    assert dyt.fit(x, y).line == pytest.approx(rest.var() / y.var())


def test_an_s_comes_from_examples_of_different_sizes():
    alike = dyt.fit(*pooled(torch.ones(400).double()))
    sizes = torch.randn(400, generator=torch.Generator().manual_seed(1)).double().exp()
    apart = dyt.fit(*pooled(sizes))
    assert alike.line < 0.02
    assert apart.line > 10 * alike.line
    assert apart.tanh < 0.5 * apart.line


def test_curve_is_the_mean_in_every_place():
    x = np.repeat(np.array([-1.0, 1.0]), 10)
    y = np.concatenate([np.arange(10.0), np.arange(10.0) + 5])
    values = dict(zip(dyt.PLACES, dyt.curve(x, y), strict=True))
    assert (values[-1.0], values[1.0]) == (4.5, 9.5)
    assert np.isnan(values[3.0])


def test_normalized_is_layernorm():
    x = torch.randn(5, 30, generator=torch.Generator().manual_seed(0)).double()
    expected = torch.nn.functional.layer_norm(x, (30,), eps=0.0)
    assert torch.allclose(dyt.normalized(x), expected)


def test_every_number_shown_is_measured_and_hooks_are_gone(monkeypatch):
    monkeypatch.setattr(dyt, "EVERY", 1)
    assert keys_shown("dyt") <= run("dyt", [0]).samples[0].keys()


def test_inputs_of_the_normalizations():
    config = dyt.LaneConfig(depth=2, width=8, norm="layer")
    model = dyt.MLP(config, (6,), 3)
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    first, second = dyt.norm_inputs(model, x)
    blocks = [module for module in model.modules() if isinstance(module, Block)]
    assert torch.equal(first, blocks[0].linear(x).double())
    assert torch.equal(second, blocks[1].linear(blocks[0](x)).double())
    assert not any(block.norm._forward_pre_hooks for block in blocks)
