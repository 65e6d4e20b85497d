"""The minibatches of a lane: an endless order that can be looked ahead of, and gone over again."""

import itertools
from collections.abc import Callable, Iterator

import torch

from normviz import catalog
from normviz.config import LaneConfig
from normviz.data.dataset import Dataset
from normviz.nn.network import generator
from normviz.train.orders import Rows


class Minibatches:
    """Rows of one minibatch after another, from an order that begins anew whenever it is made.

    Attributes:
        taken: minibatches so far.
    """

    def __init__(self, make: Callable[[], Iterator[Rows]], taken: int = 0) -> None:
        self._make, self.taken = make, taken
        self._rest = itertools.islice(make(), taken, None)
        self._ahead: Rows | None = None

    def peek(self) -> Rows:
        """Return the next minibatch without taking it."""
        if self._ahead is None:
            self._ahead = next(self._rest)
        return self._ahead

    def take(self) -> Rows:
        """Return the next minibatch."""
        rows, self._ahead = self.peek(), None
        self.taken += 1
        return rows


def ordered(config: LaneConfig, data: Dataset, *purpose: object) -> Iterator[Rows]:
    """Yield the rows of minibatches for ever, in the configured order, drawn for this purpose.

    No lane is held on to, so that one is gone as soon as nobody wants it any more.
    """
    return catalog.ORDERS[config.order].load()(
        torch.from_numpy(data.y),
        None if data.domain is None else torch.from_numpy(data.domain),
        config.batch_size,
        generator(config.seed, *purpose),
    )
