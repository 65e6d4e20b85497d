"""Where a network meets the edges of its normalization and of its data."""

import itertools
from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from normviz.nn.norms.base import Norm
from normviz.nn.norms.dividing import Dividing
from normviz.nn.norms.running import RunningNorm
from normviz.nn.tape import Tape
from normviz.probe.narration import Said

#: Squares of numbers below this are far from float32's limit: no variance of them overflows.
SQUARABLE = 1e18


@contextmanager
def divisions_by_zero(model: nn.Module) -> Generator[list[int]]:
    """Collect the hidden layers (1, 2, …), in order, whose normalization divides by zero inside.

    That is: epsilon is 0, what comes in is finite and not too large to be squared, gamma and beta are finite, and what
    comes out is not.
    """
    found, layers = list[int](), itertools.count(1)

    def look(norm: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        layer, (x,) = next(layers), inputs
        if isinstance(norm, Dividing) and not norm.eps and not _finite(output):
            learned = all(map(_finite, norm.parameters()))
            if learned and bool((x.abs() < SQUARABLE).all()):
                found.append(layer)

    hooks = [norm.register_forward_hook(look) for norm in _norms(model)]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def lone(model: nn.Module, tape: Tape) -> tuple[Said, ...]:
    """Name the layers whose normalization has one value for every statistic, by what that leaves of it."""
    norms = _norms(model)
    norms = norms if len(norms) > 1 else norms * len(tape.pre)  # one for all time steps
    found = [
        (index, norm.alone)
        for index, (norm, pre) in enumerate(zip(norms, tape.pre, strict=True), 1)
        if isinstance(norm, Dividing) and norm.values(pre.shape) == 1
    ]
    return tuple((rule, {"first": found[0][0], "last": found[-1][0]}) for _, rule in found[:1])


def labels(model: nn.Module, y: Tensor, missing: int, classes: int) -> tuple[Said, ...]:
    """Say what labels ``y`` of a minibatch, or those of all training examples, lack."""
    said = list[Said]()
    if len(y) > 1 and bool((y == y[0]).all()):
        over_batch = any(isinstance(norm, RunningNorm) for norm in _norms(model))
        said.append(("one_class_batch" if over_batch else "one_class", {}))
    if missing:
        said.append(("empty_class", {"missing": missing, "classes": classes}))
    return tuple(said)


def missing(y: Tensor, classes: int) -> int:
    """Return how many classes have no example."""
    return classes - len(y.unique())


def _norms(model: nn.Module) -> list[Norm]:
    return [module for module in model.modules() if isinstance(module, Norm)]


def _finite(tensor: Tensor) -> bool:
    return bool(torch.isfinite(tensor).all())
