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


def rmsprop(g: np.ndarray, state: dict, t: int) -> np.ndarray:
    state["s"] = 0.99 * state.get("s", 0) + 0.01 * g**2
    return g / (np.sqrt(state["s"]) + 1e-8)


def adam(g: np.ndarray, state: dict, t: int) -> np.ndarray:
    state["m"] = 0.9 * state.get("m", 0) + 0.1 * g
    state["v"] = 0.999 * state.get("v", 0) + 0.001 * g**2
    return state["m"] / (1 - 0.9**t) / (np.sqrt(state["v"] / (1 - 0.999**t)) + 1e-8)


RULES = {"sgd": sgd, "momentum": momentum, "rmsprop": rmsprop, "adam": adam}
TORCHS = {
    "sgd": lambda p: optim.SGD(p, LR),
    "momentum": lambda p: optim.SGD(p, LR, momentum=0.9),
    "rmsprop": lambda p: optim.RMSprop(p, LR),
    "adam": lambda p: optim.Adam(p, LR),
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


@pytest.mark.parametrize("name", RULES)
def test_steps_equal_the_published_rule(name: str):
    theta, state = np.linspace(-2, 2, 9), {}
    ours = train(lambda p: catalog.OPTIMIZERS[name].load()(p, LR), torch.float64)
    for t, found in enumerate(ours, 1):
        theta = theta - LR * RULES[name](gradient(theta, t), state, t)
        np.testing.assert_allclose(found, theta, rtol=1e-9)


@pytest.mark.parametrize("name", TORCHS)
def test_steps_equal_torchs(name: str):
    ours = train(lambda p: catalog.OPTIMIZERS[name].load()(p, LR), torch.float32)
    theirs = train(TORCHS[name], torch.float32)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_every_optimizer_is_tested():
    assert set(catalog.OPTIMIZERS) == set(RULES) == set(TORCHS)
