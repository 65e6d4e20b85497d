"""What the lesson on BatchNorm's nine steps says comes out."""

import math

import pytest

from normviz.lessons.bn_steps import LESSON, ROUNDING
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", range(3))
def test_in_front_of_batch_norm_the_gradient_has_no_mean(seed):
    verdict = LESSON.judge(recorded(LESSON, seed))
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 2 and "zero up to float32" in verdict.words[1]


def test_with_a_nonlinearity_between_it_is_not_zero_and_the_page_says_so():
    verdict = LESSON.judge(recorded(LESSON, 0, activation="sigmoid"))
    assert verdict.claims[1].value > ROUNDING and verdict.answer in (0, 1)
    assert "That is not zero" in verdict.words[1]


def test_it_survives_a_run_that_explodes():
    verdict = LESSON.judge(recorded(LESSON, 0, lr="100", gain="100"))
    assert verdict.words and (verdict.answer is None or math.isfinite(verdict.claims[0].value))
