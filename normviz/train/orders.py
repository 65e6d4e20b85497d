"""The order in which training examples come: one function an order, which yields the rows of each minibatch for ever.

An epoch takes every example at most once. A minibatch is never larger than the group it is drawn from (all examples, a
class, a domain), and what does not fill a whole one is dropped until the next epoch, so all minibatches of a run have
the same size.
"""

from collections.abc import Iterator
from itertools import chain, zip_longest

import torch
from jaxtyping import Int64
from torch import Tensor

#: The rows of some examples; groups and minibatches differ in length.
Rows = Int64[Tensor, " _"]
Labels = Int64[Tensor, " train"]


def minibatches(examples: int, size: int, order: torch.Generator) -> Iterator[Rows]:
    """Yield the rows of each minibatch; every epoch is a new random permutation, whose incomplete rest is dropped."""
    size = min(size, examples)
    while True:
        rows = torch.randperm(examples, generator=order)
        yield from rows[: examples // size * size].split(size)


def shuffled(y: Labels, domain: Labels | None, size: int, order: torch.Generator) -> Iterator[Rows]:
    """Draw from all examples, without looking at class or domain."""
    return minibatches(len(y), size, order)


def by_class(y: Labels, domain: Labels | None, size: int, order: torch.Generator) -> Iterator[Rows]:
    """Take all minibatches of class 0, then those of class 1, and so on: each has examples of one class only."""
    for epoch in _epochs(_groups(y), size, order):
        yield from chain(*epoch)


def by_domain(
    y: Labels, domain: Labels | None, size: int, order: torch.Generator
) -> Iterator[Rows]:
    """Take a minibatch of the first domain, then one of the second, in turn; with one domain, as :func:`shuffled`."""
    for epoch in _epochs(_groups(torch.zeros_like(y) if domain is None else domain), size, order):
        yield from (rows for turn in zip_longest(*epoch) for rows in turn if rows is not None)


def epoch(batches: Iterator[Rows]) -> list[Rows]:
    """Return the minibatches of an order's first epoch: it ends before the first that takes an example again."""
    taken, found = set[int](), list[Rows]()
    for rows in batches:
        here = set(rows.tolist())
        if taken & here:
            break
        taken |= here
        found.append(rows)
    return found


def _groups(key: Labels) -> list[Rows]:
    """Return the rows of each value of ``key``, smallest value first."""
    return [torch.nonzero(key == value).flatten() for value in key.unique()]


def _epochs(
    groups: list[Rows], size: int, order: torch.Generator
) -> Iterator[list[tuple[Rows, ...]]]:
    """Yield, epoch after epoch, the minibatches of each group, every group in a new random order."""
    size = min(size, *map(len, groups))
    while True:
        drawn = [group[torch.randperm(len(group), generator=order)] for group in groups]
        yield [rows[: len(rows) // size * size].split(size) for rows in drawn]
