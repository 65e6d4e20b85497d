"""No normalization."""

from torch import nn


class NoNorm(nn.Identity):
    """Pass the input through. ``features`` and ``affine`` are accepted and have no effect."""

    def __init__(self, features: int, affine: bool) -> None:
        super().__init__()
