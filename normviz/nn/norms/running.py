"""What normalizations with running averages have in common."""

import math

from normviz.nn.norms.dividing import Dividing


class RunningNorm(Dividing):
    """A normalization over the minibatch, whose eval mode uses averages gathered while training.

    Attributes:
        tracking: whether training-mode passes move the running averages.
    """

    alone = "one_example"
    tracking: bool = True

    def values(self, shape: tuple[int, ...]) -> int:
        """Return examples times positions."""
        return math.prod(shape) // shape[1]
