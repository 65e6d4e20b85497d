"""Two domains in one data set: MNIST and the same digits on textured backgrounds, with a note of which is which.

For what A. Irpan's "On the perils of batch norm" (2017) pretends with MNIST and SVHN: minibatches of one domain each
have means and variances that no single running average fits.
"""

from functools import cache

import numpy as np

from normviz.data import mnist, textured
from normviz.data.dataset import Dataset, fixed


@cache
def load() -> Dataset:
    """Return all of both sets in one fixed random order; domain 0 is MNIST, 1 the textured pictures. Features: 784.

    A digit that is held out in one domain is held out in the other too.
    """
    first, second = mnist.load(), textured.load()
    rng = fixed()
    train, heldout = rng.permutation(2 * len(first.y)), rng.permutation(2 * len(first.heldout_y))
    return Dataset(
        np.concatenate([first.x, second.x])[train],
        np.concatenate([first.y, second.y])[train],
        np.concatenate([first.heldout_x, second.heldout_x])[heldout],
        np.concatenate([first.heldout_y, second.heldout_y])[heldout],
        first.classes,
        np.repeat([0, 1], len(first.y))[train],
        np.repeat([0, 1], len(first.heldout_y))[heldout],
        first.form,
        ("mnist", "textured"),
    )
