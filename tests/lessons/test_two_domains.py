"""The claims of the lesson on two domains: one average for both, and a shift of the inputs alone."""

import pytest

from normviz.lessons.two_domains import DOMAINS, LESSON, SHIFT, by_domain
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", range(3))
def test_one_average_does_not_fit_two_domains(seed):
    recording = recorded(LESSON, seed)
    verdict = LESSON.judge(recording)
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 1 and len(verdict.words) == 4
    parts = by_domain(recording, 0)
    assert tuple(parts) == DOMAINS
    both = float(recording.value("heldout_accuracy", 0, 400))
    assert sum(parts.values()) / 2 == pytest.approx(both, abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_a_shift_of_the_inputs_costs_much_and_averages_win_some_of_it_back(seed):
    verdict = SHIFT.judge(recorded(SHIFT, seed))
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 2 and len(verdict.words) == 4


@pytest.mark.parametrize("lesson", [LESSON, SHIFT], ids=lambda each: each.title)
def test_it_has_words_for_any_setting(lesson):
    verdict = lesson.judge(recorded(lesson, 0, lr="100", steps="20"))
    assert verdict.words and all(verdict.words)
