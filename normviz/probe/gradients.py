"""Norms of the weight gradients, layer by layer."""

import math

import numpy as np
from jaxtyping import Float, Float32, Float64
from numpy.typing import NDArray

from normviz.frames import Field, Values
from normviz.nn.activations import Activation
from normviz.probe.measured import Measured

Norms = Float[np.ndarray, " matrices"]
ITERATIONS = 10
EXACT = 16
SAFE = 1e-12


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Declare spectral and Frobenius norm of every weight gradient, the output layer last."""
    return (
        Field(
            "dw_spectral",
            ("weights",),
            "f4",
            "Spectral norm of dW",
            "loss per unit of weight",
            "largest singular value of the gradient of the mean loss",
            log=True,
        ),
        Field(
            "dw_frobenius",
            ("weights",),
            "f4",
            "Frobenius norm of dW",
            "loss per unit of weight",
            "root of the sum of squares of the gradient of the mean loss",
            log=True,
        ),
    )


def measure(measured: Measured) -> Values:
    """Measure both. Layers of one shape are measured together."""
    grads = [grad.numpy() for grad in measured.weight_grads]
    spectral, frobenius = np.empty((2, len(grads)), np.float32)
    for shape in dict.fromkeys(grad.shape for grad in grads):
        same = [i for i, grad in enumerate(grads) if grad.shape == shape]
        spectral[same], frobenius[same] = norms(np.stack([grads[i] for i in same]))
    return {"dw_spectral": spectral, "dw_frobenius": frobenius}


def norms(matrices: Float32[np.ndarray, "matrices rows columns"]) -> tuple[Norms, Norms]:
    """Return the largest singular value and the Frobenius norm of every matrix.

    Matrices with a short side of at most 16 are decomposed exactly. For others the singular value is found by
    Golub-Kahan bidiagonalization from a fixed start (Golub & Van Loan, Matrix Computations, 10.4): ten iterations give
    weight gradients' norms to about 1e-3 or better (always a lower bound; up to 2e-2 short for matrices of independent
    random entries), in a tenth of the time of a decomposition. Very small or large matrices are scaled first, so that
    squares neither vanish nor overflow. A zero matrix has norm 0; one with an entry that is not finite has norm nan or
    inf.
    """
    scale = np.abs(np.maximum(matrices.max(axis=(1, 2)), -matrices.min(axis=(1, 2))))
    usable = (scale > 0) & np.isfinite(scale)
    if not ((scale > SAFE) & (scale < 1 / SAFE)).all():
        factor = np.where(usable, scale, 1)
        matrices = np.where(usable[:, None, None], matrices, 0) / factor[:, None, None]
        scale = np.where(usable, factor, scale)
    else:
        factor = np.ones_like(scale)
    flat = matrices.reshape(len(matrices), -1)
    frobenius = np.array([math.sqrt(row @ row) for row in flat])
    spectral = np.sqrt(np.linalg.eigvalsh(_small_gram(matrices)).clip(0)[:, -1])
    return np.where(usable, spectral * factor, scale), np.where(usable, frobenius * factor, scale)


def _small_gram(
    a: Float32[np.ndarray, "matrices rows columns"],
) -> Float64[np.ndarray, "matrices k k"]:
    """Return a small symmetric matrix with the largest squared singular value of ``a`` as its largest eigenvalue."""
    if min(a.shape[1:]) <= EXACT:
        short = (a if a.shape[1] <= a.shape[2] else a.transpose(0, 2, 1)).astype(np.float64)
    else:
        short = _bidiagonal(a, ITERATIONS)
    return short @ short.transpose(0, 2, 1)


def _bidiagonal(
    a: Float32[np.ndarray, "matrices rows columns"], iterations: int
) -> Float64[np.ndarray, "matrices k k"]:
    count, _, columns = a.shape
    transposed = a.transpose(0, 2, 1)
    out = np.zeros((count, iterations, iterations))
    v = np.broadcast_to(
        np.random.Generator(np.random.PCG64(0)).standard_normal((columns, 1), np.float32),
        (count, columns, 1),
    )
    v = v / np.linalg.norm(v, axis=1, keepdims=True)
    u, beta = np.float32(0), np.float32(0)
    for i in range(iterations):
        u, alpha = _unit(a @ v - beta * u)
        out[:, i, i] = alpha[:, 0, 0]
        if i + 1 < iterations:
            v, beta = _unit(transposed @ u - alpha * v)
            out[:, i, i + 1] = beta[:, 0, 0]
    return out


def _unit(
    vectors: Float32[np.ndarray, "matrices n 1"],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    norms = np.sqrt(np.einsum("ijk,ijk->ik", vectors, vectors))[:, :, None]
    return vectors / np.maximum(norms, np.float32(1e-30)), norms
