"""What the lesson on training and inference says comes out, and its three estimates against their formulas."""

import math

import numpy as np
import pytest

from normviz.charts.lessons import inference as charts
from normviz.lessons import inference_estimates as estimates
from normviz.lessons.inference import LESSON, accuracies, nearness
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", range(3))
def test_eval_mode_is_at_chance_until_the_averages_have_caught_up(seed):
    recording = recorded(LESSON, seed)
    verdict = LESSON.judge(recording)
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 2 and len(verdict.claims) == 4
    drawn = charts.course(recording)
    names = [frame["name"] for frame in drawn.to_plotly_json()["frames"]]
    assert names == [str(step) for step in accuracies(recording, 0).steps]


def test_with_as_much_momentum_nothing_is_lost_and_the_answer_is_another():
    recording = recorded(LESSON, 0, steps="60", **{"b.momentum": "0.2"})
    assert LESSON.judge(recording).answer == 0


def test_it_survives_a_run_that_explodes_and_one_without_running_averages():
    for changes in ({"lr": "100", "activation": "linear"}, {"momentum": "1.0", "batch_size": "2"}):
        recording = recorded(LESSON, 0, steps="30", **changes)
        assert LESSON.judge(recording).words and charts.course(recording).data


def test_a_lane_that_was_not_looked_at_has_no_nearness():
    recording = recorded(LESSON, 0, meter="drift", **{"b.meter": "off", "steps": "20"})
    assert math.isnan(nearness(recording)) and charts.course(recording).data


def test_the_running_average_is_the_weighted_sum_that_it_unrolls_to():
    (mean, _, _), rho = estimates.simulate(8, 0.3, 40, 0), 0.3
    weights = rho * (1 - rho) ** np.arange(40)[::-1]
    assert mean.running[-1] == pytest.approx(weights @ mean.batch)
    assert mean.population[-1] == pytest.approx(mean.batch.mean())


def test_the_unbiased_variance_is_right_on_average_and_the_biased_one_too_small():
    _, var, biased = estimates.simulate(2, 0.1, 200_000, 1)
    assert var.population[-1] == pytest.approx(estimates.VARIANCE, rel=0.02)
    assert biased == pytest.approx(estimates.VARIANCE / 2, rel=0.02)


def test_at_rest_the_running_average_is_nearer_than_a_minibatch_by_the_formula():
    mean, _, _ = estimates.simulate(4, 0.1, 100_000, 2)
    late = slice(1000, None)
    ratio = mean.running[late].std() / mean.batch[late].std()
    assert ratio == pytest.approx(estimates.resting_ratio(0.1), rel=0.05)
