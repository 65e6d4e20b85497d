"""How well a network does on the examples that it is not trained on."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from normviz import catalog
from normviz.config import LaneConfig
from normviz.data.dataset import Dataset
from normviz.nn.network import Network, batch_statistics, running_statistics
from normviz.nn.norms.running import RunningNorm
from normviz.probe import Heldout
from normviz.train.minibatches import ordered
from normviz.train.orders import epoch

#: Statistics of minibatches are looked at with no more minibatches than this.
CHUNKS = 40
#: A look at the held-out examples goes no further; large data sets have as many of each class there.
LOOK = 2000
#: Population statistics are those of an epoch, or of so many of its minibatches.
POPULATION = 100


@dataclass
class Evaluation:
    """The held-out examples of a lane as it is configured now."""

    config: LaneConfig
    data: Dataset

    @torch.no_grad()
    def of(
        self, model: Network, x: Tensor, everything: bool = False
    ) -> tuple[Heldout, dict[str, int | float]]:
        """Evaluate in eval mode, and with the statistics of minibatches of the training size.

        That is the first :data:`LOOK` held-out examples, or all. For very small minibatches the second is over the
        first 40 of them only; without running averages it is the first. ``x`` are the training inputs, from which
        population statistics are taken. Besides, the accuracy for each source of the data is returned.
        """
        heldout_x, y = (
            torch.from_numpy(values[: None if everything else LOOK]).to(x.device)
            for values in (self.data.heldout_x, self.data.heldout_y)
        )
        catalog.STATISTICS[self.config.statistics].load()(model, self.epoch_inputs(x))
        with running_statistics(model):
            logits = model(heldout_x)
        score, domains = _score(logits, y), _by_domain(logits, y, self.data)
        if not any(isinstance(module, RunningNorm) for module in model.modules()):
            return Heldout(*score, *score), domains
        size = min(self.config.batch_size, len(y))
        chunks = range(0, min(len(y) // size, CHUNKS) * size, size)
        with batch_statistics(model):
            logits = torch.cat([model(heldout_x[start : start + size]) for start in chunks])
        return Heldout(*score, *_score(logits, y[: len(logits)])), domains

    def epoch_inputs(self, x: Tensor) -> Iterator[Tensor]:
        """Yield the inputs of the training minibatches that stand for the population, the same each time."""
        for rows in self._epoch_rows:
            yield x.index_select(0, rows.to(x.device))

    @cached_property
    def _epoch_rows(self) -> list[Tensor]:
        """The rows of an epoch's minibatches, or of :data:`POPULATION` of them, evenly spread over it."""
        rows = epoch(ordered(self.config, self.data, "population"))
        count = min(len(rows), POPULATION)
        return [rows[index * len(rows) // count] for index in range(count)]


def _by_domain(logits: Tensor, y: Tensor, data: Dataset) -> dict[str, int | float]:
    """Return the share of right ones among these first held-out examples for each source of the data, by its name."""
    if data.heldout_domain is None:
        return {}
    right = (logits.argmax(1) == y).cpu().numpy()
    domain = data.heldout_domain[: len(right)]
    return {name: float(right[domain == index].mean()) for index, name in enumerate(data.domains)}


def _score(logits: Tensor, y: Tensor) -> tuple[float, float]:
    """Return mean cross-entropy and accuracy; where the one is not a number, the other has no meaning either."""
    loss, right = cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()
    return loss, math.nan if math.isnan(loss) else right
