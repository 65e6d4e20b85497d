"""The claims about the edge of chaos and BatchNorm at depth, and the map."""

import math

import numpy as np
import pytest

from normviz.charts.lessons import chaos as pictures
from normviz.lessons.chaos import (
    BIASES,
    LESSON,
    WEIGHTS,
    critical_line,
    phase_map,
    trainable_depth,
)
from normviz.lessons.chaos_batchnorm import EXPLODES
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_theory_says_how_gradients_grow_and_what_can_be_trained(seed):
    recording = recorded(LESSON, seed)
    verdict = LESSON.judge(recording)
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert verdict.answer == 1
    assert "any depth" in verdict.words[1]
    assert len(pictures.trained(recording).data) == 2 + 3


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_batchnorm_with_relu_explodes_and_flattens_after_one_step(seed):
    recording = recorded(EXPLODES, seed)
    verdict = EXPLODES.judge(recording)
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    assert len(verdict.curve) == 6
    assert len(pictures.trained(recording).data) == 2


def test_the_map_is_1_on_the_line_less_in_the_ordered_phase_and_more_in_the_chaotic_one():
    slopes, line = phase_map(), critical_line()
    assert slopes.shape == (len(BIASES), len(WEIGHTS)) and line.shape == BIASES.shape
    assert (np.diff(line) > 0).all() and line[0] == 1
    assert abs(line[np.searchsorted(BIASES, 0.1)] - 1.95) < 0.15
    for row, place in zip(slopes, line, strict=True):
        assert (row[place - 0.02 > WEIGHTS] < 1).all() and (row[place + 0.02 < WEIGHTS] > 1).all()


@pytest.mark.parametrize(("weights", "layers"), [(0.64, 13.4), (1.0, math.inf), (9.0, 28.0)])
def test_about_six_depth_scales_can_be_trained(weights, layers):
    assert trainable_depth(weights, 0.0) == pytest.approx(layers, rel=0.01)


@pytest.mark.parametrize(
    ("lesson", "changes"),
    [
        (LESSON, {"depth": "1", "steps": "2"}),
        (LESSON, {"gain": "100", "steps": "2", "depth": "8"}),
        (EXPLODES, {"depth": "2", "steps": "2"}),
        (EXPLODES, {"lr": "100", "batch_size": "1", "depth": "10"}),
    ],
)
def test_any_setting_has_words_and_a_picture(lesson, changes):
    recording = recorded(lesson, 0, **changes)
    assert all(lesson.judge(recording).words)
    assert pictures.trained(recording).data
