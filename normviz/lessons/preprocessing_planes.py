r"""How many random hyperplanes cut a cloud of points: measured, and what theory says.

A unit with bias 0, as most networks begin, divides its inputs along a hyperplane through the origin,
:math:`w x = 0`. It is of use here if at least one point in twenty lies on either side; else nearly all points are alike
to it.

Theory: let the pixels be independent, each with mean m and standard deviation s, and let :math:`w` point anywhere with
equal chance. Then :math:`w x / |w|` has mean :math:`m \sqrt d \cos\theta`, :math:`\theta` the angle between
:math:`w` and the mean, and standard deviation s. Assume that it is Gaussian over the points (exact for Gaussian pixels;
for others the better, the more there are). Then the plane is of use if :math:`|m \sqrt d \cos\theta| \le z s`, z the
95th percentile of the standard normal distribution; :math:`\cos^2\theta` of a random direction in d dimensions is
distributed as Beta(1/2, (d - 1)/2). The limit of many dimensions is :math:`2 \Phi(z s / m) - 1`: it depends on m / s.
"""

import math
from statistics import NormalDist

import numpy as np
from jaxtyping import Float, Float64

Points = Float[np.ndarray, "points dimensions"]
Normals = Float64[np.ndarray, "planes dimensions"]

#: the smallest share of the points on one side of a plane that is of use
LEAST = 0.05
#: parts of the integral over the angle
PARTS = 2_000


def hyperplanes(count: int, dimensions: int, seed: int) -> Normals:
    """Return weight vectors of independent standard normal numbers. Shape (count, dimensions)."""
    return np.random.default_rng(seed).standard_normal((count, dimensions))


def smaller_side(points: Points, normals: Normals) -> Float64[np.ndarray, " planes"]:
    """Return for each hyperplane through the origin the share of the points on its emptier side, 0 to 0.5."""
    above = (points @ normals.T > 0).mean(axis=0, dtype=np.float64)
    return np.minimum(above, 1 - above)


def useful(points: Points, normals: Normals) -> float:
    """Return the share of the hyperplanes that have at least ``LEAST`` of the points on either side."""
    return float((smaller_side(points, normals) >= LEAST).mean())


def bright(points: int, dimensions: int, mean: float, std: float, seed: int) -> Points:
    """Return independent pixels between 0 and 1 with this mean and standard deviation (Beta distribution).

    Raises:
        ValueError: no distribution between 0 and 1 has so large a standard deviation.
    """
    concentration = mean * (1 - mean) / std**2 - 1
    if concentration <= 0:
        raise ValueError(f"between 0 and 1, mean {mean:g} and standard deviation {std:g} cannot be")
    a, b = mean * concentration, (1 - mean) * concentration
    return np.random.default_rng(seed).beta(a, b, (points, dimensions))


def expected(ratio: float, dimensions: int) -> float:
    """Return the theory's share of useful hyperplanes for pixels with this mean / standard deviation."""
    reach = NormalDist().inv_cdf(1 - LEAST) / max(abs(ratio), 1e-12) / math.sqrt(dimensions)
    return 1.0 if reach >= 1 else _within(reach, dimensions)


def _within(reach: float, dimensions: int) -> float:
    """Return the chance that a random unit vector has a first coordinate of at most ``reach``, in magnitude.

    With that coordinate written as sin(a), the density of a is proportional to cos(a)^(dimensions - 2).
    """
    angles = (np.arange(PARTS) + 0.5) / PARTS * math.asin(reach)
    density = np.exp((dimensions - 2) * np.log(np.cos(angles)))
    half = math.lgamma((dimensions - 1) / 2) - math.lgamma(dimensions / 2)
    whole = math.sqrt(math.pi) / 2 * math.exp(half)
    return float(density.mean() * math.asin(reach) / whole)


def limit(ratio: float) -> float:
    """Return the theory's share for ever more dimensions."""
    z = NormalDist().inv_cdf(1 - LEAST)
    return 2 * NormalDist().cdf(z / max(abs(ratio), 1e-12)) - 1


def orthant(dimensions: int) -> float:
    """Return the share of the directions in space along which all coordinates are positive, 2 to the -d."""
    return 2.0**-dimensions
