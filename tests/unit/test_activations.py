"""Activations: their values, and what of them counts as saturated."""

import math

import numpy as np
import pytest
import torch

from normviz import catalog
from normviz.nn.activations import RELU, SIGMOID, TANH, Activation

Z = np.linspace(-8, 8, 1001)
FORMULAS = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: np.where(z > 0, z, 0),
}


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


@pytest.mark.parametrize("name", catalog.ACTIVATIONS)
def test_every_activation_is_what_its_attributes_say(name: str):
    activation: Activation = catalog.ACTIVATIONS[name].load()
    a = activation.function(torch.from_numpy(Z)).numpy()
    assert a[500] == activation.centre
    assert activation.increasing == bool((np.diff(a) >= 0).all())
    assert activation.can_die == bool((a == 0).sum() > 1)
    low, high = activation.bounds
    assert low <= a.min()
    assert a.max() <= high or activation is RELU
    assert activation.definition


@pytest.mark.parametrize(
    ("activation", "inside", "outside"),
    [
        (SIGMOID, [0.05, 0.5, 0.95], [0.0, 0.0499, 0.9501, 1.0]),
        (TANH, [-0.97, 0.0, 0.97], [-1.0, -0.9701, 0.9701, 1.0]),
        (RELU, [1e-45, 1.0, math.inf], [0.0]),
    ],
)
def test_what_is_saturated(activation: Activation, inside: list[float], outside: list[float]):
    low, high = activation.unsaturated
    assert all(low <= a <= high for a in inside)
    assert not any(low <= a <= high for a in outside)
