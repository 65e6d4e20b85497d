"""The theories' numbers against other ways to get them."""

import math

import numpy as np
import pytest
import torch

from normviz.reproduce import glorot, meanfield, table2015, yang

BIAS = 0.05
GRID = np.linspace(-9, 9, 3001)


def gaussian(values: np.ndarray) -> float:
    """The mean over a standard normal variable, by the trapezoidal rule."""
    return float(np.trapezoid(values * np.exp(-(GRID**2) / 2) / math.sqrt(2 * math.pi), GRID))


def monte_carlo_rate(batch: int, slope, function, samples: int = 60_000) -> float:
    """Growth of the squared gradient a layer: the backward map through one layer, sample by sample, no formula."""
    rng = np.random.default_rng(0)
    centre = np.eye(batch) - 1 / batch
    h = rng.standard_normal((samples, batch)) @ centre
    length = np.linalg.norm(h, axis=1)
    u = h / length[:, None]
    y = math.sqrt(batch) * u
    handed_on = ((function(y) @ centre) ** 2).sum(1).mean() / (batch - 1)
    jacobian = slope(y)[:, :, None] * (centre - u[:, :, None] * u[:, None, :])
    jacobian *= (math.sqrt(batch) / (math.sqrt(handed_on) * length))[:, None, None]
    return float(((centre @ jacobian) ** 2).sum((1, 2)).mean() / (batch - 1))


@pytest.mark.parametrize("batch", [8, 16])
def test_explosion_rates_of_batchnorm(batch: int):
    linear = monte_carlo_rate(batch, np.ones_like, lambda y: y)
    assert linear == pytest.approx(yang.linear_rate(batch), rel=0.01)
    relu = monte_carlo_rate(batch, lambda y: (y > 0).astype(float), lambda y: np.maximum(y, 0))
    assert relu == pytest.approx(yang.relu_rate(batch), rel=0.01)


def test_explosion_rates_of_large_batches():
    assert yang.relu_rate(10**7) == pytest.approx(math.pi / (math.pi - 1), abs=1e-5)
    assert yang.linear_rate(10**7) == pytest.approx(1, abs=1e-5)
    assert yang.relu_rate(8) == pytest.approx(1.79, abs=0.005)


@pytest.mark.parametrize("sigma_w2", [0.5, 1.0, 1.76, 4.0])
def test_variance_and_slope_by_another_quadrature(sigma_w2: float):
    q = meanfield.variance(sigma_w2, BIAS)
    z = math.sqrt(q) * GRID
    assert sigma_w2 * gaussian(np.tanh(z) ** 2) + BIAS == pytest.approx(q, abs=1e-5)
    assert meanfield.chi(sigma_w2, q) == pytest.approx(
        sigma_w2 * gaussian(np.cosh(z) ** -4), abs=1e-5
    )


def test_critical_line():
    assert meanfield.critical(BIAS) == pytest.approx(1.761, abs=5e-4)
    assert meanfield.critical(1e-9) == pytest.approx(1.0, abs=0.01)
    assert meanfield.critical(0.1) > meanfield.critical(BIAS)


@pytest.mark.parametrize("sigma_w2", [1.9, 2.5, 4.0])
def test_correlation_is_where_repeated_layers_lead(sigma_w2: float):
    q = meanfield.variance(sigma_w2, BIAS)
    z = np.linspace(-6, 6, 121)
    u, w = z[:, None] * math.sqrt(q), z[None, :] * math.sqrt(q)
    density = np.exp(-(z[:, None] ** 2 + z[None, :] ** 2) / 2)
    density /= density.sum()
    c = 0.9
    for _ in range(600):
        v = c * u + math.sqrt(1 - c * c) * w
        c = (sigma_w2 * float((density * np.tanh(u) * np.tanh(v)).sum()) + BIAS) / q
    assert meanfield.correlation(sigma_w2, BIAS, q) == pytest.approx(c, abs=1e-4)


def test_correlation_is_complete_on_the_ordered_side():
    assert meanfield.correlation(1.5, BIAS, meanfield.variance(1.5, BIAS)) == 1


def test_depth_scale_is_the_decay_of_the_distance_to_the_fixed_point():
    sigma_w2 = 2.5
    q = meanfield.variance(sigma_w2, BIAS)
    c = meanfield.correlation(sigma_w2, BIAS, q)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()

    def layer(c: float) -> float:
        u = math.sqrt(q) * nodes[:, None]
        v = math.sqrt(q) * (c * nodes[:, None] + math.sqrt(1 - c * c) * nodes[None, :])
        return (sigma_w2 * float(weights @ (np.tanh(u) * np.tanh(v)) @ weights) + BIAS) / q

    slope = (layer(c + 1e-5) - layer(c - 1e-5)) / 2e-5
    assert meanfield.depth_scale(sigma_w2, BIAS) == pytest.approx(-1 / math.log(slope), rel=1e-4)


@pytest.mark.parametrize(("name", "times_n"), [("standard", 1 / 3), ("normalized", 1.0)])
def test_variance_of_glorots_weights(name: str, times_n: float):
    weight = torch.empty(400, 400)
    glorot.DRAW[name](weight, torch.Generator().manual_seed(0))
    assert 400 * float(weight.var()) == pytest.approx(times_n, rel=0.02)
    assert float(weight.abs().max()) <= math.sqrt(3 * times_n / 400)


def test_slopes_of_the_published_table():
    published = {k: table2015.slope(cells) for k, cells in table2015.PUBLISHED.items()}
    assert published["none", 10] == pytest.approx(0.647, abs=1e-3)
    assert published["none", 50] == pytest.approx(0.630, abs=1e-3)
    assert published["batch", 10] == pytest.approx(0.016, abs=1e-3)
    assert published["batch", 50] == pytest.approx(-0.021, abs=1e-3)


def test_errors_are_those_of_the_geometric_mean():
    cells = {
        f"{norm}.{k}.{matrix}{kind}": table2015.PUBLISHED[norm, k][matrix - 1]
        for norm, k in table2015.PUBLISHED
        for matrix in table2015.MATRICES
        for kind in ("", ".frobenius")
    }
    tenfold = {key: 10 * value for key, value in cells.items()}
    assert table2015.errors([cells])["none.error"] == pytest.approx(0, abs=1e-9)
    assert table2015.errors([cells, tenfold])["none.10.1.error"] == pytest.approx(0.5)
    assert table2015.errors([tenfold])["batch.largest"] == pytest.approx(1)
