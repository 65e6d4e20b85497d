"""What every normalization of this package is."""

import torch
from torch import nn

from normviz.nn.linear import Linear, Op


class Norm(nn.Module):
    """A module that stands before or behind the nonlinearity of every hidden layer."""

    def layer(self, shape: tuple[int, ...], op: Op = nn.functional.linear) -> Linear:
        """Make the layer with weights that it goes with; one that normalizes weights brings its own."""
        return Linear(shape, op)

    def seed(self, noise: torch.Generator) -> None:
        """Take a generator for whatever is drawn at random while training; most draw nothing."""
