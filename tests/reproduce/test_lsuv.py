"""LSUV's figure: what is between examples, and when one division is not enough."""

import pytest
import torch

from normviz import catalog
from normviz.nn.initializers import lsuv
from normviz.reproduce.lsuv import ACTIVATIONS, Stack, between_examples, variance


def stack(name: str) -> Stack:
    return Stack(catalog.ACTIVATIONS[name].load(), seed=0)


def test_share_between_examples():
    units, examples = torch.arange(5.0).double(), torch.arange(7.0).double()
    assert between_examples(units.expand(7, 5)) == 0
    assert between_examples(examples[:, None].expand(7, 5)) == pytest.approx(1)
    both = examples[:, None] + units
    assert between_examples(both) == pytest.approx(4 / (4 + 2))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_weights_are_orthonormal_at_first(name):
    for layer in stack(name).layers:
        product = layer.weight @ layer.weight.T
        assert torch.allclose(product, torch.eye(len(product)), atol=1e-5)
        assert not layer.bias.any()


def test_biases_take_more_than_one_division():
    x = torch.rand(64, 784, generator=torch.Generator().manual_seed(0))
    with_biases = stack("tanh")
    for layer in with_biases.layers:
        torch.nn.init.normal_(layer.bias, 0, 0.5, generator=torch.Generator().manual_seed(1))
    lsuv.scale(with_biases.layers, lambda: with_biases.outputs(x))
    assert max(layer.divisions for layer in with_biases.layers) > 1
    assert all(abs(variance(z) - 1) < lsuv.TOLERANCE for z in with_biases.outputs(x))
