"""One network in training."""

import itertools
import math
from collections.abc import Iterator
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from normviz import catalog
from normviz.config import LaneConfig
from normviz.data.dataset import Dataset
from normviz.nn.mlp import MLP, Tape, batch_statistics, generator, running_statistics
from normviz.probe import Heldout, Measured

HELDOUT_CHUNKS = 40


@lru_cache(maxsize=8)
def prepared(dataset: str, preprocessing: str) -> Dataset:
    """Load a data set and preprocess it, fitted on its training part."""
    data: Dataset = catalog.DATASETS[dataset].load()()
    transform = catalog.PREPROCESSINGS[preprocessing].load()(data.x)
    return Dataset(
        transform(data.x), data.y, transform(data.heldout_x), data.heldout_y, data.classes
    )


class Lane:
    """A model, its optimizer, its data and the pass that is waiting to become an update.

    Construction runs the first forward and backward pass. :meth:`update` then applies its gradients and runs the next
    pass, so after k updates the lane holds the pass of minibatch k + 1, and a measurement describes the network as it
    is, before that minibatch has changed it.

    Attributes:
        pass_loss: loss of the current pass; not finite when the lane has diverged.
    """

    def __init__(self, config: LaneConfig, measure: bool = True) -> None:
        self.config = config
        self.data = prepared(config.dataset, config.preprocessing)
        self._x, self._y = torch.from_numpy(self.data.x), torch.from_numpy(self.data.y)
        self.model = MLP(config, self.data.x.shape[1], self.data.classes)
        self.optimizer: torch.optim.Optimizer = catalog.OPTIMIZERS[config.optimizer].load()(
            self.model.parameters(), config.lr
        )
        self._batches = minibatches(
            len(self._y), config.batch_size, generator(config.seed, "order")
        )
        self._pass(measure)

    def update(self, measure: bool) -> None:
        """Apply the gradients of the current pass, then run the pass of the next minibatch."""
        self.optimizer.step()
        self._pass(measure)

    def _pass(self, measure: bool) -> None:
        rows = next(self._batches)
        self._labels, self._tape = self._y[rows], Tape()
        self._logits = self.model(self._x[rows], self._tape)
        if measure:
            for pre in self._tape.pre:
                pre.retain_grad()
        loss = cross_entropy(self._logits, self._labels)
        self.pass_loss = loss.item()
        self.optimizer.zero_grad(set_to_none=True)
        if math.isfinite(self.pass_loss):
            loss.backward()

    def measured(self, heldout: Heldout | None) -> Measured:
        """Return the current pass for the probes; it must have been run with ``measure``."""
        accuracy = (self._logits.argmax(1) == self._labels).float().mean().item()
        grads = [
            layer.weight.grad for layer in self.model.linears() if layer.weight.grad is not None
        ]
        return Measured(
            self._tape,
            grads,
            self.model.activation,
            self.pass_loss,
            accuracy,
            heldout,
            self.config.place == "after" and self.config.norm != "none",
        )

    def culprit(self) -> tuple[int, str]:
        """Name the first layer that is not finite (depth + 1 is the output layer), and the rule."""
        for index, pre in enumerate(self._tape.pre, 1):
            if not torch.isfinite(pre).all():
                return index, _why(self.model.linears()[index - 1].weight, "pre-activation")
        return len(self._tape.pre) + 1, _why(
            self.model.output.weight, "logits" if not torch.isfinite(self._logits).all() else "loss"
        )

    @torch.no_grad()
    def evaluate(self) -> Heldout:
        """Evaluate the held-out set in eval mode, and with the statistics of minibatches of the training size.

        For very small minibatches the second is over the first 40 of them only.
        """
        x, y = torch.from_numpy(self.data.heldout_x), torch.from_numpy(self.data.heldout_y)
        with running_statistics(self.model):
            loss, accuracy = _score(self.model(x), y)
        if self.config.norm == "none":
            return Heldout(loss, accuracy, loss, accuracy)
        size = min(self.config.batch_size, len(y))
        chunks = range(0, min(len(y) // size, HELDOUT_CHUNKS) * size, size)
        with batch_statistics(self.model):
            logits = torch.cat([self.model(x[start : start + size]) for start in chunks])
        return Heldout(loss, accuracy, *_score(logits, y[: len(logits)]))


def _score(logits: Tensor, y: Tensor) -> tuple[float, float]:
    return cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


def _why(weight: Tensor, what: str) -> str:
    return f"{what}_overflow" if bool(torch.isfinite(weight).all()) else "weights_not_finite"


def minibatches(examples: int, size: int, order: torch.Generator) -> Iterator[Tensor]:
    """Yield the rows of each minibatch; every epoch is a new random permutation, whose incomplete rest is dropped."""
    size = min(size, examples)
    for _ in itertools.count():
        rows = torch.randperm(examples, generator=order)
        yield from rows[: examples // size * size].split(size)
