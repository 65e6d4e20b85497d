"""Normalizations against torch's own, against naive loops, and against finite differences."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradcheck
from torch.func import functional_call

from normviz.nn.network import batch_statistics, running_statistics
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.layer import LayerNorm
from normviz.nn.norms.none import NoNorm

FEATURES = 5


def numbers(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator) * 2 + 1


def pair(kind: type, affine: bool) -> tuple[Any, Any]:
    """Our module and torch's with the same gamma and beta, in float64."""
    ours = kind(FEATURES, affine).double()
    theirs = nn.BatchNorm1d(FEATURES, affine=affine) if kind is BatchNorm else None
    theirs = theirs or nn.LayerNorm(FEATURES, elementwise_affine=affine)
    theirs = theirs.double()
    if affine:
        with torch.no_grad():
            ours.gamma.copy_(numbers(FEATURES, seed=1))
            ours.beta.copy_(numbers(FEATURES, seed=2))
            theirs.weight.copy_(ours.gamma)
            theirs.bias.copy_(ours.beta)
    return ours, theirs


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm])
def test_values_gradients_and_averages_equal_torchs(kind: type, affine: bool):
    ours, theirs = pair(kind, affine)
    for step in range(5):
        x = numbers(7, FEATURES, seed=10 + step)
        xs = x.clone().requires_grad_(), x.clone().requires_grad_()
        ys = ours(xs[0]), theirs(xs[1])
        torch.testing.assert_close(ys[0], ys[1], rtol=1e-14, atol=1e-14)
        for y in ys:
            (y * numbers(7, FEATURES, seed=99)).sum().backward()
        torch.testing.assert_close(xs[0].grad, xs[1].grad, rtol=1e-13, atol=1e-13)
    if affine:
        torch.testing.assert_close(ours.gamma.grad, theirs.weight.grad, rtol=1e-13, atol=1e-13)
        torch.testing.assert_close(ours.beta.grad, theirs.bias.grad, rtol=1e-13, atol=1e-13)
    if kind is BatchNorm:
        torch.testing.assert_close(ours.running_mean, theirs.running_mean, rtol=1e-15, atol=1e-15)
        torch.testing.assert_close(ours.running_var, theirs.running_var, rtol=1e-15, atol=1e-15)
    x = numbers(3, FEATURES, seed=50)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-14, atol=1e-14)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm])
def test_gradients_equal_finite_differences(kind: type, affine: bool, training: bool):
    module = kind(FEATURES, affine).double().train(training)
    module.tracking = False
    names = [name for name, _ in module.named_parameters()]
    assert len(names) == 2 * affine
    inputs = [numbers(6, FEATURES), *(numbers(FEATURES, seed=s) for s in range(1, 1 + len(names)))]

    def call(x: Tensor, *parameters: Tensor) -> Tensor:
        return functional_call(module, dict(zip(names, parameters, strict=True)), (x,))

    assert gradcheck(call, [tensor.requires_grad_() for tensor in inputs])


def naive(rows: np.ndarray, eps: float) -> np.ndarray:
    """Normalize every column, one number at a time."""
    out = np.empty_like(rows)
    for j in range(rows.shape[1]):
        mean = sum(rows[i, j] for i in range(len(rows))) / len(rows)
        variance = sum((rows[i, j] - mean) ** 2 for i in range(len(rows))) / len(rows)
        for i in range(len(rows)):
            out[i, j] = (rows[i, j] - mean) / (variance + eps) ** 0.5
    return out


@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm])
def test_values_equal_a_naive_loop(kind: type):
    ours, _ = pair(kind, affine=True)
    x = numbers(7, FEATURES)
    rows = x.numpy() if kind is BatchNorm else x.numpy().T
    normed = naive(rows, ours.eps)
    normed = normed if kind is BatchNorm else normed.T
    expected = ours.gamma.detach().numpy() * normed + ours.beta.detach().numpy()
    np.testing.assert_allclose(ours(x).detach().numpy(), expected, rtol=1e-12)


def test_running_averages_follow_the_definition():
    norm = BatchNorm(FEATURES, affine=False).double()
    mean, variance = np.zeros(FEATURES), np.ones(FEATURES)
    for step in range(4):
        x = numbers(6, FEATURES, seed=step)
        norm(x)
        mean = 0.9 * mean + 0.1 * x.numpy().mean(0)
        variance = 0.9 * variance + 0.1 * x.numpy().var(0, ddof=1)
    np.testing.assert_allclose(norm.running_mean.numpy(), mean, rtol=1e-13)
    np.testing.assert_allclose(norm.running_var.numpy(), variance, rtol=1e-13)


