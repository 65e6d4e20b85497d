"""Activations: their values, and what of them counts as saturated."""

import math

import numpy as np
import pytest
import torch
from scipy.special import erf

from normviz import catalog
from normviz.nn.activations import (
    ELU,
    GELU,
    HARD_TANH,
    LEAKY_RELU,
    LINEAR,
    RELU,
    SIGMOID,
    SILU,
    SOFTSIGN,
    TANH,
    Activation,
)

Z = np.linspace(-8, 8, 1001)
FORMULAS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z / 100),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "gelu": lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
    "silu": lambda z: z / (1 + np.exp(-z)),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "hard_tanh": lambda z: np.clip(z, -1, 1),
    "linear": lambda z: z,
}
KINKS = [-1.0, 0.0, 1.0]


def test_every_activation_has_a_formula_here():
    assert set(FORMULAS) == set(catalog.ACTIVATIONS)


@pytest.mark.parametrize("name", FORMULAS)
def test_values_equal_the_formula(name: str):
    function = catalog.ACTIVATIONS[name].load().function
    np.testing.assert_allclose(
        function(torch.from_numpy(Z)), FORMULAS[name](Z), rtol=1e-12, atol=1e-14
    )


@pytest.mark.parametrize("name", FORMULAS)
def test_gradients_equal_finite_differences(name: str):
    function = catalog.ACTIVATIONS[name].load().function
    z = torch.linspace(-4, 4, 30, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(function, z)


@pytest.mark.parametrize("name", FORMULAS)
def test_derivatives_equal_autograd(name: str):
    activation: Activation = catalog.ACTIVATIONS[name].load()
    z = torch.cat([torch.linspace(-30, 30, 3001).double(), torch.tensor(KINKS).double()])
    z.requires_grad_()
    (expected,) = torch.autograd.grad(activation.function(z).sum(), z)
    torch.testing.assert_close(activation.derivative(z.detach()), expected, rtol=1e-9, atol=1e-14)
    for dtype in (torch.float32, torch.float64):
        extreme = torch.tensor([-3e38, -200.0, 0.0, 200.0, 3e38], dtype=dtype)
        slopes = activation.derivative(extreme)
        assert slopes.dtype == dtype and torch.isfinite(slopes).all()


@pytest.mark.parametrize("name", FORMULAS)
def test_neighbouring_numbers_do_not_swap_where_an_activation_says_it_increases(name: str):
    """Sorted pre-activations give sorted activations, to the last digit: histograms rely on it."""
    activation: Activation = catalog.ACTIVATIONS[name].load()
    starts = np.array([1e-6, 1e-3, 0.1, 0.34, 0.45, 0.76, 1.3, 3.3, 8.0], np.float32)
    up = (starts.view(np.int32)[:, None] + np.arange(5000, dtype=np.int32)).view(np.float32)
    for z in (up, -up[:, ::-1]):
        a = activation.function(torch.from_numpy(z.copy())).numpy()
        assert (np.diff(a) >= 0).all() or not activation.increasing


@pytest.mark.parametrize("name", catalog.ACTIVATIONS)
def test_every_activation_is_what_its_attributes_say(name: str):
    activation: Activation = catalog.ACTIVATIONS[name].load()
    a = activation.function(torch.from_numpy(Z)).numpy()
    assert a[500] == activation.centre
    assert (activation.increasing or name == "softsign") == bool((np.diff(a) >= 0).all())
    assert activation.can_die == bool((a == 0).sum() > 1)
    low, high = activation.bounds
    assert low <= a.min() or name == "linear"
    assert a.max() <= high or a[-1] >= 7.9  # without an upper limit
    slope = activation.derivative(torch.linspace(-8, -1e-9, 100))
    values = activation.function(torch.linspace(-8, -1e-9, 100)).double().numpy()
    least, most = activation.unsaturated
    flat = (slope.abs() < activation.flat).numpy() | (values < least) | (values > most)
    assert activation.rectifies == bool(flat.all())
    assert activation.definition


@pytest.mark.parametrize(
    ("activation", "inside", "outside"),
    [
        (SIGMOID, [0.05, 0.5, 0.95], [0.0, 0.0499, 0.9501, 1.0]),
        (TANH, [-0.97, 0.0, 0.97], [-1.0, -0.9701, 0.9701, 1.0]),
        (RELU, [1e-45, 1.0, math.inf], [0.0]),
        (HARD_TANH, [-1 + 1e-7, 0.0, 1 - 1e-7], [-1.0, 1.0]),
        (LINEAR, [-1e38, 0.0, 1e38], []),
    ],
)
def test_what_is_saturated(activation: Activation, inside: list[float], outside: list[float]):
    low, high = activation.unsaturated
    assert all(low <= a <= high for a in inside)
    assert not any(low <= a <= high for a in outside)


@pytest.mark.parametrize(
    ("activation", "steep", "flat"),
    [
        (LEAKY_RELU, [1e-6, 5.0], [-9.0, -1e-6, 0.0]),
        (ELU, [-2.99, 0.0, 50.0], [-3.0, -50.0]),
        (GELU, [-2.3, -1.4, -0.9, -0.6, 0.0, 9.0], [-50.0, -2.4, -0.87, -0.75, -0.66]),
        (SILU, [-4.0, -2.0, -1.6, -1.0, 0.0, 9.0], [-50.0, -4.1, -1.55, -1.28, -1.09]),
        (SOFTSIGN, [-3.47, 0.0, 3.47], [-3.48, 3.48, 50.0]),
    ],
)
def test_where_the_slope_is_flat(activation: Activation, steep: list[float], flat: list[float]):
    """At the numbers that the definition names."""
    assert activation.flat == 0.05
    assert activation.unsaturated == (-math.inf, math.inf)
    assert (activation.derivative(torch.tensor(steep)).abs() >= 0.05).all()
    assert (activation.derivative(torch.tensor(flat)).abs() < 0.05).all()


def test_the_outputs_that_definitions_name():
    for activation, z, a in ((ELU, math.log(0.05), -0.95), (SOFTSIGN, math.sqrt(20) - 1, 0.776)):
        at = torch.tensor(z, dtype=torch.float64)
        assert activation.derivative(at).item() == pytest.approx(0.05)
        assert activation.function(at).item() == pytest.approx(a, abs=1e-3)
