"""Shifting gradients against formulas, noise without BatchNorm, smoothness step by step, and short runs."""

import copy
import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import batch_norm, cross_entropy

from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.noisy import NoisyBatchNorm
from normviz.reproduce import santurkar
from normviz.reproduce.normed import Noise
from normviz.reproduce.running import run
from normviz.reproduce.shift import Shift, descent, regression
from normviz.reproduce.training import PlainSGD
from normviz.train.landscape import LENGTHS, along_gradient
from tests.reproduce.test_figures import keys_shown

BANDS = {row.key: row.band for row in santurkar.FIGURE.rows if row.band}


def product(matrices: list[np.ndarray]) -> np.ndarray:
    """The last matrix times ... times the first."""
    result = np.eye(10)
    for matrix in matrices:
        result = matrix @ result
    return result


def test_gradients_of_a_linear_network_are_those_of_the_formula():
    task, weights = regression(0, nn.Identity())
    rng = np.random.default_rng(0)
    updated = [w + 0.01 * torch.from_numpy(rng.standard_normal((10, 10))) for w in weights]
    x, y = task.x.numpy(), task.y.numpy()
    matrices, others = [w.numpy() for w in weights], [w.numpy() for w in updated]
    _, before = task.gradients(weights)
    after = task.gradients_after(weights, updated)
    for index, (g, g_after) in enumerate(zip(before, after, strict=True)):
        above = product(matrices[index + 1 :])
        for below, gradient in ((matrices[:index], g), (others[:index], g_after)):
            received = x @ product(below).T
            error = received @ matrices[index].T @ above.T - y
            np.testing.assert_allclose(gradient, 2 * above.T @ error.T @ received, rtol=1e-9)


def test_shift_with_batchnorm_is_that_of_whole_passes():
    task, weights = regression(1, santurkar.LINEAR_NORMS["batch"]())
    (_, shift), *_ = descent(task, weights, 1e-6, 0, 1)

    def gradient(values: list[torch.Tensor], index: int) -> torch.Tensor:
        leaves = [value.clone().requires_grad_() for value in values]
        h = task.x
        for leaf in leaves[:-1]:
            h = batch_norm(h @ leaf.T, None, None, training=True)
        loss = ((h @ leaves[-1].T - task.y) ** 2).sum()
        return torch.autograd.grad(loss, leaves[index])[0]

    moved = [w - 1e-6 * gradient(weights, index) for index, w in enumerate(weights)]
    for index in (1, 7, 24):
        g, after = gradient(weights, index), gradient([*moved[:index], *weights[index:]], index)
        cosine = float((g * after).sum() / (g.norm() * after.norm()))
        assert shift.cosine[index - 1] == pytest.approx(cosine, rel=1e-6)
        assert shift.distance[index - 1] == pytest.approx(float((g - after).norm()), rel=1e-6)
        assert shift.length[index - 1] == pytest.approx(float(g.norm()), rel=1e-6)


def test_where_nothing_moves_nothing_shifts():
    task, weights = regression(0, santurkar.LINEAR_NORMS["batch"]())
    steps = list(descent(task, weights, 0.0, 4, 2))
    assert [step for step, _ in steps] == [0, 2, 4]
    for _, shift in steps:
        assert len(shift.cosine) == 24
        assert max(shift.distance) < 1e-9 * max(shift.length)
        assert min(shift.cosine) == pytest.approx(1)


def test_descent_goes_down_the_gradient():
    task, weights = regression(0, nn.Identity())
    first, *_, last = (shift.loss for _, shift in descent(task, weights, 3e-7, 40, 20))
    length = sum(float(g.square().sum()) for g in task.gradients(weights)[1])
    assert first - last == pytest.approx(40 * 3e-7 * length, rel=0.1)


def test_noise_alone_is_noisy_batchnorm_behind_nothing():
    x = 3 * torch.randn(40, 5) + 1
    plain, noisy, noise = BatchNorm(5, affine=False), NoisyBatchNorm(5, False), Noise(5, False)
    for module in (noisy, noise):
        module.seed(torch.Generator().manual_seed(7))
    assert torch.equal(noise(plain(x)), noisy(x))
    assert not torch.equal(noise(x), x)
    noise.eval()
    assert torch.equal(noise(x), x)


@pytest.mark.parametrize("kind", ["none", "batch"])
def test_landscape_is_that_of_copies_that_walk(kind):
    model, x, y = santurkar.network(kind, 2, 0), torch.randn(50, 784), torch.arange(50) % 10
    state = copy.deepcopy(model.state_dict())
    found = along_gradient(model, x, y, 0.1)
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())

    def gradient(net: nn.Module) -> tuple[float, list[torch.Tensor]]:
        loss = cross_entropy(net(x), y)
        return float(loss.detach()), list(torch.autograd.grad(loss, list(net.parameters())))

    losses, changes, betas = [], [], []
    for length in LENGTHS:
        walker = copy.deepcopy(model)
        _, here = gradient(walker)
        with torch.no_grad():
            for parameter, g in zip(walker.parameters(), here, strict=True):
                parameter -= length * 0.1 * g
        loss, there = gradient(walker)
        change = math.hypot(*(float((a - b).norm()) for a, b in zip(there, here, strict=True)))
        path = math.hypot(*(length * 0.1 * float(g.norm()) for g in here))
        losses.append(loss)
        changes.append(change)
        betas.append(change / path)
    assert found.range == pytest.approx(max(losses) - min(losses), rel=1e-3)
    assert found.change == pytest.approx(max(changes), rel=1e-3)
    assert found.beta == pytest.approx(max(betas), rel=1e-3)


def test_gradients_shift_with_batchnorm_only(monkeypatch):
    monkeypatch.setattr(santurkar, "RATE", 1e-6)
    monkeypatch.setattr(santurkar, "STEPS", 120)
    monkeypatch.setattr(santurkar, "EVERY", 20)
    numbers = santurkar.linear("none", 0) | santurkar.linear("batch", 0)
    numbers["relative"] = numbers["batch.relative"] / numbers["none.relative"]
    for key in ("none.cosine", "batch.cosine", "relative"):
        assert BANDS[key].holds([numbers[key]])


def test_noise_hurts_where_there_is_no_batchnorm(monkeypatch):
    monkeypatch.setattr(santurkar, "LOOKS", (50, 100))
    numbers = {k: v for kind in santurkar.NORMS for k, v in santurkar.noise(kind, 0).items()}
    assert BANDS["noise.400"].holds([numbers["noise.100"]])
    assert numbers["batch.100"] > 0.7
    assert numbers["noisy.100"] > numbers["none.100"] + 0.07


def test_every_number_shown_is_measured(monkeypatch):
    shift = Shift(1.0, [0.5] * 24, [1.0] * 24, [1.0] * 24)
    monkeypatch.setattr(
        santurkar,
        "descent",
        lambda task, weights, rate, steps, every: (
            (step, shift) for step in range(0, steps + 1, every)
        ),
    )
    monkeypatch.setattr(PlainSGD, "steps", lambda self, count: None)
    monkeypatch.setattr(PlainSGD, "accuracy", lambda self: next(accuracies))
    monkeypatch.setattr(santurkar, "WIDTH", 10)
    accuracies = iter(np.linspace(0.1, 0.9, 100).tolist())
    assert keys_shown("santurkar") <= run("santurkar", [0]).samples[0].keys()
