"""Points in the plane, two classes: the classification sets of TensorFlow Playground, and scikit-learn's two moons.

The four sets of the Playground have the definitions of its ``src/dataset.ts`` (Copyright 2016 Google, Apache 2.0),
divided by 5. Class 1 is what it calls positive. The points are drawn once, the same for every run; about 1,000 are
trained on and 250 held out.

``noise`` goes from 0, as the Playground starts, to 0.5, its 50. What it does is the Playground's too: with ``circle``
and ``xor`` a point's class is that of a place near it, with the others the points move.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float

from normviz.data.dataset import Dataset, fixed, split

EACH = 625
SCALE = 5
NOISE = 0.1

Points = Float[np.ndarray, "points 2"]


@lru_cache(maxsize=4)
def circle(noise: float = 0.0) -> Dataset:
    """A disc of radius 0.5, class 1, inside a ring of radius 0.7 to 1, class 0; radius and angle are uniform.

    With noise a point is of class 1 if it lies within 0.5 after a shift of up to ``noise`` along each axis.
    """
    rng = fixed()
    inside = _polar(rng.uniform(0, 0.5 * SCALE, EACH), rng.uniform(0, 2 * np.pi, EACH))
    outside = _polar(rng.uniform(0.7 * SCALE, SCALE, EACH), rng.uniform(0, 2 * np.pi, EACH))
    points = np.concatenate([outside, inside])
    shifted = points + rng.uniform(-SCALE, SCALE, points.shape) * noise
    return _by_class(points / SCALE, np.hypot(*shifted.T) < 0.5 * SCALE)


@lru_cache(maxsize=4)
def xor(noise: float = 0.0) -> Dataset:
    """A square of half-width 1.06 with a gap of 0.12 along both axes; class 1 where both coordinates have one sign.

    Without noise as many points of each class, where the Playground leaves that to chance. With noise the signs are
    those after a shift of up to ``noise`` along each axis.
    """
    rng = fixed()
    size, sign = rng.uniform(0, 5, (2 * EACH, 2)) + 0.3, rng.choice([-1, 1], 2 * EACH)
    points = size * sign[:, None] / SCALE
    points[:EACH] *= [1, -1]
    shifted = points + rng.uniform(-1, 1, points.shape) * noise
    return _by_class(points, shifted.prod(1) >= 0)


@lru_cache(maxsize=4)
def gauss(noise: float = 0.0) -> Dataset:
    """Two round Gaussians around (-0.4, -0.4), class 0, and (0.4, 0.4), class 1, of variance (0.5 + 7 noise) / 25."""
    points = fixed().normal(0, np.sqrt(0.5 + 7 * noise), (2, EACH, 2))
    return _two_classes((points[0] - 2) / SCALE, (points[1] + 2) / SCALE)


@lru_cache(maxsize=4)
def spiral(noise: float = 0.0) -> Dataset:
    """Two arms of 1.75 turns, half a turn apart, their radius growing evenly from 0 to 1.

    With noise every point is shifted by up to ``noise / 5`` along each axis.
    """
    way = np.arange(EACH) / EACH
    arm = _polar(way * SCALE, 1.75 * way * 2 * np.pi) / SCALE
    shift = fixed(2).uniform(-1, 1, (2, EACH, 2)) * noise / SCALE
    return _two_classes(-arm + shift[0], arm + shift[1])


@lru_cache(maxsize=4)
def moons(noise: float = 0.0) -> Dataset:
    """Two half circles that reach into each other, as scikit-learn's ``make_moons`` with its noise 0.1 + ``noise``.

    Shifted and divided by 1.5 so that the half circles without their noise reach from -1 to 1.
    """
    angle = np.linspace(0, np.pi, EACH)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.stack([upper, [1, 0.5] - upper])
    points += fixed().normal(0, NOISE + noise, points.shape)
    return _two_classes(*(points - [0.5, 0.25]) / 1.5)


def _polar(radius: Float[np.ndarray, " points"], angle: Float[np.ndarray, " points"]) -> Points:
    """Return (r sin t, r cos t), the Playground's way round."""
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)


def _by_class(points: Points, positive: Bool[np.ndarray, " points"]) -> Dataset:
    return _two_classes(points[~positive], points[positive])


def _two_classes(negative: Float[np.ndarray, "_ 2"], positive: Float[np.ndarray, "_ 2"]) -> Dataset:
    """Shuffle each class, so that what is held out comes from everywhere, and split."""
    rng = fixed(1)
    points = np.concatenate([rng.permutation(negative), rng.permutation(positive)])
    return split(points, np.repeat([0, 1], [len(negative), len(positive)]))
