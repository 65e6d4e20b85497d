"""Normalizations of the weights: what passes through the layer is left as it is."""

from normviz.nn.linear import ExpWeightNormLinear, SpectralNormLinear, WeightNormLinear
from normviz.nn.norms.none import NoNorm


class WeightNorm(NoNorm):
    """Weight Normalization, W = g v / ||v||; see :class:`normviz.nn.linear.WeightNormLinear`."""

    linear = WeightNormLinear


class ExpWeightNorm(NoNorm):
    """Weight Normalization with g = e^s; see :class:`normviz.nn.linear.ExpWeightNormLinear`."""

    linear = ExpWeightNormLinear


class SpectralNorm(NoNorm):
    """Spectral Normalization, W = v / sigma(v); see :class:`normviz.nn.linear.SpectralNormLinear`."""

    linear = SpectralNormLinear
