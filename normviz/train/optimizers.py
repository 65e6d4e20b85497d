"""Optimizers, all from torch.optim with their usual constants."""

from collections.abc import Iterable

from torch import nn, optim


def sgd(parameters: Iterable[nn.Parameter], lr: float) -> optim.Optimizer:
    """Plain stochastic gradient descent."""
    return optim.SGD(parameters, lr)


def momentum(parameters: Iterable[nn.Parameter], lr: float) -> optim.Optimizer:
    """SGD with momentum 0.9."""
    return optim.SGD(parameters, lr, momentum=0.9)


def rmsprop(parameters: Iterable[nn.Parameter], lr: float) -> optim.Optimizer:
    """RMSprop with decay 0.99 and eps 1e-8 (Tieleman & Hinton 2012)."""
    return optim.RMSprop(parameters, lr)


def adam(parameters: Iterable[nn.Parameter], lr: float) -> optim.Optimizer:
    """Adam with betas 0.9 and 0.999 and eps 1e-8 (Kingma & Ba 2015, algorithm 1)."""
    return optim.Adam(parameters, lr, fused=True)
