r"""Internal covariate shift as Santurkar et al. 2018 define it (definition 2.1), of an update that has been made.

:math:`G_i` is the gradient of layer i's weights on the update's minibatch with all weights as they were, :math:`G'_i`
with those of the layers below it as they are now, and all others as they were.
"""

import copy
import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import cross_entropy

from normviz.nn.network import Block, Network
from normviz.nn.tape import Tape, Weight
from normviz.train.looking import undisturbed


@dataclass(frozen=True)
class GradientShift:
    """What an update of the layers below did to each layer's gradient; the output layer is last.

    Not a number in layer 1, which has nothing below it.

    Attributes:
        distance: Euclidean length of G - G'.
        cosine: between G and G'; not a number where one of them is 0.
        passes: forward and backward passes that it took.
    """

    distance: list[float]
    cosine: list[float]
    passes: int


def gradient_shift(
    before: Network,
    after: Network,
    x: Float[Tensor, "batch features"],
    y: Int64[Tensor, " batch"],
) -> GradientShift:
    """Compare the gradients of both; where layers share their weights, in time, nothing is below: not a number."""
    hybrid, updated = copy.deepcopy(before), _blocks(after)
    if len(updated) != before.layers:
        return GradientShift([math.nan] * (before.layers + 1), [math.nan] * (before.layers + 1), 0)
    shift = GradientShift([math.nan], [math.nan], 1 + len(updated))
    first = _gradients(hybrid, x, y, range(len(updated) + 1))
    for below, (block, new) in enumerate(zip(_blocks(hybrid), updated, strict=True)):
        block.load_state_dict(new.state_dict())
        (there,) = _gradients(hybrid, x, y, [below + 1])
        here = first[below + 1]
        shift.distance.append(float((here - there).norm()))
        lengths = float(here.norm()) * float(there.norm())
        shift.cosine.append(float((here * there).sum()) / lengths if lengths else math.nan)
    return shift


def _blocks(model: Network) -> list[Block]:
    return [module for module in model.modules() if isinstance(module, Block)]


def _gradients(model: Network, x: Tensor, y: Tensor, layers: Iterable[int]) -> list[Weight]:
    """Return dW of some layers, of what they multiply with, in float64."""
    tape = Tape()
    with undisturbed(model):
        loss = cross_entropy(model(x, tape), y)
    found = torch.autograd.grad(loss, [tape.weights[layer] for layer in layers])
    return [gradient.double() for gradient in found]
