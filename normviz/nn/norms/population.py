"""Statistics for inference: two ways to come by the mean and variance that eval mode uses.

Each is called before an evaluation with the network and the training minibatches of one epoch.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from normviz.nn.norms.batch import BatchNorm


def running(model: nn.Module, minibatches: Iterable[Tensor]) -> None:
    """Leave the running averages as training has moved them."""


@torch.no_grad()
def population(model: nn.Module, minibatches: Iterable[Tensor]) -> None:
    """Estimate the population's statistics with the network frozen (Ioffe & Szegedy 2015, algorithm 2, steps 8-10).

    All minibatches pass through in training mode, each normalized by its own statistics; the mean of their means and
    the mean of their unbiased variances, m / (m - 1) times the biased ones, take the place of the running averages.
    Nothing else is moved: no parameter, no noise is drawn, and BatchRenorm, which trains with its running averages,
    keeps them. Minibatches with one value a channel have no unbiased variance: the variance stays as it was.
    """
    norms = [module for module in model.modules() if isinstance(module, BatchNorm)]
    if not norms:
        return
    tracking = [norm.tracking for norm in norms]
    for norm in norms:
        norm.tracking, norm.averaged = False, 0
    try:
        for minibatch in minibatches:
            model(minibatch)
    finally:
        for norm, before in zip(norms, tracking, strict=True):
            norm.tracking, norm.averaged = before, None
