"""Optimizers against their published update rules in float64, and against torch's own."""

import numpy as np
import pytest
import torch
from torch import nn, optim

from normviz import catalog

LR, STEPS = 0.05, 6


def gradient(theta: np.ndarray, t: int) -> np.ndarray:
    return np.cos(theta + t) + 0.1 * theta


def sgd(g: np.ndarray, state: dict, t: int) -> np.ndarray:
    return g


def momentum(g: np.ndarray, state: dict, t: int) -> np.ndarray:
    state["v"] = 0.9 * state.get("v", 0) + g
    return state["v"]


def nesterov(g: np.ndarray, state: dict, t: int) -> np.ndarray:
    return g + 0.9 * momentum(g, state, t)


def rmsprop(g: np.ndarray, state: dict, t: int) -> np.ndarray:
    state["s"] = 0.99 * state.get("s", 0) + 0.01 * g**2
    return g / (np.sqrt(state["s"]) + 1e-8)


def adam(g: np.ndarray, state: dict, t: int) -> np.ndarray:
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * g**2
    return state["m"] / (1 - 0.9**t) / (np.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)


RULES = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adam,
}
TORCHS = {
    "sgd": lambda p, decay: optim.SGD(p, LR, weight_decay=decay),
    "momentum": lambda p, decay: optim.SGD(p, LR, momentum=0.9, weight_decay=decay),
    "nesterov": lambda p, decay: optim.SGD(p, LR, 0.9, weight_decay=decay, nesterov=True),
    "rmsprop": lambda p, decay: optim.RMSprop(p, LR, weight_decay=decay),
    "adam": lambda p, decay: optim.Adam(p, LR, weight_decay=decay),
    "adamw": lambda p, decay: optim.AdamW(p, LR, weight_decay=decay),
}


def train(make, dtype: torch.dtype) -> list[np.ndarray]:
    parameter = nn.Parameter(torch.linspace(-2, 2, 9, dtype=dtype))
    optimizer = make([parameter])
    path = []
    for t in range(1, STEPS + 1):
        parameter.grad = torch.from_numpy(gradient(parameter.detach().numpy(), t)).to(dtype)
        optimizer.step()
        path.append(parameter.detach().numpy().copy())
    return path


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("name", RULES)
def test_steps_equal_the_published_rule(name: str, decay: float):
    theta, state = np.linspace(-2, 2, 9), {}
    ours = train(lambda p: catalog.OPTIMIZERS[name].load()(p, LR, decay), torch.float64)
    for t, found in enumerate(ours, 1):
        g, apart = gradient(theta, t), 0.0
        if name == "adamw":
            apart = decay * theta
        else:
            g = g + decay * theta
        theta = theta - LR * (RULES[name](g, state, t) + apart)
        np.testing.assert_allclose(found, theta, rtol=1e-9)


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("name", TORCHS)
def test_steps_equal_torchs(name: str, decay: float):
    ours = train(lambda p: catalog.OPTIMIZERS[name].load()(p, LR, decay), torch.float32)
    theirs = train(lambda p: TORCHS[name](p, decay), torch.float32)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_every_optimizer_is_tested():
    assert set(catalog.OPTIMIZERS) == set(RULES) == set(TORCHS)
