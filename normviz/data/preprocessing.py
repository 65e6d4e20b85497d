"""Preprocessing: a function of the training inputs returns the function that is applied to all inputs."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32

Inputs = Float32[np.ndarray, "examples features"]
Transform = Callable[[Inputs], Inputs]

EPS = 1e-5


def raw(train: Inputs) -> Transform:
    """Leave the inputs as they are."""
    return lambda x: x


def centred(train: Inputs) -> Transform:
    """Subtract the training mean of every feature."""
    mean = train.mean(axis=0)
    return lambda x: x - mean


def zscore(train: Inputs) -> Transform:
    """Subtract the mean and divide by sqrt(variance + 1e-5) of every feature (biased variance).

    A feature that is constant in the training data becomes 0 there.
    """
    mean, variance = train.mean(axis=0), train.var(axis=0)
    return lambda x: (x - mean) / np.sqrt(variance + np.float32(EPS))
