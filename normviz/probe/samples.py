"""The sampled values of all layers, sorted: what histograms, percentiles and saturated shares are read from."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, TypeVar

import numpy as np
import torch
from jaxtyping import Float32, Shaped
from numpy.typing import NDArray
from torch import Tensor

#: The values of one layer; layers differ in how many.
Row = Float32[np.ndarray, " _"]

#: The first examples of the minibatch are sampled, at most this many values a layer, but at least one example.
SAMPLE = 8_192


Layer = TypeVar("Layer", Tensor, NDArray[Any])


def first_examples(layer: Layer) -> Layer:
    """Return the values of as many whole examples as :data:`SAMPLE` has room for, one after another."""
    return layer[: max(1, SAMPLE // max(1, math.prod(layer.shape[1:])))].reshape(-1)


@dataclass(frozen=True)
class Samples:
    """Values in ascending order within each layer, one layer behind the other. Not-a-number comes last.

    Attributes:
        values: those of all layers.
        sizes: how many each layer has; 0 where a layer saw no example.
    """

    values: Float32[np.ndarray, " values"]
    sizes: tuple[int, ...]

    @cached_property
    def rows(self) -> list[Row]:
        """The values of each layer, as views."""
        return self.split(self.values)

    def split(self, values: Shaped[np.ndarray, " values"]) -> list[NDArray[Any]]:
        """Cut an array of one entry a value into layers."""
        ends = accumulate(self.sizes)
        return [values[end - size : end] for size, end in zip(self.sizes, ends, strict=True)]

    def mapped(self, increasing: Callable[[Tensor], Tensor]) -> "Samples":
        """Return what an increasing function makes of all values."""
        return Samples(increasing(torch.from_numpy(self.values)).numpy(), self.sizes)
