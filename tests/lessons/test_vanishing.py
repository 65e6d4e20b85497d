"""The claim of vanishing and exploding, and its arithmetic."""

import math

import numpy as np
import pytest

from normviz.lessons.vanishing import LESSON, MATRICES, PUBLISHED, judge, power, slope
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gradient_vanishes_without_and_is_level_with_batchnorm(seed):
    recording = recorded(LESSON, seed)
    verdict = judge(recording)
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.curve == tuple(recording.value("dw_spectral", 0, 49).tolist())
    assert len(verdict.words) == 3 and verdict.words[2].count("\n") == 5
    assert "shrinks by a factor of 4" in verdict.words[0]
    assert "stays much the same" in verdict.words[1]
    ours, theirs = np.array([verdict.curve, recording.value("dw_spectral", 1)]), np.array(PUBLISHED)
    assert abs(np.log10(ours / theirs)).mean() < 0.35


def test_the_published_rows_are_inside_too():
    without, batch = (np.array(norms) for norms in PUBLISHED)
    assert 0.58 < slope(without) < 0.70 and abs(slope(batch)) < 0.1
    assert len(MATRICES) == len(PUBLISHED[0]) == len(PUBLISHED[1])


@pytest.mark.parametrize(("base", "depth"), [(0.25, 10), (1.0, 50), (3.0, 20), (0.05, 1)])
def test_a_power_is_a_product(base, depth):
    product, expected = 1.0, [1.0]
    for _ in range(depth):
        product *= base
        expected.append(product)
    np.testing.assert_allclose(power(base, depth), expected)


def test_the_slope_is_the_decades_of_one_layer():
    assert slope(np.array([1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0])) == pytest.approx(1.0)
    assert math.isnan(slope(np.zeros(11))) and math.isnan(slope(np.ones(2)))


@pytest.mark.parametrize(
    "changes",
    [
        {"activation": "relu", "init": "he", "lr": "100"},
        {"depth": "1"},
        {"init": "zeros"},
        {"activation": "tanh", "depth": "3"},
    ],
)
def test_it_has_words_for_any_setting(changes):
    verdict = judge(recorded(LESSON, 0, **changes))
    assert len(verdict.words) >= 2 and all(verdict.words)
