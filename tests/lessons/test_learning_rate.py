"""The claim of the learning rate's lesson, and the variance over companions."""

import math

import numpy as np
import pytest

from normviz.lessons.learning_rate import LESSON, TRAINS, companions, judge, loss
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_batchnorm_trains_at_ten_times_the_rate_and_not_at_a_hundred_times(seed):
    recording = recorded(LESSON, seed)
    verdict = judge(recording)
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 2
    assert "between **0.1** and **1**" in verdict.words[4]
    assert "between **1** and **10**" in verdict.words[5]


def test_a_network_that_has_diverged_says_so():
    recording = recorded(LESSON, 0, **{"b.lr": "30"})
    assert math.isinf(loss(recording, 1))
    verdict = judge(recording)
    assert "has diverged" in verdict.words[1]
    assert verdict.answer is None, "the two were not asked at the same rate"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"b.lr": "0.1", "lr": "0.05"}, "**0.1** or more"),
        ({"lr": "10", "b.lr": "3"}, "below **3**"),
        ({"lr": "10", "b.lr": "0.1"}, "between **0.1** and **10**"),
    ],
)
def test_the_largest_rate_is_bracketed_for_any_two_rates(changes, words):
    assert words in judge(recorded(LESSON, 0, **changes)).words[4]


@pytest.mark.parametrize("value", [0.0, 1.0, -2.0])
def test_the_variance_over_companions_is_that_of_the_formula_in_large_batches(value):
    normalized, formula = companions(value, 256, 4000)
    assert normalized.shape == (4000,)
    assert normalized.var() == pytest.approx(formula, rel=0.1)
    assert normalized.mean() == pytest.approx(value, abs=0.05)


def test_two_values_are_normalized_to_minus_one_and_one():
    normalized, _ = companions(0.3, 2, 50)
    np.testing.assert_allclose(abs(normalized), 1)


def test_the_threshold_is_half_of_what_knowing_nothing_costs():
    assert pytest.approx(-math.log(0.1) / 2) == TRAINS
