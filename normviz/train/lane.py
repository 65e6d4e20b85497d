"""One network in training."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from normviz import catalog
from normviz.config import LaneConfig, RunConfig
from normviz.data.dataset import Dataset
from normviz.nn.lsuv import LSUV
from normviz.nn.mlp import MLP, Tape, batch_statistics, generator, normed_after, running_statistics
from normviz.nn.norms.running import RunningNorm
from normviz.probe import Heldout, Measured

HELDOUT_CHUNKS = 40
STEPS: int = RunConfig.model_fields["steps"].default


@lru_cache(maxsize=8)
def prepared(dataset: str, preprocessing: str, **settings: float) -> Dataset:
    """Load a data set and preprocess it, fitted on its training part; ``settings`` are those the preprocessing uses."""
    data: Dataset = catalog.DATASETS[dataset].load()()
    transform = catalog.PREPROCESSINGS[preprocessing].load()(data.x, **settings)
    return replace(data, x=transform(data.x), heldout_x=transform(data.heldout_x))


class Lane:
    """A model, its optimizer, its data and the pass that is waiting to become an update.

    Construction runs the first forward and backward pass. :meth:`update` then applies its gradients and runs the next
    pass, so after k updates the lane holds the pass of minibatch k + 1, and a measurement describes the network as it
    is, before that minibatch has changed it. ``steps`` is when a learning-rate schedule ends.

    Attributes:
        pass_loss: loss of the current pass; not finite when the lane has diverged.
    """

    def __init__(self, config: LaneConfig, measure: bool = True, steps: int = STEPS) -> None:
        self.config = config
        self.data = data_of(config)
        self._x, self._y = torch.from_numpy(self.data.x), torch.from_numpy(self.data.y)
        self.model = MLP(config, self.data.x.shape[1], self.data.classes)
        self._linears, self._parameters = self.model.linears(), list(self.model.parameters())
        self.optimizer: torch.optim.Optimizer = catalog.OPTIMIZERS[config.optimizer].load()(
            self._parameters, config.lr, config.weight_decay
        )
        self._learning_rates = None if config.schedule == "constant" else _rates(config, steps)
        self._batches: Iterator[Tensor] = catalog.ORDERS[config.order].load()(
            self._y,
            None if self.data.domain is None else torch.from_numpy(self.data.domain),
            config.batch_size,
            generator(config.seed, "order"),
        )
        self._scale_weights()
        self._pass(measure)

    def _scale_weights(self) -> None:
        """Let an initializer that looks at data see the first minibatch, which is trained on afterwards."""
        initializer = catalog.INITIALIZERS[self.config.init].load()
        if isinstance(initializer, LSUV):
            rows = next(self._batches)
            self._batches = itertools.chain([rows], self._batches)
            with batch_statistics(self.model):
                initializer.scale(
                    self.model.linears(), lambda: self.model(self._x[rows]), self.config.gain
                )

    def update(self, measure: bool) -> None:
        """Apply the gradients of the current pass, then run the pass of the next minibatch."""
        if self._learning_rates is not None:
            lr = next(self._learning_rates)
            for group in self.optimizer.param_groups:
                group["lr"] = lr
        if self.config.clip:
            nn.utils.clip_grad_norm_(self._parameters, self.config.clip)
        self.optimizer.step()
        self._pass(measure)

    def _pass(self, measure: bool) -> None:
        self._rows = next(self._batches)
        self._labels, self._tape = self._y[self._rows], Tape() if measure else None
        logits = self.model(self._x.index_select(0, self._rows), self._tape)
        grads = self._watch(self._tape) if self._tape else []
        loss = cross_entropy(logits, self._labels)
        self.pass_loss, self._logits = loss.item(), logits.detach()
        for parameter in self._parameters:
            parameter.grad = None
        if math.isfinite(self.pass_loss):
            loss.backward()
        if self._tape:
            for pre, grad in zip(reversed(self._tape.pre), grads, strict=False):
                pre.grad = grad

    def _watch(self, tape: Tape) -> list[Tensor]:
        """Keep what the backward pass computes; return the list that it fills, the last layer's gradient first.

        Pre-activations' gradients are kept as they are, where ``retain_grad`` would copy them.
        """
        self._weights = [layer.used for layer in self._linears]
        for weight in self._weights:
            weight.retain_grad()
        grads: list[Tensor] = []
        for pre in tape.pre:
            pre.register_hook(grads.append)
        return grads

    def measured(self, heldout: Heldout | None) -> Measured:
        """Return the current pass for the probes; it must have been run with ``measure``."""
        if self._tape is None:
            raise ValueError("the current pass was not run to be measured")
        right = np.count_nonzero(self._logits.numpy().argmax(1) == self._labels.numpy())
        grads = [weight.grad for weight in self._weights if weight.grad is not None]
        return Measured(
            self._tape,
            grads,
            self.model.activation,
            self.pass_loss,
            right / len(self._labels),
            heldout,
            normed_after(self.config),
        )

    def culprit(self) -> tuple[int, str]:
        """Pass once more; name the first layer that is not finite (depth + 1 is the output layer), and the rule."""
        tape = Tape()
        with torch.no_grad(), batch_statistics(self.model):
            self.model(self._x.index_select(0, self._rows), tape)
        for index, pre in enumerate(tape.pre, 1):
            if not torch.isfinite(pre).all():
                return index, _why(self.model.linears()[index - 1].weight, "pre-activation")
        return len(tape.pre) + 1, _why(
            self.model.output.weight, "logits" if not torch.isfinite(self._logits).all() else "loss"
        )

    @torch.no_grad()
    def evaluate(self) -> Heldout:
        """Evaluate the held-out set in eval mode, and with the statistics of minibatches of the training size.

        For very small minibatches the second is over the first 40 of them only; without running averages it is the
        first.
        """
        x, y = torch.from_numpy(self.data.heldout_x), torch.from_numpy(self.data.heldout_y)
        with running_statistics(self.model):
            loss, accuracy = _score(self.model(x), y)
        if not any(isinstance(module, RunningNorm) for module in self.model.modules()):
            return Heldout(loss, accuracy, loss, accuracy)
        size = min(self.config.batch_size, len(y))
        chunks = range(0, min(len(y) // size, HELDOUT_CHUNKS) * size, size)
        with batch_statistics(self.model):
            logits = torch.cat([self.model(x[start : start + size]) for start in chunks])
        return Heldout(loss, accuracy, *_score(logits, y[: len(logits)]))


def data_of(config: LaneConfig) -> Dataset:
    """Return the preprocessed data of a lane."""
    settings = catalog.PREPROCESSINGS[config.preprocessing].settings(config)
    return prepared(config.dataset, config.preprocessing, **settings)


def _rates(config: LaneConfig, steps: int) -> Iterator[float]:
    """Yield the learning rate of each update; after ``steps`` of them the last one's."""
    schedule = catalog.SCHEDULES[config.schedule].load()
    return (config.lr * schedule(min(step, steps - 1), steps) for step in itertools.count())


def _score(logits: Tensor, y: Tensor) -> tuple[float, float]:
    return cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


def _why(weight: Tensor, what: str) -> str:
    return f"{what}_overflow" if bool(torch.isfinite(weight).all()) else "weights_not_finite"
