"""Why preprocess: the planes, the bowl, and what the run must show."""

import math

import numpy as np
import pytest
from scipy import stats

from normviz.lessons import preprocessing_planes as planes
from normviz.lessons.preprocessing import GOAL, LESSON, judge, reached
from normviz.lessons.preprocessing_bowl import Bowl
from normviz.lessons.preprocessing_points import WAYS, pixels, prepared, targets
from normviz.ui.lessons.demo_preprocessing import PIXELS, STD
from tests.lessons.recorded import recorded

SEEDS = (0, 1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_claim_holds(seed: int):
    verdict = judge(recorded(LESSON, seed))
    assert all(claim.holds for claim in verdict.claims), verdict
    assert verdict.answer == 2


def test_settings_that_diverge_or_end_early_are_survived():
    verdict = judge(recorded(LESSON, 0, lr="100", steps="20", activation="relu"))
    assert verdict.words
    assert not any(claim.holds for claim in verdict.claims)


def test_a_lane_that_is_there_twice_and_one_that_is_missing():
    verdict = judge(recorded(LESSON, 0, steps="3", **{"b.preprocessing": "zca"}))
    assert verdict.answer is None
    assert len(verdict.words) == 2


def test_the_goal_is_found_between_two_evaluations():
    steps, accuracy = np.array([0, 10, 15, 20]), np.array([0.1, 0.7, math.nan, 0.9])
    assert reached(steps, accuracy) == pytest.approx(15)
    assert reached(steps, np.full(4, 0.9)) == 0
    assert math.isnan(reached(steps, np.full(4, 0.5)))
    assert 0 < GOAL < 1


@pytest.mark.parametrize("dimensions", [2, 3, 5, 50, 784])
@pytest.mark.parametrize("ratio", [1.5, 3.0])
def test_the_theory_is_the_distribution_of_a_random_direction(dimensions: int, ratio: float):
    reach = stats.norm.ppf(0.95) / ratio / math.sqrt(dimensions)
    inside = stats.beta.cdf(reach**2, 0.5, (dimensions - 1) / 2)
    assert planes.expected(ratio, dimensions) == pytest.approx(inside, abs=1e-4)


def test_many_dimensions_approach_the_limit():
    assert planes.expected(3.0, 10**6) == pytest.approx(planes.limit(3.0), abs=1e-3)
    assert planes.expected(1e-9, 100) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_gaussian_pixels_are_cut_as_often_as_the_theory_says(seed: int):
    for dimensions in (2, 16, 256):
        points = 3 + np.random.default_rng(seed).standard_normal((1000, dimensions))
        share = planes.useful(points, planes.hyperplanes(2000, dimensions, seed + 10))
        error = 3 * math.sqrt(0.25 / 2000)
        assert share == pytest.approx(planes.expected(3.0, dimensions), abs=error + 0.01)


@pytest.mark.parametrize("mean", [0.3, 0.6, 0.8])
def test_what_the_page_measures_is_near_the_theory(mean: float):
    for dimensions in PIXELS:  # a sum of few pixels is not Gaussian yet
        raw = planes.bright(400, dimensions, mean, STD, 0)
        normals = planes.hyperplanes(2000, dimensions, 1)
        expected = planes.expected(mean / STD, dimensions)
        assert planes.useful(raw, normals) == pytest.approx(
            expected, abs=0.15 if dimensions < 16 else 0.05
        )
        assert planes.useful(raw - raw.mean(axis=0), normals) > 0.97


def test_pixels_have_the_mean_and_spread_that_were_asked_for():
    values = planes.bright(2000, 50, 0.7, 0.2, 0)
    assert values.min() >= 0 and values.max() <= 1
    assert values.mean() == pytest.approx(0.7, abs=0.005)
    assert values.std() == pytest.approx(0.2, abs=0.005)
    with pytest.raises(ValueError, match="cannot be"):
        planes.bright(1, 1, 0.5, 0.6, 0)


def test_sides_are_counted_as_a_loop_does():
    points, normals = pixels(1), planes.hyperplanes(20, 2, 1)
    for normal, share in zip(normals, planes.smaller_side(points, normals), strict=True):
        above = sum(bool(point @ normal > 0) for point in points)
        assert share == min(above, len(points) - above) / len(points)


@pytest.mark.parametrize("seed", SEEDS)
def test_most_lines_miss_the_raw_points_and_none_the_prepared(seed: int):
    normals = planes.hyperplanes(4000, 2, seed)
    assert (pixels(seed) > 0).all()
    assert planes.useful(pixels(seed), normals) < 0.15
    assert all(planes.useful(prepared(way, seed), normals) > 0.99 for way in WAYS if way != "raw")


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_of_the_preprocessing_rounds_the_bowl(seed: int):
    bowls = [Bowl.of(prepared(way, seed), targets(seed)) for way in WAYS]
    raw, centred, zscore, pca, zca = (bowl.condition for bowl in bowls)
    assert raw > 5 * centred and centred > 2 * zscore and zscore > 3
    assert pca == pytest.approx(1, abs=1e-4) and zca == pytest.approx(1, abs=1e-4)
    updates = [bowl.updates(bowl.best, 0.01) for bowl in bowls]
    assert updates[0] > updates[1] > updates[2] > updates[3] == updates[4] == 1


@pytest.mark.parametrize("way", WAYS)
def test_the_path_and_the_closed_form_are_plain_gradient_descent(way: str):
    x, t = prepared(way, 0).astype(float), targets(0)
    bowl = Bowl.of(prepared(way, 0), t)
    w, eta = np.zeros(2), 0.9 * bowl.limit
    losses = [((x @ w - t) ** 2).mean() / 2]
    for _ in range(30):
        w = w - eta * x.T @ (x @ w - t) / len(x)
        losses.append(((x @ w - t) ** 2).mean() / 2)
    lowest = ((x @ np.linalg.lstsq(x, t, rcond=None)[0] - t) ** 2).mean() / 2
    left = (np.array(losses) - lowest) / (losses[0] - lowest)
    path = bowl.path(eta, 30)
    np.testing.assert_allclose(path[-1], w, rtol=1e-6)
    np.testing.assert_allclose(bowl.left(path), left, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(bowl.course(eta, np.arange(31)), left, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("share", [0.3, 0.01, 0.001])
def test_the_updates_are_those_of_a_loop(share: float):
    bowl = Bowl.of(prepared("centred", 2), targets(2))
    course = bowl.course(bowl.best, np.arange(200))
    assert bowl.updates(bowl.best, share) == int(np.argmax(course <= share))


def test_beyond_the_limit_the_goal_is_never_reached():
    bowl = Bowl.of(prepared("raw", 0), targets(0))
    assert bowl.updates(1.01 * bowl.limit, 0.01) == math.inf
    assert bowl.updates(0.99 * bowl.limit, 0.01) < math.inf
