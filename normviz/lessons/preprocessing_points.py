"""Two neighbouring pixels of many images as points in the plane, and the five ways to prepare them."""

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from jaxtyping import Float32, Float64

from normviz.data.preprocessing import Inputs, Transform, centred, pca, raw, zca, zscore
from normviz.language import N_

Plane = Float32[np.ndarray, "points 2"]

POINTS = 200
#: of the two pixels before they are squashed into 0 to 1: where they lie, how far they spread, how alike they are
PLACE, SPREAD, ALIKE = (0.7, -0.8), (0.9, 0.3), 0.8

#: no variance of the plane is near 0, so nothing has to be held back from being divided by it
WAYS: Mapping[str, Callable[[Inputs], Transform]] = {
    "raw": raw,
    "centred": centred,
    "zscore": zscore,
    "pca": partial(pca, whiten_eps=0.0),
    "zca": partial(zca, whiten_eps=0.0),
}
WORDS: Mapping[str, str] = {
    "raw": N_("raw"),
    "centred": N_("centred"),
    "zscore": N_("z-score"),
    "pca": N_("PCA-whitened"),
    "zca": N_("ZCA-whitened"),
}


def _normals(seed: int) -> Float64[np.ndarray, "points 2"]:
    """Return pairs of standard normal numbers with the correlation ``ALIKE``."""
    first, second = np.random.default_rng(seed).standard_normal((2, POINTS))
    return np.stack([first, ALIKE * first + np.sqrt(1 - ALIKE**2) * second], axis=1)


def pixels(seed: int) -> Plane:
    """Return the brightness of two neighbouring pixels in 200 images, from 0 to 1. Shape (200, 2)."""
    before = np.array(PLACE) + np.array(SPREAD) * _normals(seed)
    squashed = 1 / (1 + np.exp(-before))
    return squashed.astype(np.float32)


def targets(seed: int) -> Float64[np.ndarray, " points"]:
    """Return what two weights learn of them: how much brighter the first is than the second usually lets expect.

    It has mean 0 and variance 1, and asks for the direction in which the points spread least. Shape (200,).
    """
    first, second = _normals(seed).T
    wanted = 1.5 * first - second
    return (wanted - wanted.mean()) / wanted.std()


def prepared(way: str, seed: int) -> Plane:
    """Return the points after one of the ``WAYS``."""
    points = pixels(seed)
    return WAYS[way](points)(points)
