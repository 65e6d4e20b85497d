"""LSUV initialization: orthonormal weights, scaled until each layer's output has variance 1 on the first minibatch."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Generator, Tensor

from normviz.nn.linear import Linear


class LSUV:
    """Layer-sequential unit variance, Mishkin & Matas 2016, algorithm 1.

    Called as every other initializer, it draws the orthonormal weights (step 1 of the algorithm). :meth:`scale` is
    step 2, for which the network and its first minibatch must be there: layer after layer, first to last, the weights
    are divided by the standard deviation of the layer's output W x + b until its variance (biased, over examples and
    units together) is within ``TOLERANCE`` of 1, at most ``ITERATIONS`` times. Then they are multiplied with the gain,
    if there is one, so the variance is the gain's square.

    A layer whose output is constant or not finite is left as it is, and so is one whose output does not depend on the
    size of its weights (spectral normalization). A layer that a pass uses several times, as time steps of a recurrent
    network do, is scaled at the first use whose output is not constant.

    Attributes:
        draw: fills a weight from a generator.
    """

    TOLERANCE = 0.01
    ITERATIONS = 10

    def __init__(self, draw: Callable[..., None]) -> None:
        self.draw = draw

    def __call__(self, weight: Tensor, generator: Generator, gain: float = 1.0) -> None:
        """Draw orthonormal weights; the gain comes with :meth:`scale`."""
        self.draw(weight, generator)

    @torch.no_grad()
    def scale(
        self, layers: Iterable[Linear], forward: Callable[[], Any], gain: float = 1.0
    ) -> None:
        """Scale all layers while ``forward`` passes the first minibatch through the network, once."""

        def rescaled(layer: Linear, inputs: tuple[Any, ...], output: Tensor) -> Tensor | None:
            variance = _variance(output)
            if not 0 < variance < math.inf:
                return None
            self._to_unit_variance(layer, inputs[0], variance)
            _multiply(layer, gain)
            hooks.pop(layer).remove()
            return layer.forward(inputs[0])

        hooks = {layer: layer.register_forward_hook(rescaled) for layer in layers}
        try:
            forward()
        finally:
            for layer, hook in hooks.items():
                hook.remove()
                _multiply(layer, gain)

    def _to_unit_variance(self, layer: Linear, x: Tensor, variance: float) -> None:
        for _ in range(self.ITERATIONS):
            if abs(variance - 1) < self.TOLERANCE or not 0 < variance < math.inf:
                return
            _multiply(layer, 1 / math.sqrt(variance))
            before, variance = variance, _variance(layer.forward(x))
            if math.isclose(before, variance, rel_tol=1e-3):
                _multiply(layer, math.sqrt(before))
                return


def _variance(output: Tensor) -> float:
    return output.double().var(correction=0).item()


def _multiply(layer: Linear, factor: float) -> None:
    if factor != 1:
        layer.weight.mul_(factor)
        layer.settle()
