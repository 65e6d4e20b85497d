"""The claims about covariate shift, on three networks."""

import math

import pytest

from normviz.lessons.covariate_shift import LESSON, judge, means
from normviz.lessons.covariate_shift_further import LINEAR, SMOOTH
from normviz.lessons.covariate_shift_measures import measured
from tests.lessons.recorded import recorded

ANSWERS = ((LESSON, 1), (SMOOTH, 0), (LINEAR, 0))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(("lesson", "answer"), ANSWERS, ids=["noise", "smooth", "linear"])
def test_the_claims_come_out(lesson, answer, seed):
    verdict = lesson.judge(recorded(lesson, seed))
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == answer
    assert all(verdict.words)


def test_a_measurement_counts_once_however_many_frames_show_it():
    recording = recorded(LINEAR, 0, steps="30")
    times = measured(recording, "shift_step", 0, 30)
    assert times.tolist() == [10, 20, 30]


@pytest.mark.parametrize(
    ("lesson", "changes"),
    [
        (LESSON, {"lr": "100", "steps": "3", "depth": "2"}),
        (SMOOTH, {"lr": "100", "steps": "12"}),
        (LINEAR, {"lr": "100", "steps": "3", "depth": "1"}),
        (LESSON, {"steps": "1", "depth": "1"}),
    ],
)
def test_a_run_that_ended_early_or_diverged_has_words_and_no_answer_it_cannot_give(lesson, changes):
    verdict = lesson.judge(recorded(lesson, 0, **changes))
    assert all(verdict.words)
    assert all(not claim.holds for claim in verdict.claims if math.isnan(claim.value))


def test_the_picture_has_a_mean_for_every_measured_step():
    recording = recorded(LESSON, 0, steps="4", depth="2")
    steps, values = means(recording, 2)
    assert steps.tolist() == list(recording.steps) and values.shape == steps.shape
    assert judge(recording).answer is None
