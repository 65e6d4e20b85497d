"""What a data set is, and how one is split."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, Integer
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dataset:
    """Examples to train on and examples held out.

    Attributes:
        x: inputs, float32: images in [0, 1], points of the plane in about [-1, 1], Gaussian noise without bound.
            Shape (train, features).
        y: class labels 0 .. classes - 1. Shape (train,).
        heldout_x: as ``x``; never used for training or for fitting a preprocessing.
        heldout_y: as ``y``.
        classes: number of classes.
        domain: for each example the number of the source it comes from, 0, 1, …; None where there is only one.
            Shape (train,).
        heldout_domain: as ``domain``, for the examples held out.
        form: what an example was before it became a row of features, (channels, height, width) or (time steps,
            features of one); empty where it never was anything else. Sequences of unequal length have nan where they
            have ended.
        domains: a short name for each source, in the order of ``domain``.
        features: what the features are called, where they have names.
        labels: what the classes are called, where they have names.
    """

    x: Float32[np.ndarray, "train features"]
    y: Int64[np.ndarray, " train"]
    heldout_x: Float32[np.ndarray, "heldout features"]
    heldout_y: Int64[np.ndarray, " heldout"]
    classes: int
    domain: Int64[np.ndarray, " train"] | None = None
    heldout_domain: Int64[np.ndarray, " heldout"] | None = None
    form: tuple[int, ...] = ()
    domains: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one example: its form, or (features,)."""
        return self.form or self.x.shape[1:]

    @property
    def gaps(self) -> bool:
        """Whether there may be nan, where a sequence has ended: only time steps end."""
        return len(self.form) == 2


def fixed(seed: int = 0) -> np.random.Generator:
    """Return a random generator that does not depend on a run's seed: a data set is the same in every run."""
    return np.random.Generator(np.random.PCG64(seed))


def some_of_each(
    y: Integer[np.ndarray, " examples"], each: int, rng: np.random.Generator
) -> Int64[np.ndarray, " chosen"]:
    """Return the rows of up to ``each`` examples of every class, spread evenly over ``y``, in random order."""
    chosen = list[NDArray[np.int64]]()
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        count = min(each, len(members))
        chosen.append(members[np.linspace(0, len(members) - 1, count).astype(np.int64)])
    return rng.permutation(np.concatenate(chosen))


def split(
    x: NDArray[Any], y: NDArray[Any], share: float = 0.2, form: tuple[int, ...] = ()
) -> Dataset:
    """Hold out the last ``share`` of every class, then shuffle both parts in one fixed order.

    Args:
        x: inputs. Shape (examples, features).
        y: labels. Shape (examples,).
        share: part of each class that is held out, rounded down.
        form: what an example was before it became a row.
    """
    held = np.zeros(len(y), bool)
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        held[members[len(members) - int(share * len(members)) :]] = True
    rng = fixed()
    train, heldout = rng.permutation(np.flatnonzero(~held)), rng.permutation(np.flatnonzero(held))
    x, y = x.astype(np.float32), y.astype(np.int64)
    return Dataset(x[train], y[train], x[heldout], y[heldout], int(y.max()) + 1, form=form)
