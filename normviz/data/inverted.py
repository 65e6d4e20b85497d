"""MNIST in negative, dark digits on a bright background: inputs whose mean is far from 0."""

from dataclasses import replace
from functools import cache

from normviz.data import mnist
from normviz.data.dataset import Dataset


@cache
def load() -> Dataset:
    """Return the same images as :func:`normviz.data.mnist.load` in the same order, as 1 - x. Features: 784."""
    data = mnist.load()
    return replace(data, x=1 - data.x, heldout_x=1 - data.heldout_x)
