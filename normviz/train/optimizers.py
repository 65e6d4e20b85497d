"""Optimizers, all from torch.optim with their usual constants.

Weight decay adds weight_decay * theta to every parameter's gradient (biases, gammas and betas too), except in AdamW,
which takes lr * weight_decay * theta off the parameter itself.
"""

from collections.abc import Iterable

from torch import nn, optim

Parameters = Iterable[nn.Parameter]


def sgd(parameters: Parameters, lr: float, weight_decay: float = 0.0) -> optim.Optimizer:
    """Plain stochastic gradient descent."""
    return optim.SGD(parameters, lr, weight_decay=weight_decay)


def momentum(parameters: Parameters, lr: float, weight_decay: float = 0.0) -> optim.Optimizer:
    """SGD with momentum 0.9."""
    return optim.SGD(parameters, lr, momentum=0.9, weight_decay=weight_decay)


def nesterov(parameters: Parameters, lr: float, weight_decay: float = 0.0) -> optim.Optimizer:
    """SGD with Nesterov momentum 0.9 (Sutskever et al. 2013, eq. 3 and 4, in torch's form)."""
    return optim.SGD(parameters, lr, momentum=0.9, nesterov=True, weight_decay=weight_decay)


def rmsprop(parameters: Parameters, lr: float, weight_decay: float = 0.0) -> optim.Optimizer:
    """RMSprop with decay 0.99 and eps 1e-8 (Tieleman & Hinton 2012)."""
    return optim.RMSprop(parameters, lr, weight_decay=weight_decay)


def adam(parameters: Parameters, lr: float, weight_decay: float = 0.0) -> optim.Optimizer:
    """Adam with betas 0.9 and 0.999 and eps 1e-8 (Kingma & Ba 2015, algorithm 1)."""
    return optim.Adam(parameters, lr, weight_decay=weight_decay, fused=True)


def adamw(parameters: Parameters, lr: float, weight_decay: float = 0.0) -> optim.Optimizer:
    """Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2, with alpha = lr)."""
    return optim.AdamW(parameters, lr, weight_decay=weight_decay, fused=True)
