"""Instance Normalization."""

from normviz.nn.norms.group import GroupNorm


class InstanceNorm(GroupNorm):
    """Normalize every channel of every example over its positions (Ulyanov, Vedaldi & Lempitsky 2016, eq. 2).

    This is Group Normalization with one channel a group. A unit of a multilayer perceptron has one value an example
    and no positions, so there is nothing to normalize over: mean x, variance 0, output beta for every input.
    """

    def __init__(self, channels: int, affine: bool, eps: float = 1e-5) -> None:
        super().__init__(channels, affine, channels, eps)
