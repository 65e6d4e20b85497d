"""What normalizations with running averages have in common."""

from normviz.nn.norms.base import Norm


class RunningNorm(Norm):
    """A normalization whose eval mode uses averages gathered while training.

    Attributes:
        tracking: whether training-mode passes move the running averages.
    """

    tracking: bool = True
