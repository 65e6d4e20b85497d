"""The network against plain torch modules, and what it writes on the tape."""

import pytest
import torch
from torch import Tensor, nn

from normviz import catalog
from normviz.config import LaneConfig
from normviz.nn.mlp import MLP
from normviz.nn.tape import Tape
from tests.unit.plain import MODULES, NORMS, sequential


def inputs(rows: int = 9) -> Tensor:
    return torch.rand((rows, 12), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("place", catalog.PLACES)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("activation", MODULES)
def test_it_equals_a_plain_sequential(activation: str, norm: str, place: str):
    config = LaneConfig(depth=3, width=6, activation=activation, norm=norm, place=place)
    ours = MLP(config, (12,), 10)
    theirs, x = sequential(config, ours), inputs()
    for training in (True, False):
        logits = ours.train(training)(x), theirs.train(training)(x)
        torch.testing.assert_close(logits[0], logits[1], rtol=1e-6, atol=1e-7)
    for each in (ours, theirs):
        each.train()(x).square().sum().backward()
    for a, b in zip(ours.linears(), (m for m in theirs if isinstance(m, nn.Linear)), strict=True):
        torch.testing.assert_close(a.weight.grad, b.weight.grad, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("norm", ["none", "layer"])
@pytest.mark.parametrize("place", catalog.PLACES)
def test_the_tape_holds_each_layers_three_stages_in_order(place: str, norm: str):
    config = LaneConfig(depth=3, width=6, activation="tanh", norm=norm, place=place)
    model, x, tape = MLP(config, (12,), 10), inputs(), Tape()
    logits = model(x, tape)
    normed = nn.LayerNorm(6) if norm == "layer" else nn.Identity()
    for i in range(3):
        z = model.linears()[i](x)
        pre = normed(z) if place == "before" else z
        phi = pre.tanh()
        x = phi if place == "before" else normed(phi)
        torch.testing.assert_close(tape.pre[i], pre)
        torch.testing.assert_close(tape.phi[i], phi)
        torch.testing.assert_close(tape.out[i], x)
    assert len(tape.pre) == len(tape.phi) == len(tape.out) == 3
    torch.testing.assert_close(logits, model.output(x))


def test_a_tape_changes_nothing():
    model = MLP(LaneConfig(depth=3, width=6), (12,), 10)
    assert torch.equal(model(inputs(), Tape()), model(inputs()))


def test_depth_width_and_classes_give_the_shapes():
    model = MLP(LaneConfig(depth=4, width=7), (12,), 3)
    assert [tuple(layer.weight.shape) for layer in model.linears()] == [
        (7, 12),
        *[(7, 7)] * 3,
        (3, 7),
    ]


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("norm", ["batch", "layer"])
def test_gamma_and_beta_can_be_left_out(norm: str, affine: bool):
    model = MLP(LaneConfig(depth=2, width=6, norm=norm, affine=affine), (12,), 10)
    learned = [name for name, _ in model.named_parameters() if "norm" in name]
    assert len(learned) == (4 if affine else 0)
