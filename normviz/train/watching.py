"""What lies between a network in training and what watches it: neither has to know the other."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from normviz.config import LaneConfig
from normviz.data.dataset import Dataset
from normviz.frames import Field, Values
from normviz.nn.network import Network


@runtime_checkable
class Watched(Protocol):
    """A network in training, as a :class:`Meter` sees it; :class:`normviz.train.lane.Lane` is one."""

    @property
    def config(self) -> LaneConfig:
        """What it is made from, as it is now."""
        ...

    @property
    def device(self) -> torch.device:
        """Where model and data are."""
        ...

    @property
    def data(self) -> Dataset:
        """What it is trained and evaluated on."""
        ...

    @property
    def model(self) -> Network:
        """The network; whoever watches works on a copy, or leaves it as it was."""
        ...

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """What updates it."""
        ...

    @property
    def updates(self) -> int:
        """How many updates there have been."""
        ...

    def minibatch(self) -> tuple[Tensor, Tensor]:
        """Return the inputs and the classes of the current pass."""
        ...

    def epoch_inputs(self) -> Iterator[Tensor]:
        """Yield the inputs of the training minibatches that stand for the population."""
        ...


class Meter:
    """Measures nothing.

    A fork of a lane takes a shallow copy along: attributes are replaced, and what they hold is never changed.

    Attributes:
        values: the fields, as measured last.
    """

    def __init__(self) -> None:
        self.values: Values = {}

    def fields(self) -> tuple[Field, ...]:
        """Declare the fields; the first measurement has been made."""
        return ()

    def before(self, lane: Watched) -> None:
        """Take in a lane that is about to be updated."""

    def after(self, lane: Watched) -> None:
        """Take in a lane whose weights have been updated, before its next pass."""

    def look(self, lane: Watched) -> None:
        """Take in a lane whose pass is done."""
