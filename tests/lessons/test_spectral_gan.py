"""The claim of the lesson on spectral normalization, and power iteration against NumPy's SVD."""

import numpy as np
import pytest

from normviz.lessons.spectral_gan import LESSON, iterate, matrix
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", range(3))
def test_large_weights_saturate_without_and_not_with_it(seed):
    verdict = LESSON.judge(recorded(LESSON, seed))
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 1 and len(verdict.words) == 3


@pytest.mark.parametrize("changes", [{"lr": "100"}, {"gain": "1"}, {"activation": "relu"}])
def test_it_has_words_for_any_setting(changes):
    verdict = LESSON.judge(recorded(LESSON, 0, steps="5", **changes))
    assert len(verdict.words) == 3 and all(verdict.words) and verdict.answer != 1


@pytest.mark.parametrize("angle", [0.0, 35.0, 170.0])
def test_the_matrix_has_its_singular_values_and_direction(angle):
    _, values, right = np.linalg.svd(matrix(2.5, 0.5, angle))
    np.testing.assert_allclose(values, [2.5, 0.5])
    turn = np.radians(angle)
    assert abs(right[0] @ [np.cos(turn), np.sin(turn)]) == pytest.approx(1)


def test_power_iteration_comes_to_the_largest_singular_value_from_below():
    found = iterate(matrix(2.0, 1.4, 35.0), np.array([0.3, -1.0]), 30)
    assert (np.diff(found.sigmas) >= -1e-12).all() and found.sigmas[-1] == pytest.approx(2.0)
    np.testing.assert_allclose(np.linalg.norm(found.directions, axis=1), 1)


def test_each_step_turns_by_the_squared_ratio():
    found = iterate(matrix(2.0, 1.0, 0.0), np.array([1.0, 1.0]), 3)
    np.testing.assert_allclose(
        found.directions[:, 1] / found.directions[:, 0], 0.25 ** np.arange(4)
    )


def test_a_direction_that_is_lost_stays():
    found = iterate(np.zeros((2, 2)), np.array([1.0, 0.0]), 2)
    assert found.sigmas.tolist() == [0, 0, 0] and (found.directions == [1, 0]).all()
