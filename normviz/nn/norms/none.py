"""No normalization."""

from torch import Tensor

from normviz.nn.norms.base import Norm


class NoNorm(Norm):
    """Pass the input through. ``features`` and ``affine`` are accepted and have no effect."""

    def __init__(self, features: int, affine: bool) -> None:
        super().__init__()

    def forward(self, x: Tensor) -> Tensor:
        """Return ``x``."""
        return x
