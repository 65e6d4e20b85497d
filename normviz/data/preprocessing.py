"""Preprocessing: a function of the training inputs returns the function that is applied to all inputs."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Float64

Inputs = Float32[np.ndarray, "examples features"]
Transform = Callable[[Inputs], Inputs]
Square = Float64[np.ndarray, "features features"]

EPS = 1e-5
#: Rows that are turned to float64 at a time.
ROWS = 4096


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


def global_zscore(train: Inputs) -> Transform:
    """Subtract one mean and divide by one sqrt(variance + 1e-5), both over all features together (biased variance)."""
    mean = train.mean(dtype=np.float64)
    squares = (np.square(train[i : i + ROWS] - mean).sum() for i in range(0, len(train), ROWS))
    variance = sum(squares) / train.size
    shift, scale = np.float32(mean), np.float32(1 / np.sqrt(variance + EPS))
    return lambda x: (x - shift) * scale


def pca(train: Inputs, whiten_eps: float) -> Transform:
    r"""Turn onto the principal axes, largest variance first, and divide each by sqrt(variance + eps).

    The covariance of the training data becomes diagonal with entries $\lambda / (\lambda + \epsilon)$. The sign of
    every axis is the one that makes its largest entry positive.
    """
    mean, axes, scales = _principal(train, whiten_eps)
    return _linear(mean, axes * scales)


def zca(train: Inputs, whiten_eps: float) -> Transform:
    """As :func:`pca`, then turned back: of all whitened data those closest to the originals (Bell & Sejnowski 1997)."""
    mean, axes, scales = _principal(train, whiten_eps)
    return _linear(mean, axes * scales @ axes.T)


def _linear(mean: Float64[np.ndarray, " features"], matrix: Square) -> Transform:
    shift, turn = mean.astype(np.float32), matrix.astype(np.float32)
    return lambda x: (x - shift) @ turn


def _principal(
    train: Inputs, eps: float
) -> tuple[Float64[np.ndarray, " features"], Square, Float64[np.ndarray, " features"]]:
    """Return mean, principal axes (columns) and 1 / sqrt(variance + eps) along each, by the biased covariance."""
    mean = train.mean(axis=0, dtype=np.float64)
    covariance = np.zeros((len(mean), len(mean)))
    for start in range(0, len(train), ROWS):
        centred_rows = train[start : start + ROWS] - mean
        covariance += centred_rows.T @ centred_rows
    variances, axes = np.linalg.eigh(covariance / len(train))
    variances, axes = variances[::-1].clip(0), axes[:, ::-1]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    return mean, axes * np.sign(largest), 1 / np.sqrt(variances + eps)
