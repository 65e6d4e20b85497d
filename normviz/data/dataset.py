"""What a data set is, and how one is split."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dataset:
    """Examples to train on and examples held out.

    Attributes:
        x: inputs, float32 in [0, 1]. Shape (train, features).
        y: class labels 0 .. classes - 1. Shape (train,).
        heldout_x: as ``x``; never used for training or for fitting a preprocessing.
        heldout_y: as ``y``.
        classes: number of classes.
    """

    x: Float32[np.ndarray, "train features"]
    y: Int64[np.ndarray, " train"]
    heldout_x: Float32[np.ndarray, "heldout features"]
    heldout_y: Int64[np.ndarray, " heldout"]
    classes: int


def split(x: NDArray[Any], y: NDArray[Any], share: float = 0.2) -> Dataset:
    """Hold out the last ``share`` of every class, then shuffle both parts in one fixed order.

    Args:
        x: inputs in [0, 1]. Shape (examples, features).
        y: labels. Shape (examples,).
        share: part of each class that is held out, rounded down.
    """
    held = np.zeros(len(y), bool)
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        held[members[len(members) - int(share * len(members)) :]] = True
    rng = np.random.Generator(np.random.PCG64(0))
    train, heldout = rng.permutation(np.flatnonzero(~held)), rng.permutation(np.flatnonzero(held))
    x, y = x.astype(np.float32), y.astype(np.int64)
    return Dataset(x[train], y[train], x[heldout], y[heldout], int(y.max()) + 1)
