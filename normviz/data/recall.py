"""Sequences of unequal length for recurrent networks: what was shown at the first step has to be remembered to the end.

After the long-lag tasks of Hochreiter & Schmidhuber 1997, section 5: a symbol, then steps that say nothing.
"""

from functools import cache

import numpy as np
from jaxtyping import Float32, Int64

from normviz.data.dataset import Dataset, fixed

TRAIN, HELDOUT, CLASSES = 2000, 500, 4
SHORTEST, LONGEST = 5, 25
NOISE = 0.5


@cache
def load() -> Dataset:
    """Return sequences of 5 to 25 steps of four numbers; nan where a sequence has ended. Features: 25 x 4.

    At the first step the number of the class is 1 and the others are 0; all further steps are N(0, 0.5^2). All lengths
    are equally likely and say nothing of the class.
    """
    rng = fixed()
    (x, y), (heldout_x, heldout_y) = _draw(TRAIN, rng), _draw(HELDOUT, rng)
    return Dataset(x, y, heldout_x, heldout_y, CLASSES, form=(LONGEST, CLASSES))


def _draw(
    n: int, rng: np.random.Generator
) -> tuple[Float32[np.ndarray, "n features"], Int64[np.ndarray, " n"]]:
    y = rng.permutation(np.arange(n) % CLASSES)
    x = NOISE * rng.standard_normal((n, LONGEST, CLASSES), np.float32)
    x[:, 0] = np.eye(CLASSES, dtype=np.float32)[y]
    lengths = rng.integers(SHORTEST, LONGEST + 1, n)
    x[np.arange(LONGEST) >= lengths[:, None]] = np.nan
    return x.reshape(n, -1), y
