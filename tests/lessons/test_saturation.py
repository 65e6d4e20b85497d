"""The claim of saturation, and its arithmetic."""

import math
from statistics import NormalDist

import numpy as np
import pytest

from normviz.lessons.saturation import LESSON, departure, judge, linear_share, normal, within
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_last_hidden_layer_leaves_the_linear_range_and_the_others_stay(seed):
    verdict = judge(recorded(LESSON, seed))
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 2 and len(verdict.words) == 3


def test_the_sigmoid_is_nearly_a_line_from_two_to_eight_tenths():
    assert departure() == pytest.approx(math.log(4) / 4 - 0.3)
    assert pytest.approx(0.16) == 0.2 * 0.8


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (2.0, 0.5), (-4.0, 3.0)])
def test_the_share_of_a_normal_is_that_of_its_distribution(mean, std):
    share, slope = normal(mean, std)
    z = NormalDist(mean, std)
    assert share == pytest.approx(z.cdf(math.log(4)) - z.cdf(-math.log(4)), abs=2e-3)
    draws = np.random.default_rng(0).normal(mean, std, 200_000)
    values = 1 / (1 + np.exp(-draws))
    assert slope == pytest.approx((values * (1 - values)).mean(), abs=2e-3)


def test_a_share_of_a_histogram_is_that_of_its_values():
    values = np.random.default_rng(1).uniform(-0.2, 1.2, (3, 100_000))
    edges = np.linspace(0, 1, 65)
    histogram = np.array([np.histogram(row, edges)[0] for row in values]) / values.shape[1]
    outside = np.stack([(values < 0).mean(1), (values > 1).mean(1)], axis=1)
    expected = ((values >= 0.2) & (values <= 0.8)).mean(axis=1)
    np.testing.assert_allclose(within(histogram, outside, edges), expected, atol=5e-3)


@pytest.mark.parametrize(
    "changes",
    [
        {"lr": "100", "activation": "relu"},
        {"depth": "1"},
        {"init": "zeros"},
        {"activation": "tanh"},
    ],
)
def test_it_has_words_for_any_setting(changes):
    recording = recorded(LESSON, 0, steps="20", **changes)
    verdict = judge(recording)
    assert len(verdict.words) == 3 and all(verdict.words)
    assert linear_share(recording, 0).shape == (recording.schema.lanes[0].layers,)
