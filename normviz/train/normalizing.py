"""Looks at a network's normalizations beside training: gamma, beta, and three estimates of mean and variance."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from normviz.frames import Field
from normviz.nn.network import Network, generator
from normviz.nn.norms.base import Norm
from normviz.nn.norms.batch import BatchNorm
from normviz.probe import normalizing
from normviz.probe.normalizing import Estimate, Learned, Normalizing
from normviz.train.looking import undisturbed
from normviz.train.meter import DriftMeter, is_due
from normviz.train.occasions import is_measured
from normviz.train.watching import Watched

#: Mean and unbiased variance of each channel, of each minibatch that passed.
Seen = dict[BatchNorm, list[tuple[Tensor, Tensor]]]


class NormsMeter(DriftMeter):
    """Measures drift, and also what normalizations have learned and gathered, at its steps and those of evaluations.

    The population is an epoch of training minibatches, or 100 of them, which pass with the network as it is, each
    normalized by its own statistics: what eval mode would use with population statistics.
    """

    def fields(self) -> tuple[Field, ...]:
        """Declare them."""
        return (*super().fields(), *normalizing.fields())

    def look(self, lane: Watched) -> None:
        """Measure if it is time."""
        super().look(lane)
        if is_due(lane.updates) or is_measured(lane.updates):
            found = normalizing.measure(layers(lane), lane.updates)
            self.values = {**self.values, **found}


@torch.no_grad()
def layers(lane: Watched) -> list[Normalizing]:
    """Look at the normalization of every layer; nothing of training is touched."""
    batch = statistics_of(lane.model, [lane.minibatch()[0]])
    population = statistics_of(lane.model, lane.epoch_inputs())
    norms = [module for module in lane.model.modules() if isinstance(module, Norm)]
    if len(norms) != lane.model.layers:  # time steps may share one
        norms = norms[:1] * lane.model.layers
    return [
        _layer(norm, lane.config.seed, index, batch.get(norm), population.get(norm))
        for index, norm in enumerate(norms)
    ]


def _layer(
    norm: Norm, seed: int, index: int, batch: Estimate | None, population: Estimate | None
) -> Normalizing:
    gamma, beta = (_array(getattr(norm, name, None)) for name in ("gamma", "beta"))
    if not isinstance(norm, BatchNorm):
        return Normalizing(gamma, beta, 0)
    running = Estimate(_array(norm.running_mean), _array(norm.running_var))
    drawn = torch.randint(len(running.mean), (), generator=generator(seed, "typical", index))
    return Normalizing(gamma, beta, int(drawn), batch, running, population)


def _array(values: Any) -> Learned:  # noqa: ANN401 - a module's attribute
    if not isinstance(values, Tensor):
        return np.empty(0)
    return values.detach().cpu().double().numpy().reshape(-1)


def statistics_of(model: Network, minibatches: Iterable[Tensor]) -> dict[nn.Module, Estimate]:
    """Return the mean over the minibatches of mean and unbiased variance of what goes into each BatchNorm.

    Each minibatch is normalized by its own statistics. A BatchNorm that no example reaches is absent; one value a
    channel has no unbiased variance, which is then not a number.
    """
    norms = [module for module in model.modules() if isinstance(module, BatchNorm)]
    if not norms:
        return {}
    with undisturbed(model), _watched(norms) as seen:
        for minibatch in minibatches:
            model(minibatch)
    return {norm: _mean(moments) for norm, moments in seen.items() if moments}


@contextmanager
def _watched(norms: list[BatchNorm]) -> Generator[Seen]:
    """Inside, whatever goes into these normalizations is looked at."""
    seen: Seen = {norm: [] for norm in norms}
    handles = [norm.register_forward_pre_hook(partial(_note, seen)) for norm in norms]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _note(seen: Seen, norm: nn.Module, given: tuple[Tensor, ...]) -> None:
    (x,) = given
    if not x.numel():
        return
    assert isinstance(norm, BatchNorm)
    rows = x.transpose(0, 1).flatten(1)
    mean = rows.mean(1)
    var = (rows - mean[:, None]).square().sum(1) / (rows.shape[1] - 1)
    seen[norm].append((mean, var))


def _mean(moments: list[tuple[Tensor, Tensor]]) -> Estimate:
    means, variances = (
        torch.stack(each).cpu().double().mean(0) for each in zip(*moments, strict=True)
    )
    return Estimate(_array(means), _array(variances))
