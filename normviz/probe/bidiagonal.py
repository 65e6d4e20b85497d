"""Norms of weight gradients on a device: the iterations of :func:`normviz.probe.gradients.norms`, many at once.

The device does the products with the matrices, in float64 and without asking anything back; the small symmetric
matrices that are left are finished on the processor, where the iterations also end as they do there.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float64
from numpy.typing import NDArray
from torch import Tensor

from normviz.probe.gradients import (
    ENOUGH,
    EXACT,
    ITERATIONS,
    Entries,
    Gram,
    roots,
    start,
    tridiagonal,
)
from normviz.probe.measured import Norms
from normviz.probe.stacking import by_shape, together

Matrices = Float64[Tensor, "matrices rows columns"]


@torch.no_grad()
def parts(weight_grads: list[Tensor]) -> dict[str, Tensor]:
    """Return, for every shape of the gradients, their sums of squares and what their singular values follow from."""
    found: dict[str, Tensor] = {}
    flat = [grad.flatten(1) for grad in weight_grads]
    for group, indices in enumerate(by_shape(flat)):
        matrices = together(flat, indices).double()
        found[f"squares.{group}"] = matrices.square().sum((1, 2))
        small = min(matrices.shape[1:]) <= EXACT
        found[f"grams.{group}"] = _grams(matrices) if small else _bidiagonal(matrices)
    return found


def norms(weight_grads: list[Tensor], brought: Mapping[str, NDArray[Any]]) -> tuple[Norms, Norms]:
    """Return spectral and Frobenius norm of every gradient from what :func:`parts` found."""
    squares, grams = np.empty(len(weight_grads)), dict[int, Gram]()
    for group, indices in enumerate(by_shape([grad.flatten(1) for grad in weight_grads])):
        squares[indices] = brought[f"squares.{group}"]
        small = min(weight_grads[indices[0]].flatten(1).shape) <= EXACT
        for index, found in zip(indices, brought[f"grams.{group}"], strict=True):
            grams[index] = found if small else _ended(found[0], found[1], squares[index])
    frobenius, finite = np.sqrt(squares), np.isfinite(squares)
    safe = [grams[i] if finite[i] else np.zeros((1, 1)) for i in range(len(squares))]
    return np.where(finite, roots(safe), frobenius), frobenius


def _grams(matrices: Matrices) -> Float64[Tensor, "matrices k k"]:
    """Return A A' or A' A, the smaller one."""
    turned = matrices.transpose(1, 2)
    return matrices @ turned if matrices.shape[1] <= matrices.shape[2] else turned @ matrices


def _bidiagonal(matrices: Matrices) -> Float64[Tensor, "matrices 2 iterations"]:
    """Return diagonal of and entries beside the diagonal of B B', all iterations of them."""
    begin = torch.from_numpy(start(matrices.shape[2])).to(matrices)
    v, diagonal, beside = begin.expand(len(matrices), -1), list[Tensor](), list[Tensor]()
    u, beta = matrices.new_zeros(matrices.shape[:2]), matrices.new_zeros(len(matrices), 1)
    for _ in range(ITERATIONS):
        u, alpha = _unit((matrices @ v[:, :, None])[:, :, 0] - beta * u)
        beside.append(beta * alpha)
        v, beta = _unit((u[:, None] @ matrices)[:, 0] - alpha * v)
        diagonal.append(alpha.square() + beta.square())
    return torch.stack([torch.cat(diagonal, 1), torch.cat(beside, 1)], 1)


def _unit(
    vectors: Float64[Tensor, "matrices n"],
) -> tuple[Float64[Tensor, "matrices n"], Float64[Tensor, "matrices 1"]]:
    """Return the vectors at length 1, and their lengths; 0 stays 0."""
    lengths = torch.linalg.vector_norm(vectors, dim=1, keepdim=True)
    return vectors / lengths.masked_fill(lengths == 0, 1.0), lengths


def _ended(diagonal: Entries, beside: Entries, square: float) -> Gram:
    """Keep the iterations up to where the rest of the sum of squares is small enough."""
    rest, largest = square - np.cumsum(diagonal), np.maximum.accumulate(diagonal)
    enough = np.flatnonzero(rest <= ENOUGH * largest)
    kept = 1 + int(enough[0]) if len(enough) else len(diagonal)
    return tridiagonal(diagonal[:kept], beside[:kept])
