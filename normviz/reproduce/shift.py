r"""Internal covariate shift as Santurkar et al. 2018 define it, in a deep linear network.

Layer i's gradient is taken twice on the same batch: :math:`G_i` with all weights as they are, :math:`G'_i` after the
layers below it, and these only, have taken their step of gradient descent. The shift is the Euclidean length
:math:`\lVert G_i - G'_i \rVert_2` and the cosine between the two. Below layer 1 there is nothing: it is left out.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from normviz.nn.network import generator

LAYERS, UNITS, EXAMPLES = 25, 10, 100

Batch = Float[Tensor, "examples units"]
Weight = Float[Tensor, "units units"]
Norm = Callable[[Batch], Batch]


@dataclass(frozen=True)
class Regression:
    """The squared error of a deep linear network, summed over the batch and the outputs.

    Attributes:
        x: inputs, shape (examples, units).
        y: targets, same shape.
        norm: stands behind every layer but the last; the identity for none.
    """

    x: Batch
    y: Batch
    norm: Norm

    def loss(self, weights: Sequence[Weight], h: Batch | None = None) -> Float[Tensor, ""]:
        """Return the loss; with ``h`` these are the last layers, and ``h`` is what the first of them receives."""
        *hidden, last = weights
        h = self.x if h is None else h
        for weight in hidden:
            h = self.norm(h @ weight.T)
        return (h @ last.T - self.y).square().sum()

    def gradients(self, weights: Sequence[Weight]) -> tuple[float, list[Weight]]:
        """Return the loss and the gradient with respect to each layer's weights."""
        leaves = [weight.detach().requires_grad_() for weight in weights]
        loss = self.loss(leaves)
        return loss.item(), list(torch.autograd.grad(loss, leaves))

    def gradients_after(self, weights: Sequence[Weight], updated: Sequence[Weight]) -> list[Weight]:
        """Return layer i's gradient where the layers below it have the weights ``updated``, for every i."""
        h, gradients = self.x, list[Weight]()
        for index, weight in enumerate(weights):
            leaf = weight.detach().requires_grad_()
            (gradient,) = torch.autograd.grad(self.loss([leaf, *weights[index + 1 :]], h), leaf)
            gradients.append(gradient)
            h = self.norm(h @ updated[index].T)
        return gradients


@dataclass(frozen=True)
class Shift:
    """What a step of gradient descent does to the gradients of layers 2, 3, ….

    Attributes:
        loss: before the step.
        cosine: between G and G', one a layer.
        distance: Euclidean length of G - G', one a layer.
        length: Euclidean length of G, one a layer.
    """

    loss: float
    cosine: list[float]
    distance: list[float]
    length: list[float]

    @property
    def relative(self) -> list[float]:
        """Length of G - G' in units of the length of G, one a layer."""
        return [d / g for d, g in zip(self.distance, self.length, strict=True)]


def regression(seed: int, norm: Norm) -> tuple[Regression, list[Weight]]:
    """Return y = A x with Gaussian x and A, and the weights to start with, N(0, 1 / units); all in float64."""
    x = torch.randn(EXAMPLES, UNITS, dtype=torch.float64, generator=generator(seed, "data"))
    a = torch.randn(UNITS, UNITS, dtype=torch.float64, generator=generator(seed, "target"))
    weights = [
        torch.randn(UNITS, UNITS, dtype=torch.float64, generator=generator(seed, "init", layer))
        / math.sqrt(UNITS)
        for layer in range(LAYERS)
    ]
    return Regression(x, x @ a.T, norm), weights


def descent(
    task: Regression, weights: Sequence[Weight], lr: float, steps: int, every: int
) -> Iterator[tuple[int, Shift]]:
    """Take full-batch steps of gradient descent; yield (step, shift) at step 0 and every so many later."""
    for step in itertools.count():
        loss, gradients = task.gradients(weights)
        updated = [weight - lr * g for weight, g in zip(weights, gradients, strict=True)]
        if step % every == 0:
            yield step, _compare(loss, gradients, task.gradients_after(weights, updated))
        if step == steps:
            return
        weights = updated


def _compare(loss: float, before: Sequence[Weight], after: Sequence[Weight]) -> Shift:
    first, second = torch.stack(list(before[1:])), torch.stack(list(after[1:]))
    length, other = (g.flatten(1).norm(dim=1) for g in (first, second))
    cosine = (first * second).sum((1, 2)) / (length * other)
    distance = (first - second).flatten(1).norm(dim=1)
    return Shift(loss, cosine.tolist(), distance.tolist(), length.tolist())