def test_the_stored_variance_is_unbiased_and_the_applied_one_biased():
    norm = BatchNorm(1, affine=False, momentum=1.0).double()
    out = norm(torch.tensor([[0.0], [2.0]], dtype=torch.float64))
    assert norm.running_var.item() == 2.0
    np.testing.assert_allclose(out[:, 0], [-1, 1], rtol=1e-5)


def test_eval_mode_uses_the_running_averages_and_leaves_them():
    norm = BatchNorm(FEATURES, affine=False).double()
    norm(numbers(6, FEATURES))
    before = [buffer.clone() for buffer in norm.buffers()]
    x = numbers(1, FEATURES, seed=5)
    expected = (x - before[0]) / (before[1] + norm.eps).sqrt()
    torch.testing.assert_close(norm.eval()(x), expected, rtol=1e-13, atol=1e-13)
    assert all(map(torch.equal, before, norm.buffers()))


def test_without_tracking_the_averages_stay_bit_for_bit():
    norm = BatchNorm(FEATURES, affine=True)
    norm(numbers(6, FEATURES).float())
    before = [buffer.clone() for buffer in norm.buffers()]
    x = numbers(6, FEATURES, seed=3).float()
    norm.tracking = False
    untracked = norm(x), norm(x[:1])
    assert all(map(torch.equal, before, norm.buffers()))
    norm.tracking = True
    assert torch.equal(norm(x), untracked[0])
    assert not torch.equal(before[0], norm.running_mean)


def test_a_minibatch_of_one_gives_beta_and_no_nan():
    norm, _ = pair(BatchNorm, affine=True)
    x = numbers(1, FEATURES).requires_grad_()
    out = norm(x)
    torch.testing.assert_close(out[0], norm.beta, rtol=0, atol=1e-12)
    out.sum().backward()
    torch.testing.assert_close(x.grad, torch.zeros_like(x), rtol=0, atol=1e-12)
    assert torch.equal(norm.running_var, torch.ones(FEATURES, dtype=torch.float64))
    torch.testing.assert_close(norm.running_mean, 0.1 * x.detach()[0])
    assert all(parameter.grad.isfinite().all() for parameter in norm.parameters())


def test_layer_norm_does_not_look_at_other_examples():
    norm, _ = pair(LayerNorm, affine=True)
    x = numbers(6, FEATURES)
    torch.testing.assert_close(norm(x)[:1], norm(x[:1]), rtol=1e-14, atol=1e-14)
    assert torch.equal(norm.eval()(x), norm.train()(x))


@pytest.mark.parametrize("kind", [BatchNorm, LayerNorm])
def test_constant_input_gives_beta(kind: type):
    norm, _ = pair(kind, affine=True)
    out = norm(torch.full((6, FEATURES), 3.0, dtype=torch.float64))
    torch.testing.assert_close(out, norm.beta.expand(6, -1), rtol=0, atol=1e-12)


def test_no_norm_passes_the_input_through_and_learns_nothing():
    norm, x = NoNorm(FEATURES, affine=True), numbers(6, FEATURES)
    assert norm(x) is x
    assert not list(norm.parameters())


def test_the_two_ways_to_look_at_a_model_leave_it_training_and_unchanged():
    model = nn.Sequential(nn.Linear(FEATURES, FEATURES), BatchNorm(FEATURES, affine=True))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    x = numbers(6, FEATURES).float()
    with batch_statistics(model):
        by_batch = model(x)
    with running_statistics(model):
        by_average = model(x)
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    torch.testing.assert_close(by_batch.mean(0), torch.zeros(FEATURES), rtol=0, atol=1e-6)
    torch.testing.assert_close(by_average, model[0](x), rtol=1e-4, atol=1e-4)
    model(x)
    assert not torch.equal(before["1.running_mean"], model.state_dict()["1.running_mean"])


def test_an_error_inside_does_not_stop_the_tracking():
    model = nn.Sequential(BatchNorm(FEATURES, affine=True))
    for look in (batch_statistics, running_statistics):
        with pytest.raises(ZeroDivisionError), look(model):
            raise ZeroDivisionError
    assert model.training
    assert model[0].tracking
