"""Norms of weight gradients against a full singular value decomposition in float64."""

import numpy as np
import pytest

from normviz.config import LaneConfig
from normviz.probe.gradients import measure, norms
from normviz.train.lane import Lane


def svd(matrix: np.ndarray) -> float:
    return float(np.linalg.svd(matrix.astype(float), compute_uv=False)[0])


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 9), (9, 1), (10, 200), (16, 784), (200, 10), (512, 16)]
)
def test_matrices_with_a_short_side_are_exact(shape: tuple[int, int]):
    matrices = normal(3, *shape)
    spectral, frobenius = norms(matrices)
    np.testing.assert_allclose(spectral, [svd(m) for m in matrices], rtol=1e-6)
    np.testing.assert_allclose(
        frobenius, np.linalg.norm(matrices.astype(float), axis=(1, 2)), rtol=1e-6
    )


@pytest.mark.parametrize("shape", [(17, 17), (50, 784), (200, 200), (200, 784), (512, 512)])
def test_random_matrices_are_a_little_short(shape: tuple[int, int]):
    matrices = normal(3, *shape)
    spectral, frobenius = norms(matrices)
    ratios = spectral / [svd(m) for m in matrices]
    assert (ratios <= 1 + 1e-6).all()
    assert (ratios >= 0.97).all()
    np.testing.assert_allclose(
        frobenius, np.linalg.norm(matrices.astype(float), axis=(1, 2)), rtol=1e-6
    )


@pytest.mark.parametrize("shape", [(35, 53), (100, 100)])
def test_random_matrices_are_rarely_more_than_3_in_100_short(shape: tuple[int, int]):
    matrices = normal(100, *shape)
    short = 1 - norms(matrices)[0] / [svd(m) for m in matrices]
    assert (short > -1e-6).all()
    assert np.median(short) < 0.01
    assert (short > 0.03).sum() <= 3
    assert short.max() < 0.1


@pytest.mark.parametrize("steps", [1, 50])
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_real_gradients_are_right_to_2_in_1000(norm: str, seed: int, steps: int, trained):
    measured = trained(norm, seed, steps).measured(None)
    values = measure(measured)
    assert values["dw_spectral"].shape == (11,)
    for i, grad in enumerate(g.double().numpy() for g in measured.weight_grads):
        assert values["dw_spectral"][i] == pytest.approx(svd(grad), rel=2e-3)
        assert values["dw_spectral"][i] <= svd(grad) * (1 + 1e-5)
        assert values["dw_frobenius"][i] == pytest.approx(np.linalg.norm(grad), rel=1e-5)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_real_gradients_of_other_networks(activation: str):
    measured = Lane(LaneConfig(activation=activation, init="he", depth=4, width=64)).measured(None)
    values = measure(measured)
    exact = [svd(grad.numpy()) for grad in measured.weight_grads]
    np.testing.assert_allclose(values["dw_spectral"], exact, rtol=2e-3)


@pytest.mark.parametrize("rank", [1, 2, 5])
def test_matrices_of_low_rank_are_found_and_not_overshot(rank: int):
    u, _ = np.linalg.qr(normal(40, rank).astype(float))
    v, _ = np.linalg.qr(normal(60, rank).astype(float)[::-1])
    matrix = (u * 0.5 ** np.arange(rank)) @ v.T
    spectral, frobenius = norms(matrix.astype(np.float32)[None])
    assert spectral[0] == pytest.approx(1, rel=1e-5)
    assert frobenius[0] == pytest.approx(np.sqrt((0.25 ** np.arange(rank)).sum()), rel=1e-5)


@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e-13, 1e-11, 1e11, 1e13, 1e25, 1e34])
@pytest.mark.parametrize("shape", [(10, 30), (40, 30)])
def test_very_small_and_very_large_gradients(shape: tuple[int, int], scale: float):
    matrices = np.stack([normal(*shape) * np.float32(scale), normal(*shape)])
    spectral, frobenius = norms(matrices)
    tolerance = 1e-5 if shape[0] == 10 else 0.03
    np.testing.assert_allclose(spectral, [svd(m) for m in matrices], rtol=tolerance)
    np.testing.assert_allclose(
        frobenius, np.linalg.norm(matrices.astype(float), axis=(1, 2)), rtol=1e-5
    )


@pytest.mark.parametrize("shape", [(10, 30), (40, 30)])
def test_zero_has_norm_zero_also_beside_others(shape: tuple[int, int]):
    matrices = np.stack([np.zeros(shape, np.float32), -np.zeros(shape, np.float32), normal(*shape)])
    for both in norms(matrices):
        assert both[:2].tolist() == [0, 0]
        assert not np.signbit(both).any()
        assert both[2] > 1
    for both in norms(matrices[:2]):
        assert both.tolist() == [0, 0]


@pytest.mark.parametrize("shape", [(10, 30), (40, 30)])
def test_what_is_not_finite_has_a_norm_that_is_not_finite(shape: tuple[int, int]):
    matrices = np.stack([normal(*shape)] * 5)
    matrices[0, 2, 3] = np.nan
    matrices[1, 2, 3] = np.inf
    matrices[2, 2, 3] = -np.inf
    matrices[3, 2, 3], matrices[3, 4, 5] = np.inf, np.nan
    for both in norms(matrices):
        assert np.isnan(both[[0, 3]]).all()
        assert np.isposinf(both[1:3]).all()
    for ours, alone in zip(norms(matrices), norms(matrices[4:]), strict=True):
        assert ours[4] == pytest.approx(alone[0], rel=1e-3)


def test_layers_are_measured_in_their_order():
    """Layers of one shape are stacked; each gets its own number back."""
    measured = Lane(LaneConfig(dataset="digits", depth=4, width=10, init="he")).measured(None)
    values = measure(measured)
    exact = [svd(grad.numpy()) for grad in measured.weight_grads]
    assert len(set(exact)) == 5
    np.testing.assert_allclose(values["dw_spectral"], exact, rtol=1e-5)
