r"""Mean-field theory of tanh networks in the limit of large width (Poole et al. 2016, Schoenholz et al. 2017).

Weights N(0, sigma_w² / n), biases N(0, sigma_b²). The variance of pre-activations has the fixed point
:math:`q^* = \sigma_w^2 E[\tanh^2(\sqrt{q^*} z)] + \sigma_b^2`; the squared gradient norm changes by the factor
:math:`\chi_1 = \sigma_w^2 E[\tanh'^2(\sqrt{q^*} z)]` a layer; the correlation of two inputs has a fixed point
:math:`c^*` where its slope is :math:`\chi_{c^*}`, so it is reached over :math:`\xi_c = -1 / \ln \chi_{c^*}` layers.
Expectations over standard normal numbers are Gauss-Hermite sums with 101 nodes.
"""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float64

Nodes = Float64[np.ndarray, "..."]

_X, _RAW = np.polynomial.hermite_e.hermegauss(101)
_W = _RAW / _RAW.sum()
TOLERANCE = 1e-10


def variance(sigma_w2: float, sigma_b2: float) -> float:
    """Return the fixed point of the variance of pre-activations."""
    return _falls_below_zero(
        lambda q: sigma_w2 * float(_W @ np.tanh(math.sqrt(q) * _X) ** 2) + sigma_b2 - q,
        0.0,
        sigma_w2 + sigma_b2,
    )


def _falls_below_zero(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function that is positive first and negative then changes its sign, by bisection."""
    while high - low > TOLERANCE:
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2


def _slope(z: Nodes) -> Nodes:
    return 1 - np.tanh(z) ** 2


def chi(sigma_w2: float, q: float, c: float = 1.0) -> float:
    """Return sigma_w² E[tanh'(u) tanh'(v)] for u, v of variance q and correlation c."""
    u, v = _pair(q, c)
    return sigma_w2 * float(_W @ (_slope(u) * _slope(v)) @ _W)


def _pair(q: float, c: float) -> tuple[Nodes, Nodes]:
    """Return two jointly Gaussian variables on the grid of nodes; the first is constant along the second axis."""
    u = math.sqrt(q) * _X[:, None]
    v = math.sqrt(q) * (c * _X[:, None] + math.sqrt(max(0.0, 1 - c * c)) * _X[None, :])
    return u, v


def correlation(sigma_w2: float, sigma_b2: float, q: float) -> float:
    """Return the stable fixed point of the correlation of two inputs: 1 where chi_1 <= 1, else below it."""
    if chi(sigma_w2, q) <= 1:
        return 1.0

    def rise(c: float) -> float:
        u, v = _pair(q, c)
        return (sigma_w2 * float(_W @ (np.tanh(u) * np.tanh(v)) @ _W) + sigma_b2) / q - c

    return _falls_below_zero(rise, 0.0, 1.0)


def depth_scale(sigma_w2: float, sigma_b2: float) -> float:
    """Return xi_c, the layers over which correlations reach their fixed point."""
    q = variance(sigma_w2, sigma_b2)
    return -1 / math.log(chi(sigma_w2, q, correlation(sigma_w2, sigma_b2, q)))


def critical(sigma_b2: float) -> float:
    """Return the sigma_w² at which chi_1 = 1, between 1 and 10."""
    return _falls_below_zero(lambda w: 1 - chi(w, variance(w, sigma_b2)), 1.0, 10.0)
