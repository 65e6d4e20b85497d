r"""How the loss changes along its own gradient (Santurkar et al. 2018, section 3.2).

From the parameters :math:`\theta` the gradient g leads to :math:`\theta - a \eta g` for some a. Measured over these
points: how far the loss ranges, how far the gradient moves, and the effective :math:`\beta` of smoothness, which is the
largest :math:`\lVert g(\theta - a \eta g) - g \rVert_2 / \lVert a \eta g \rVert_2`.
"""

import math
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from normviz.train.looking import undisturbed

#: lengths of the steps in units of the learning rate: the paper's range for its VGG
LENGTHS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)


@dataclass(frozen=True)
class Landscape:
    """What was found along the gradient.

    Attributes:
        range: largest less smallest loss, nats.
        change: largest distance of a gradient there from the one here.
        beta: effective smoothness; 0 would be a plane. Where the gradient is 0 there is no way to go: not a number.
        passes: forward and backward passes that it took.
    """

    range: float
    change: float
    beta: float
    passes: int = 1 + len(LENGTHS)


def along_gradient(
    model: nn.Module, x: Float[Tensor, "batch features"], y: Int64[Tensor, " batch"], lr: float
) -> Landscape:
    """Look along the gradient of the cross-entropy of this batch, with its own statistics; nothing is changed."""
    parameters = list(model.parameters())

    def gradient() -> tuple[float, Float[Tensor, " parameters"]]:
        with undisturbed(model):
            loss = cross_entropy(model(x), y)
        flat = [g.flatten() for g in torch.autograd.grad(loss, parameters)]
        return loss.item(), torch.cat(flat)

    _, here = gradient()
    losses, changes = list[float](), list[float]()
    with _restored(parameters):
        start = nn.utils.parameters_to_vector(parameters).detach().clone()
        for length in LENGTHS:
            nn.utils.vector_to_parameters(start - length * lr * here, parameters)
            loss, there = gradient()
            losses.append(loss)
            changes.append(float((there - here).norm()))
    walked = [length * lr * float(here.norm()) for length in LENGTHS]
    if not all(map(math.isfinite, [*losses, *changes])):
        return Landscape(math.nan, math.nan, math.nan)
    ways = zip(changes, walked, strict=True)
    beta = max(change / path for change, path in ways) if walked[0] else math.nan
    return Landscape(max(losses) - min(losses), max(changes), beta)


@contextmanager
def _restored(parameters: list[nn.Parameter]) -> Generator[None]:
    before = [parameter.data for parameter in parameters]
    try:
        yield
    finally:
        for parameter, data in zip(parameters, before, strict=True):
            parameter.data = data
