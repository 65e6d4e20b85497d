"""Pure noise, as in CS231n's experiment on initializations (2017, lecture 6: ``D = np.random.randn(1000, 500)``)."""

from functools import cache

import numpy as np

from normviz.data.dataset import Dataset, fixed

TRAIN, HELDOUT, FEATURES, CLASSES = 1000, 200, 500, 10


@cache
def load() -> Dataset:
    """Return inputs from N(0, 1) and labels that have nothing to do with them: there is nothing to learn.

    The lecture has inputs only. The labels are ours, as many of each class, in random order: training can learn them
    by heart, and the accuracy on the examples held out stays at chance, 10 %.
    """
    rng = fixed()
    x = rng.standard_normal((TRAIN + HELDOUT, FEATURES), np.float32)
    y, heldout_y = (rng.permutation(np.arange(n) % CLASSES) for n in (TRAIN, HELDOUT))
    return Dataset(x[:TRAIN], y, x[TRAIN:], heldout_y, CLASSES)
