"""Three estimates of the mean and the variance of one distribution that stays as it is."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

Course = Float64[np.ndarray, " steps"]

#: What is estimated.
MEAN, VARIANCE = 1.0, 4.0


@dataclass(frozen=True)
class Estimates:
    """One moment by three estimates, step after step.

    Attributes:
        batch: of the minibatch of the step.
        running: the running average, which starts at 0 for a mean and at 1 for a variance.
        population: the mean of all minibatches up to the step.
    """

    batch: Course
    running: Course
    population: Course


def simulate(
    batch: int, momentum: float, steps: int, seed: int
) -> tuple[Estimates, Estimates, float]:
    """Draw minibatches from N(1, 4) and estimate.

    Args:
        batch: examples in a minibatch, at least 2.
        momentum: the share of a new value in the running average, as in torch.
        steps: how many minibatches.
        seed: of the random numbers.

    Returns:
        The mean; the variance, unbiased (divided by m - 1); and the mean of the biased variances (divided by m).
    """
    drawn = np.random.default_rng(seed).normal(MEAN, np.sqrt(VARIANCE), (steps, batch))
    means, variances = drawn.mean(axis=1), drawn.var(axis=1, ddof=1)
    return (
        _estimates(means, momentum, 0.0),
        _estimates(variances, momentum, 1.0),
        float(drawn.var(axis=1).mean()),
    )


def _estimates(values: Course, momentum: float, start: float) -> Estimates:
    running = np.empty_like(values)
    average = start
    for step, value in enumerate(values):
        average = (1 - momentum) * average + momentum * value
        running[step] = average
    return Estimates(values, running, values.cumsum() / np.arange(1, len(values) + 1))


def resting_ratio(momentum: float) -> float:
    """Return how much nearer a running average of independent values is, in the end, than a single one.

    The variance of sum_k momentum (1 - momentum)^k value_k is momentum / (2 - momentum) of a single value's.
    """
    return float(np.sqrt(momentum / (2 - momentum)))
