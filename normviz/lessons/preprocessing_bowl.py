r"""Gradient descent of a linear unit with two weights: a bowl, and the path down to its lowest point.

The loss is :math:`L(w) = \frac12 \langle (w x - t)^2 \rangle`, its Hessian :math:`H = \langle x x^\top \rangle`. An
update multiplies the error along the eigenvector of :math:`\lambda_i` by :math:`1 - \eta \lambda_i`: beyond
:math:`2 / \lambda_{max}` it grows, and with the best step size, :math:`2 / (\lambda_{min} + \lambda_{max})`, the
slowest direction keeps :math:`(\kappa - 1) / (\kappa + 1)` of it, :math:`\kappa = \lambda_{max} / \lambda_{min}`
(LeCun, Bottou, Orr & Müller 1998, section 5). "Left of the loss" is :math:`(L - L_{min}) / (L(0) - L_{min})`.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float64

Pair = Float64[np.ndarray, " 2"]
#: more updates than this are not counted
MOST = 1_000_000


@dataclass(frozen=True)
class Bowl:
    """The loss of two weights.

    Attributes:
        hessian: the mean of x times its transpose. Shape (2, 2).
        lowest: the weights of the smallest loss. Shape (2,).
        values: the eigenvalues of the Hessian, smallest first. Shape (2,).
        axes: its eigenvectors, in columns. Shape (2, 2).
    """

    hessian: Float64[np.ndarray, "2 2"]
    lowest: Pair
    values: Pair
    axes: Float64[np.ndarray, "2 2"]

    @classmethod
    def of(cls, x: Float[np.ndarray, "points 2"], t: Float64[np.ndarray, " points"]) -> "Bowl":
        """Return the bowl of these inputs and targets; the inputs must not lie on one line."""
        inputs = x.astype(np.float64)
        hessian = inputs.T @ inputs / len(inputs)
        values, axes = np.linalg.eigh(hessian)
        return cls(hessian, np.linalg.solve(hessian, inputs.T @ t / len(inputs)), values, axes)

    @property
    def condition(self) -> float:
        """Largest eigenvalue divided by the smallest."""
        return float(self.values[1] / self.values[0])

    @property
    def limit(self) -> float:
        """The largest stable step size, 2 / largest eigenvalue."""
        return float(2 / self.values[1])

    @property
    def best(self) -> float:
        """The step size whose slowest direction is the fastest, 2 / (smallest + largest eigenvalue)."""
        return float(2 / self.values.sum())

    def excess(self, w: Float64[np.ndarray, "*grid 2"]) -> Float64[np.ndarray, "*grid"]:
        """Return the loss above its minimum at these weights."""
        away = w - self.lowest
        return np.asarray(0.5 * np.einsum("...i,ij,...j->...", away, self.hessian, away))

    def left(self, w: Float64[np.ndarray, "*grid 2"]) -> Float64[np.ndarray, "*grid"]:
        """Return which share of what the loss can fall from weights 0 is left at these weights."""
        return np.asarray(self.excess(w) / self.excess(np.zeros(2)))

    def path(self, eta: float, updates: int) -> Float64[np.ndarray, "steps 2"]:
        """Return the weights from 0 on, one row more than there are updates."""
        w = np.zeros((updates + 1, 2))
        for step in range(updates):
            w[step + 1] = w[step] - eta * self.hessian @ (w[step] - self.lowest)
        return w

    def course(self, eta: float, updates: np.ndarray) -> Float64[np.ndarray, " updates"]:
        """Return what is left of the loss after so many updates, in closed form; infinite where it overflows."""
        parts = 0.5 * self.values * (self.axes.T @ self.lowest) ** 2
        with np.errstate(over="ignore"):
            factors = np.abs(1 - eta * self.values)[:, None] ** (2.0 * updates)
            return parts @ factors / parts.sum()

    def updates(self, eta: float, share: float) -> float:
        """Return the first update after which at most a share is left; infinite where none of the first million is."""
        high = 1
        while high <= MOST and self._after(eta, high) > share:
            high *= 2
        if high > MOST:
            return math.inf
        low = high // 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._after(eta, middle) > share else (low, middle)
        return float(high)

    def _after(self, eta: float, updates: int) -> float:
        return float(self.course(eta, np.array([updates]))[0])
