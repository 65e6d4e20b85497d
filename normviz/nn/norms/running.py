"""What normalizations with running averages have in common."""

from torch import nn


class RunningNorm(nn.Module):
    """A normalization whose eval mode uses averages gathered while training.

    Attributes:
        tracking: whether training-mode passes move the running averages.
    """

    tracking: bool = True
