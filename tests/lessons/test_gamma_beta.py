"""What the lesson on gamma and beta says comes out, and its arithmetic against NumPy."""

import numpy as np
import pytest

from normviz.charts.lessons import gamma_beta as charts
from normviz.lessons import gamma_beta as lesson
from normviz.lessons.gamma_beta import LESSON
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", range(3))
def test_gamma_moves_next_to_the_loss_and_without_it_units_stay_in_the_middle(seed):
    recording = recorded(LESSON, seed)
    verdict = LESSON.judge(recording)
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 1
    assert len(charts.paths(recording).data) == 2 * 2 * 4


def test_it_survives_a_run_that_explodes_and_one_layer():
    for changes in ({"lr": "100", "depth": "1"}, {"meter": "drift"}):
        recording = recorded(LESSON, 0, steps="20", **changes)
        assert len(LESSON.judge(recording).words) == 4
        charts.paths(recording)


@pytest.mark.parametrize("seed", range(5))
def test_with_its_own_spread_and_mean_a_unit_has_its_input_again(seed):
    x = np.random.default_rng(seed).gamma(2.0, 3.0, 500) - 4
    np.testing.assert_allclose(lesson.normalized(x, *lesson.restoring(x)), x, rtol=0, atol=1e-13)


@pytest.mark.parametrize(("gamma", "beta"), [(1.0, 0.0), (2.5, 1.0), (0.3, -2.0), (-1.5, 0.7)])
def test_the_shares_of_a_normal_unit_are_those_of_many_drawn_ones(gamma, beta):
    x = np.random.default_rng(0).normal(3, 2, 400_000)
    found, wanted = (
        lesson.shares(lesson.normalized(x, gamma, beta)),
        lesson.normal_shares(gamma, beta),
    )
    assert found.linear == pytest.approx(wanted.linear, abs=0.004)
    assert found.zero == pytest.approx(wanted.zero, abs=0.004)


def test_without_gamma_all_values_are_beta():
    assert lesson.normal_shares(0.0, 1.0) == lesson.Shares(1.0, 0.0)
    assert lesson.normal_shares(0.0, -2.0) == lesson.Shares(0.0, 1.0)
    assert lesson.normal_shares(1.0, 0.0).zero == 0.5
