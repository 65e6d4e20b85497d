"""Points in the plane, against the formulas they are defined by, and Gaussian noise."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

from normviz import catalog
from normviz.data import gaussian, plane
from normviz.data.dataset import Dataset


def points(name: str, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """All points of a set and their classes."""
    data: Dataset = getattr(plane, name)(noise)
    x = np.concatenate([data.x, data.heldout_x]).astype(float)
    return x, np.concatenate([data.y, data.heldout_y])


def test_the_circle_is_inside_the_ring():
    x, y = points("circle")
    radius = np.hypot(*x.T)
    assert radius[y == 1].max() < 0.5
    assert 0.7 <= radius[y == 0].min() < radius[y == 0].max() <= 1
    # radius and angle are uniform: quarters of each have as many points
    for label, low, high in ((1, 0, 0.5), (0, 0.7, 1)):
        counts = np.histogram(radius[y == label], 4, (low, high))[0]
        np.testing.assert_allclose(counts, plane.EACH / 4, rtol=0.25)
        turns = np.histogram(np.arctan2(*x[y == label].T), 4, (-np.pi, np.pi))[0]
        np.testing.assert_allclose(turns, plane.EACH / 4, rtol=0.25)


def test_exclusive_or_is_the_sign_of_the_product_with_a_gap_at_the_axes():
    x, y = points("xor")
    np.testing.assert_array_equal(y, x.prod(1) >= 0)
    assert np.abs(x).min() >= 0.3 / 5 - 1e-6
    assert np.abs(x).max() <= 5.3 / 5 + 1e-6
    corners = np.histogram2d(*x.T, bins=[[-2, 0, 2]] * 2)[0]
    np.testing.assert_allclose(corners, len(x) / 4, rtol=0.15)


def test_two_gaussians_have_their_means_and_variances():
    x, y = points("gauss")
    for label, centre in ((0, -0.4), (1, 0.4)):
        mine = x[y == label]
        np.testing.assert_allclose(mine.mean(0), centre, atol=4 * np.sqrt(0.02 / len(mine)))
        np.testing.assert_allclose(np.cov(mine.T), np.eye(2) * 0.5 / 25, atol=0.003)


def test_spiral_arms_follow_their_formula():
    x, y = points("spiral")
    for label, start in ((1, 0.0), (0, np.pi)):
        mine = x[y == label]
        mine = mine[np.argsort(np.hypot(*mine.T))]
        r = np.arange(plane.EACH) / plane.EACH
        t = 1.75 * r * 2 * np.pi + start
        np.testing.assert_allclose(mine, np.stack([r * np.sin(t), r * np.cos(t)], 1), atol=1e-6)


def test_moons_are_those_of_scikit_learn_with_noise():
    x, y = points("moons")
    theirs, labels = make_moons(2 * plane.EACH, shuffle=False)
    theirs = (np.asarray(theirs) - [0.5, 0.25]) / 1.5
    assert np.abs(theirs[:, 0]).max() == pytest.approx(1, abs=1e-4)
    for label in (0, 1):
        mine, arc = x[y == label], theirs[labels == label]
        distance = np.hypot(*(mine[:, None] - arc).transpose(2, 0, 1)).min(1)
        # across a thin arc only one of two directions shows: a half-normal distribution
        assert distance.mean() == pytest.approx(0.1 / 1.5 * np.sqrt(2 / np.pi), rel=0.1)
        np.testing.assert_allclose(mine.mean(0), arc.mean(0), atol=0.01)


@pytest.mark.parametrize(("name", "far"), [("circle", 0.2), ("xor", 0.2)])
def test_noise_moves_the_border_of_a_class_by_no_more_than_itself(name: str, far: float):
    x, y = points(name, far)
    clear = np.hypot(*x.T) - 0.5 if name == "circle" else -np.sign(x.prod(1)) * np.abs(x).min(1)
    wrong = y != (clear < 0)
    reach = far * np.sqrt(2) if name == "circle" else far
    assert 0.01 < wrong.mean() < 0.3
    assert np.abs(clear[wrong]).max() < reach
    still, same = points(name)
    assert sorted(map(tuple, x.tolist())) == sorted(map(tuple, still.tolist()))
    assert same.sum() != y.sum()


def test_noise_widens_the_gaussians_and_the_moons_and_shakes_the_spiral():
    for noise, variance in ((0.0, 0.5), (0.25, 2.25), (0.5, 4.0)):
        x, y = points("gauss", noise)
        np.testing.assert_allclose(x[y == 1].var(0), variance / 25, rtol=0.15)
    x, y = points("spiral", 0.5)
    still, _ = points("spiral")
    nearest = np.hypot(*(x[y == 1][:, None] - still[None]).transpose(2, 0, 1)).min(1)
    assert nearest.mean() > 0.01 and nearest.max() <= 0.1 * np.sqrt(2) + 1e-6
    loose, tight = points("moons", 0.4)[0], points("moons")[0]
    assert loose.std() > 1.1 * tight.std()


@pytest.mark.parametrize("name", ["circle", "xor", "gauss", "spiral", "moons"])
def test_what_is_held_out_comes_from_everywhere(name: str):
    data: Dataset = catalog.DATASETS[name].load()()
    for label in (0, 1):
        train, held = data.x[data.y == label], data.heldout_x[data.heldout_y == label]
        np.testing.assert_allclose(held.mean(0), train.mean(0), atol=0.15)
        np.testing.assert_allclose(held.std(0), train.std(0), rtol=0.25)


def test_gaussian_noise_is_normal_and_its_labels_say_nothing():
    data = gaussian.load()
    assert data.x.shape == (1000, 500)
    assert data.x.mean() == pytest.approx(0, abs=4 / np.sqrt(data.x.size))
    assert data.x.std() == pytest.approx(1, abs=0.005)
    assert (np.abs(data.x) > 1.959964).mean() == pytest.approx(0.05, abs=0.002)
    means = np.stack([data.x[data.y == label].mean(0) for label in range(10)])
    nearest = ((data.heldout_x[:, None] - means) ** 2).sum(2).argmin(1)
    assert (nearest == data.heldout_y).mean() < 0.2
