"""Gradient descent on a quadratic loss in closed form, against gradient descent; the paper's example."""

from dataclasses import replace

import numpy as np
import pytest

from normviz.reproduce import whitening
from normviz.reproduce.running import run
from normviz.reproduce.training import digits
from normviz.reproduce.whitening import Quadratic
from tests.reproduce.test_figures import keys_shown


@pytest.fixture
def problem() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((60, 4)) * [1, 2, 0.3, 1] + [0, 1, 0, 3]).astype(np.float32)
    return x, rng.standard_normal((60, 2))


def losses(x: np.ndarray, targets: np.ndarray, eta: float, updates: int) -> list[float]:
    """Loss at the start, after the updates and at the minimum, with no eigenvector."""
    inputs = np.column_stack([x.astype(np.float64), np.ones(len(x))])
    weights = np.zeros((inputs.shape[1], targets.shape[1]))
    history = [0.5 * np.mean(np.sum((inputs @ weights - targets) ** 2, axis=1))]
    for _ in range(updates):
        weights -= eta * inputs.T @ (inputs @ weights - targets) / len(x)
    history.append(0.5 * np.mean(np.sum((inputs @ weights - targets) ** 2, axis=1)))
    best = np.linalg.lstsq(inputs, targets, rcond=None)[0]
    return [*history, 0.5 * np.mean(np.sum((inputs @ best - targets) ** 2, axis=1))]


@pytest.mark.parametrize("updates", [1, 2, 7, 40])
def test_closed_form_is_gradient_descent(problem, updates):
    x, targets = problem
    loss = Quadratic(x, targets)
    for eta in (0.03, loss.best(), 2.1 / float(loss.eigenvalues[-1])):
        start, end, least = losses(x, targets, eta, updates)
        assert loss.left(eta, updates) == pytest.approx((end - least) / (start - least), rel=1e-6)


def test_step_size_limit_and_speed_of_the_best_one(problem):
    loss = Quadratic(*problem)
    limit = float(2 / loss.eigenvalues[-1])
    assert loss.left(0.99 * limit, 10_000) < 1e-6
    assert loss.left(1.01 * limit, 10_000) > 1
    shrinks = (loss.condition - 1) / (loss.condition + 1)
    for updates in (1, 10, 50):
        assert loss.left(loss.best(), updates) <= shrinks ** (2 * updates) * (1 + 1e-9)


@pytest.mark.parametrize("share", [0.5, 0.1, 1e-3])
def test_updates_are_the_first_that_are_enough(problem, share):
    loss = Quadratic(*problem)
    eta = loss.best()
    updates = loss.updates(eta, share)
    assert loss.left(eta, updates) <= share < loss.left(eta, updates - 1)


def test_directions_without_variance_are_left_out(problem):
    x, targets = problem
    doubled = Quadratic(np.column_stack([x, np.zeros(len(x), np.float32)]), targets)
    assert len(doubled.eigenvalues) == x.shape[1] + 1
    assert doubled.condition == pytest.approx(Quadratic(x, targets).condition)


def test_points_have_the_printed_covariance():
    covariances = [np.cov(whitening.two_classes(seed)[0].T, bias=True) for seed in range(200)]
    small, large = np.mean([np.linalg.eigvalsh(covariance) for covariance in covariances], axis=0)
    assert large == pytest.approx(0.84, abs=0.01)
    assert small == pytest.approx(0.036, abs=0.001)


@pytest.mark.parametrize("seed", range(5))
def test_two_classes_are_inside_their_bands(seed):
    numbers = whitening.plane(seed)
    rows = [row for row in whitening.FIGURE.rows if row.band and row.key in numbers]
    assert len(rows) == 5
    assert all(row.band and row.band.holds([numbers[row.key]]) for row in rows)


def test_every_number_shown_is_measured(monkeypatch):
    data = digits()
    narrow = replace(data, x=data.x[:, 200:230], heldout_x=data.heldout_x[:, 200:230])
    monkeypatch.setattr(whitening, "digits", lambda: narrow)
    monkeypatch.setattr(whitening, "prepared", lambda *_, **__: data)
    assert keys_shown("whitening") <= run("whitening", [0]).samples[0].keys()
