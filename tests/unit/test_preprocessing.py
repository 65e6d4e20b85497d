"""Preprocessing against numpy in float64 and scikit-learn's StandardScaler; fitted on training data only."""

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from normviz import catalog
from normviz.config import LaneConfig
from normviz.data.preprocessing import (
    EPS,
    ROWS,
    _principal,
    centred,
    global_zscore,
    pca,
    raw,
    zca,
    zscore,
)
from normviz.train.inputs import data_of, prepared

RNG = np.random.default_rng(0)
TRAIN = RNG.gamma(0.5, 0.3, (300, 7)).astype(np.float32)
OTHER = RNG.gamma(2.0, 0.3, (40, 7)).astype(np.float32)
#: Correlated features, with variances from 5 to 0.04 along their principal axes.
AXES = np.linalg.qr(RNG.standard_normal((7, 7)))[0] * np.geomspace(2.2, 0.2, 7)[:, None]
MIXED, MIXED_OTHER = (
    (1 + RNG.standard_normal((n, 7)) @ AXES).astype(np.float32) for n in (100, 40)
)


def fitted(name: str, train: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    choice = catalog.PREPROCESSINGS[name]
    return choice.load()(train, **choice.settings(LaneConfig()))


def test_raw_is_the_identity():
    np.testing.assert_array_equal(raw(TRAIN)(OTHER), OTHER, strict=True)


@pytest.mark.parametrize("x", [TRAIN, OTHER])
def test_centred_subtracts_the_training_mean(x: np.ndarray):
    scaler = StandardScaler(with_std=False).fit(TRAIN.astype(float))
    theirs = np.asarray(scaler.transform(x.astype(float)))
    np.testing.assert_allclose(centred(TRAIN)(x), theirs, atol=1e-6)


@pytest.mark.parametrize("x", [TRAIN, OTHER])
def test_zscore_divides_by_the_training_deviation(x: np.ndarray):
    scaler = StandardScaler().fit(TRAIN.astype(float))
    mean, variance = np.asarray(scaler.mean_), np.asarray(scaler.var_)
    expected = (x.astype(float) - mean) / np.sqrt(variance + EPS)
    np.testing.assert_allclose(zscore(TRAIN)(x), expected, rtol=1e-5, atol=1e-5)
    without_eps = np.asarray(scaler.transform(x.astype(float)))
    np.testing.assert_allclose(zscore(TRAIN)(x), without_eps, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("value", [0.0, 0.1, 1.0])
def test_a_constant_feature_becomes_zero(value: float):
    train = TRAIN.copy()
    train[:, 3] = value
    for fit in (centred, zscore):
        seen = fit(train)(train)
        assert np.isfinite(seen).all()
        np.testing.assert_allclose(seen[:, 3], 0, atol=1e-4)
        assert np.isfinite(fit(train)(OTHER)).all()


@pytest.mark.parametrize("x", [TRAIN, OTHER])
def test_global_zscore_has_one_mean_and_one_variance(x: np.ndarray):
    expected = (x - TRAIN.astype(float).mean()) / np.sqrt(TRAIN.astype(float).var() + EPS)
    np.testing.assert_allclose(global_zscore(TRAIN)(x), expected, rtol=1e-5, atol=1e-6)
    flat = np.full((5, 3), 0.25, np.float32)
    assert (global_zscore(flat)(flat) == 0).all()


@pytest.mark.parametrize("x", [MIXED, MIXED_OTHER])
def test_pca_equals_scikit_learns(x: np.ndarray):
    """Up to the signs of the axes, and to the variance's divisor: theirs is n - 1."""
    n, model = len(MIXED), PCA(whiten=True).fit(MIXED.astype(float))
    theirs = model.transform(x.astype(float)) * np.sqrt(n / (n - 1))
    ours = pca(MIXED, 1e-6)(x)
    signs = np.sign((ours * theirs).sum(0))
    np.testing.assert_allclose(ours, theirs * signs, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("eps", [1e-6, 0.1, 10.0])
def test_whitening_equals_the_definition_in_float64(eps: float):
    x = MIXED.astype(float) - MIXED.astype(float).mean(0)
    left, singular, right = np.linalg.svd(x, full_matrices=False)
    variances = singular**2 / len(x)
    whitened = left * singular / np.sqrt(variances + eps)
    np.testing.assert_allclose(zca(MIXED, eps)(MIXED), whitened @ right, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(
        np.abs(pca(MIXED, eps)(MIXED)), np.abs(whitened), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("eps", [1e-6, 0.1])
@pytest.mark.parametrize("fit", [pca, zca])
def test_whitened_features_are_uncorrelated_with_variance_1(fit: Callable, eps: float):
    white = fit(MIXED, eps)(MIXED).astype(float)
    np.testing.assert_allclose(white.mean(0), 0, atol=1e-5)
    variances, axes = np.linalg.eigh(np.cov(MIXED.T.astype(float), bias=True))
    shrunk = variances / (variances + eps)
    expected = np.diag(shrunk[::-1]) if fit is pca else axes * shrunk @ axes.T
    np.testing.assert_allclose(np.cov(white.T, bias=True), expected, atol=1e-4)
    if eps < 1e-5:
        np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(7), atol=1e-3)


def test_signs_of_the_axes_are_fixed():
    _, axes, _ = _principal(MIXED, 0.1)
    assert (np.take_along_axis(axes, np.abs(axes).argmax(0)[None], 0) > 0).all()
    np.testing.assert_allclose(axes.T @ axes, np.eye(7), atol=1e-12)


def test_more_rows_than_are_turned_at_once_and_more_features_than_rows():
    many = np.tile(MIXED, (ROWS // 100 + 9, 1))
    np.testing.assert_allclose(pca(many, 0.1)(MIXED_OTHER), pca(MIXED, 0.1)(MIXED_OTHER), atol=1e-4)
    few = MIXED[:4]
    for fit in (pca, zca):
        assert np.isfinite(fit(few, 1e-6)(MIXED_OTHER)).all()
        np.testing.assert_allclose(fit(few, 1e-6)(few).mean(0), 0, atol=1e-3)


@pytest.mark.parametrize("fit", [pca, zca])
def test_a_constant_feature_stays_zero_when_whitened(fit: Callable):
    train = MIXED.copy()
    train[:, 3] = 0.5
    seen = fit(train, 0.1)(train)
    assert (np.abs(seen).max(0) < 1e-6).sum() == 1


def test_real_pixels_become_uncorrelated():
    x = prepared("mnist", "pca", whiten_eps=0.1).x.astype(float)
    assert prepared("mnist", "pca", whiten_eps=0.1) is prepared("mnist", "pca", whiten_eps=0.1)
    cov = np.cov(x.T, bias=True)
    assert np.abs(cov - np.diag(np.diag(cov))).max() < 1e-4
    assert (np.diff(np.diag(cov)) < 1e-6).all() and 0.97 < cov[0, 0] < 1
    centred_x = catalog.DATASETS["mnist"].load()().x.astype(float)
    variances = np.linalg.eigvalsh(np.cov(centred_x.T, bias=True))[::-1]
    np.testing.assert_allclose(np.diag(cov), variances / (variances + 0.1), atol=1e-4)


def test_only_what_a_preprocessing_uses_tells_its_data_apart():
    def seen(**fields: object) -> np.ndarray:
        return data_of(LaneConfig.model_validate({"dataset": "digits", **fields})).x

    assert seen(whiten_eps=0.1) is seen(whiten_eps=0.2)
    first, second = (seen(preprocessing="zca", whiten_eps=eps) for eps in (0.1, 0.2))
    assert not np.allclose(first, second)


@pytest.mark.parametrize("name", catalog.PREPROCESSINGS)
def test_transforms_keep_shape_and_type_and_leave_their_input_alone(name: str):
    before = OTHER.copy()
    after = fitted(name, TRAIN)(OTHER)
    assert after.dtype == np.float32
    assert after.shape == OTHER.shape
    np.testing.assert_array_equal(OTHER, before)


@pytest.mark.parametrize("name", catalog.PREPROCESSINGS)
def test_held_out_data_have_no_influence(name: str):
    """Both parts of a lane's data go through the function that was fitted on the training part."""
    source = catalog.DATASETS["digits"].load()()
    seen = data_of(LaneConfig(dataset="digits", preprocessing=name))
    oracle = fitted(name, source.x)
    np.testing.assert_array_equal(seen.x, oracle(source.x))
    np.testing.assert_array_equal(seen.heldout_x, oracle(source.heldout_x))
    refitted = fitted(name, source.heldout_x)
    assert name == "raw" or not np.allclose(seen.heldout_x, refitted(source.heldout_x), atol=1e-3)


def test_real_pixels_get_mean_0_and_deviation_1():
    x = prepared("mnist", "zscore").x.astype(float)
    lively = mnist_variance() > 0.01
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(x.std(0)[lively], 1, atol=1e-3)
    assert (x[:, mnist_variance() == 0] == 0).all()


def mnist_variance() -> np.ndarray:
    return catalog.DATASETS["mnist"].load()().x.astype(float).var(0)
