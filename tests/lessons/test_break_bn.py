"""The claims of Break BatchNorm, run by run, and what companions do to a value."""

import math

import numpy as np
import pytest

from normviz.lessons.break_bn import LESSON, answer, normalized
from normviz.lessons.break_bn_further import LONGEST, RECURRENT, SHORTEST, SIZES, SORTED, left
from tests.lessons.recorded import recorded

ANSWERS = {"Break BatchNorm": 2, SORTED.title: 1, RECURRENT.title: 1}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lesson", [LESSON, *LESSON.further], ids=lambda each: each.title)
def test_what_it_says_comes_out(lesson, seed):
    verdict = lesson.judge(recorded(lesson, seed))
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == ANSWERS.get(lesson.title)
    assert all(verdict.words)
    if lesson is SIZES:
        assert verdict.curve == tuple(sorted(verdict.curve, key=lambda v: max(v, 0.16)))


@pytest.mark.parametrize("lesson", [LESSON, *LESSON.further], ids=lambda each: each.title)
@pytest.mark.parametrize("changes", [{"lr": "100"}, {"batch_size": "1"}])
def test_it_has_words_for_any_setting(lesson, changes):
    verdict = lesson.judge(recorded(lesson, 0, steps="30", **changes))
    assert verdict.words and all(verdict.words)


def test_two_make_plus_or_minus_one_and_one_makes_nothing():
    found = np.abs(normalized(0.5, 2, 200, 0))
    assert (found <= 1).all() and np.median(found) > 0.999
    assert not normalized(0.5, 1, 10, 0).any()


@pytest.mark.parametrize("batch", [2, 4, 8, 32, 256])
def test_it_is_numpys_own_and_never_beyond_the_root(batch):
    found = normalized(3.0, batch, 50, 1)
    others = np.random.default_rng(1).standard_normal((50, batch - 1))
    for value, row in zip(found, others, strict=True):
        values = np.append(row, 3.0)
        assert value == pytest.approx((3 - np.mean(values)) / math.sqrt(np.var(values) + 1e-5))
    assert np.abs(found).max() <= math.sqrt(batch - 1) + 1e-9


def test_answers_follow_the_accuracies():
    assert answer([0.9, 0.9, 0.91, 0.9]) == 0
    assert answer([0.3, 0.8, 0.81, 0.8]) == 1
    assert answer([0.2, 0.5, 0.8, 0.8]) == 2
    assert answer([0.9, 0.9, 0.3, 0.9]) is None
    assert answer([math.nan, 0.9, 0.9, 0.9]) is None


def test_sequences_left_are_those_of_lengths_drawn_alike():
    lengths = np.arange(SHORTEST, LONGEST + 1)
    for step in range(1, LONGEST + 1):
        assert left(1, step) == pytest.approx(np.mean(lengths >= step))
