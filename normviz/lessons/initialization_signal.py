"""A signal through ten random layers, forwards and backwards, in plain NumPy (CS231n's experiment)."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
DEPTH = 10
#: Units of a layer on the slides; what "0.01" and "1" are depends on it.
WIDTH = 500
#: Name: (activation, standard deviation of a weight times the square root of the fan-in).
CASES: dict[str, tuple[str, float]] = {
    "zeros": ("tanh", 0.0),
    "N(0, 0.01²)": ("tanh", 0.01 * math.sqrt(WIDTH)),
    "N(0, 1)": ("tanh", math.sqrt(WIDTH)),
    "Xavier": ("tanh", 1.0),
    "ReLU, Xavier": ("relu", 1.0),
    "ReLU, He": ("relu", math.sqrt(2.0)),
}


@dataclass(frozen=True)
class Signal:
    """What the layers hold, first layer first.

    Attributes:
        forward: every layer's activations. Shape (examples, width) each.
        backward: the gradients with respect to every layer's pre-activations, for standard normal gradients with
            respect to the last activations. Shape (examples, width) each.
    """

    forward: tuple[Array, ...]
    backward: tuple[Array, ...]


def through(
    activation: str, scale: float, width: int = WIDTH, examples: int = 100, seed: int = 0
) -> Signal:
    """Send N(0, 1) inputs up through DEPTH layers and gradients back down; no biases.

    Args:
        activation: tanh, or relu.
        scale: standard deviation of a weight times sqrt(fan-in).
        width: units of every layer, and inputs.
        examples: how many.
        seed: of the weights, the inputs and the gradients.
    """
    random = np.random.default_rng(seed)
    activations = random.standard_normal((examples, width))
    weights = [
        random.standard_normal((width, width)) * scale / math.sqrt(width) for _ in range(DEPTH)
    ]
    forward, slopes = list[Array](), list[Array]()
    for weight in weights:
        activations, slope = _layer(activation, activations @ weight.T)
        forward.append(activations)
        slopes.append(slope)
    gradient = random.standard_normal((examples, width))
    backward = list[Array]()
    for weight, slope in zip(reversed(weights), reversed(slopes), strict=True):
        backward.append(gradient * slope)
        gradient = backward[-1] @ weight
    return Signal(tuple(forward), tuple(reversed(backward)))


def _layer(activation: str, z: Array) -> tuple[Array, Array]:
    """Return the activations and the slopes of an activation at z."""
    if activation == "relu":
        return np.maximum(z, 0), (z > 0).astype(float)
    values = np.tanh(z)
    return values, 1 - values**2


@dataclass(frozen=True)
class Sweep:
    """What is left of a signal after ten layers, by the scale of the weights. Shape (scales,) each."""

    scales: Array
    forward: Array
    backward: Array


def sweep(activation: str, low: float = 0.05, high: float = 50.0, count: int = 31) -> Sweep:
    """Measure the standard deviations of the last activations and of the first gradients over scales.

    Gradients are relative to those that enter at the top. A hundred units a layer.
    """
    scales = np.geomspace(low, high, count)
    signals = [through(activation, float(scale), width=100) for scale in scales]
    forward = np.array([each.forward[-1].std() for each in signals])
    backward = np.array([each.backward[0].std() for each in signals])
    return Sweep(scales, forward, backward)
