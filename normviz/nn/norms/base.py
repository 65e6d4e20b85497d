"""What every normalization of this package is."""

from typing import ClassVar

import torch
from torch import nn

from normviz.nn.linear import Linear


class Norm(nn.Module):
    """A module that stands before or behind the nonlinearity of every hidden layer.

    Attributes:
        linear: the kind of linear layer it goes with; one that normalizes weights brings its own.
    """

    linear: ClassVar[type[Linear]] = Linear

    def seed(self, noise: torch.Generator) -> None:
        """Take a generator for whatever is drawn at random while training; most draw nothing."""
