"""The 1,797 optical digits of 8 x 8 pixels that ship inside scikit-learn."""

from functools import cache

from normviz.data.dataset import Dataset, split
from normviz.data.packaged import table


@cache
def load() -> Dataset:
    """Return about 80 % training and 20 % held-out images, grey levels / 16. Features: 64."""
    rows = table("sklearn", "datasets/data/digits.csv.gz")
    return split(rows[:, :-1] / 16, rows[:, -1], form=(1, 8, 8))
