"""Layers of one shape, put together: a device does one large thing much faster than many small ones."""

from collections.abc import Callable

import torch
from torch import Tensor


def by_shape(layers: list[Tensor]) -> list[list[int]]:
    """Return the indices of all layers of each shape, in order of first appearance."""
    groups: dict[torch.Size, list[int]] = {}
    for index, layer in enumerate(layers):
        groups.setdefault(layer.shape, []).append(index)
    return list(groups.values())


def together(layers: list[Tensor], indices: list[int]) -> Tensor:
    """Return these layers as one tensor, shape (layers, ...)."""
    return torch.stack([layers[index] for index in indices])


def layer_by_layer(of: Callable[[Tensor], Tensor], layers: list[Tensor]) -> list[Tensor]:
    """Return what ``of`` makes of each layer; it is given all of one shape at once and returns a row for each."""
    found: dict[int, Tensor] = {}
    for indices in by_shape(layers):
        found.update(zip(indices, of(together(layers, indices)), strict=True))
    return [found[index] for index in range(len(layers))]
