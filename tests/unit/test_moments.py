"""Means and standard deviations against numpy in float64."""

import numpy as np
import pytest
import torch

from normviz.config import LaneConfig
from normviz.probe import moments
from normviz.train.lane import Lane
from tests.unit.plain import float64_pass


@pytest.mark.parametrize("place", ["before", "after"])
def test_fields_are_the_moments_of_the_pass(place: str):
    config = LaneConfig(
        dataset="digits", depth=3, width=9, norm="batch", place=place, init="he", batch_size=30
    )
    lane = Lane(config)
    oracle, values = float64_pass(lane, 0), moments.measure(lane.measured(None))
    arrays = {"pre": oracle.pre, "act": oracle.out, "grad": [30 * g for g in oracle.grads]}
    assert len(values) == 6
    for name, layers in arrays.items():
        means, stds = [a.mean() for a in layers], [a.std() for a in layers]
        np.testing.assert_allclose(values[f"{name}_mean"], means, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(values[f"{name}_std"], stds, rtol=1e-4, atol=1e-7)


def test_the_deviation_is_divided_by_n():
    assert moments.moments(torch.tensor([[0.0, 2.0]])) == pytest.approx((1.0, 1.0))


def test_a_large_mean_does_not_swallow_the_deviation():
    values = torch.tensor([10_000.0, 10_001.0, 10_002.0])
    assert moments.moments(values) == pytest.approx((10_001, np.sqrt(2 / 3)), rel=1e-6)


@pytest.mark.parametrize("scale", [1e-38, 1e-30, 1e-20, 1e20, 1e30, 1e37])
def test_very_small_and_very_large_values(scale: float):
    values = torch.arange(-10, 11) * scale
    assert moments.moments(values) == pytest.approx((0, scale * np.sqrt(770 / 21)), rel=1e-5)
    mean, std = moments.moments(values.abs())
    assert mean == pytest.approx(scale * 110 / 21, rel=1e-5)
    assert std == pytest.approx(scale * np.abs(np.arange(-10, 11)).std(), rel=1e-5)


def test_nan_and_infinity_pass_through():
    assert np.isnan(moments.moments(torch.tensor([1.0, float("nan")]))).all()
    mean, std = moments.moments(torch.tensor([1.0, float("inf")]))
    assert mean == float("inf")
    assert np.isnan(std)
