"""Preprocessing against numpy in float64 and scikit-learn's StandardScaler; fitted on training data only."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from normviz import catalog
from normviz.data.preprocessing import EPS, centred, raw, zscore
from normviz.train.lane import prepared

RNG = np.random.default_rng(0)
TRAIN = RNG.gamma(0.5, 0.3, (300, 7)).astype(np.float32)
OTHER = RNG.gamma(2.0, 0.3, (40, 7)).astype(np.float32)


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


@pytest.mark.parametrize("name", catalog.PREPROCESSINGS)
def test_transforms_keep_shape_and_type_and_leave_their_input_alone(name: str):
    before = OTHER.copy()
    after = catalog.PREPROCESSINGS[name].load()(TRAIN)(OTHER)
    assert after.dtype == np.float32
    assert after.shape == OTHER.shape
    np.testing.assert_array_equal(OTHER, before)


@pytest.mark.parametrize("name", catalog.PREPROCESSINGS)
def test_held_out_data_have_no_influence(name: str):
    """Both parts of a lane's data go through the function that was fitted on the training part."""
    source = catalog.DATASETS["digits"].load()()
    seen = prepared("digits", name)
    oracle = catalog.PREPROCESSINGS[name].load()(source.x)
    np.testing.assert_array_equal(seen.x, oracle(source.x))
    np.testing.assert_array_equal(seen.heldout_x, oracle(source.heldout_x))
    refitted = catalog.PREPROCESSINGS[name].load()(source.heldout_x)
    assert name == "raw" or not np.allclose(seen.heldout_x, refitted(source.heldout_x), atol=1e-3)


def test_real_pixels_get_mean_0_and_deviation_1():
    x = prepared("mnist", "zscore").x.astype(float)
    lively = mnist_variance() > 0.01
    np.testing.assert_allclose(x.mean(0), 0, atol=1e-4)
    np.testing.assert_allclose(x.std(0)[lively], 1, atol=1e-3)
    assert (x[:, mnist_variance() == 0] == 0).all()


def mnist_variance() -> np.ndarray:
    return catalog.DATASETS["mnist"].load()().x.astype(float).var(0)
