"""Normalizations of the weights: what passes through the layer is left as it is."""

from torch import nn

from normviz.nn.linear import ExpWeightNormLinear, Linear, Op, SpectralNormLinear, WeightNormLinear
from normviz.nn.norms.none import NoNorm


class WeightNorm(NoNorm):
    """Weight Normalization, W = g v / ||v||; see :class:`normviz.nn.linear.WeightNormLinear`."""

    def layer(self, shape: tuple[int, ...], op: Op = nn.functional.linear) -> Linear:
        """Make a layer whose weight is g v / ||v||."""
        return WeightNormLinear(shape, op)


class ExpWeightNorm(NoNorm):
    """Weight Normalization with g = e^s; see :class:`normviz.nn.linear.ExpWeightNormLinear`."""

    def layer(self, shape: tuple[int, ...], op: Op = nn.functional.linear) -> Linear:
        """Make a layer whose weight is e^s v / ||v||."""
        return ExpWeightNormLinear(shape, op)


class SpectralNorm(NoNorm):
    """Spectral Normalization, W = v / sigma(v); see :class:`normviz.nn.linear.SpectralNormLinear`."""

    def __init__(self, features: int, affine: bool, power_iterations: int = 1) -> None:
        super().__init__(features, affine)
        self.power_iterations = power_iterations

    def layer(self, shape: tuple[int, ...], op: Op = nn.functional.linear) -> Linear:
        """Make a layer whose weight is v / sigma(v)."""
        return SpectralNormLinear(shape, op, self.power_iterations)
