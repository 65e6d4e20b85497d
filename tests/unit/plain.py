"""Second implementations to compare with: torch's own modules, and the whole network from its formulas in float64."""

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from normviz.config import LaneConfig
from normviz.nn.linear import Linear
from normviz.nn.network import Block, Network, generator
from normviz.train.lane import Lane

MODULES = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softsign": nn.Softsign,
    "hard_tanh": nn.Hardtanh,
    "linear": nn.Identity,
}
NORMS = {"none": nn.Identity, "batch": nn.BatchNorm1d, "layer": nn.LayerNorm}


def sequential(config: LaneConfig, model: Network) -> nn.Sequential:
    """The same network of torch's own modules, with copies of the same weights and running averages."""
    layers: list[nn.Module] = []
    for block in blocks(model):
        norm, act = torch_norm(config, block.norm), MODULES[config.activation]()
        layers += [
            copied(block.linear),
            *((norm, act) if config.place == "before" else (act, norm)),
        ]
    return nn.Sequential(*layers, copied(model.output))


def blocks(model: Network) -> list[Block]:
    return cast(list[Block], list(model.get_submodule("blocks").children()))


def copied(linear: Linear) -> nn.Linear:
    fan_out, fan_in = linear.weight.shape
    layer = nn.Linear(fan_in, fan_out)
    layer.load_state_dict(linear.state_dict())
    return layer


def torch_norm(config: LaneConfig, ours: nn.Module) -> nn.Module:
    norm = NORMS[config.norm](config.width)
    names = {"gamma": "weight", "beta": "bias"}
    state = {names.get(name, name): value for name, value in ours.state_dict().items()}
    norm.load_state_dict(state, strict=False)
    return norm


def rows(config: LaneConfig, examples: int, step: int) -> Tensor:
    """The rows of the minibatch whose pass a lane holds after ``step`` updates."""
    order, size = generator(config.seed, "order"), min(config.batch_size, examples)
    epochs = (torch.randperm(examples, generator=order) for _ in itertools.count())
    batches = (epoch[i : i + size] for epoch in epochs for i in range(0, examples - size + 1, size))
    return next(itertools.islice(batches, step, None))


FORMULAS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": lambda z: 1 / (1 + torch.exp(-z)),
    "tanh": lambda z: 1 - 2 / (1 + torch.exp(2 * z)),
    "relu": lambda z: z * (z > 0),
    "leaky_relu": lambda z: z * torch.where(z > 0, z.new_tensor(1.0), z.new_tensor(0.01)),
    "elu": lambda z: torch.where(z > 0, z, torch.exp(z.clamp(max=0)) - 1),
    "gelu": lambda z: z * (1 + torch.erf(z / math.sqrt(2))) / 2,
    "silu": lambda z: z / (1 + torch.exp(-z)),
    "softsign": lambda z: z / (1 + z.abs()),
    "hard_tanh": lambda z: torch.where(z.abs() < 1, z, z.detach().sign()),
    "linear": lambda z: z * 1,
}


def formula_norm(config: LaneConfig, block: Block, x: Tensor) -> Tensor:
    if config.norm == "none":
        return x
    axis = 0 if config.norm == "batch" else 1
    centred = x - x.mean(axis, keepdim=True)
    normed = centred / (centred.square().mean(axis, keepdim=True) + config.eps).sqrt()
    learned = {name: value.double() for name, value in block.norm.state_dict().items()}
    return normed * learned.get("gamma", 1) + learned.get("beta", 0)


@dataclass
class Pass:
    """One forward and backward pass, as numpy arrays in float64; names as in ``Measured``."""

    pre: list[np.ndarray]
    phi: list[np.ndarray]
    out: list[np.ndarray]
    grads: list[np.ndarray]
    weight_grads: list[np.ndarray]
    loss: float
    accuracy: float


def float64_pass(lane: Lane, step: int) -> Pass:
    """Repeat the pass that ``lane`` holds after ``step`` updates."""
    config, batch = lane.config, rows(lane.config, len(lane.data.y), step)
    x = torch.from_numpy(lane.data.x)[batch].double()
    y = torch.from_numpy(lane.data.y)[batch]
    weights = [layer.weight.detach().double().requires_grad_() for layer in lane.model.linears()]
    biases = [layer.bias.detach().double() for layer in lane.model.linears()]
    stages: list[tuple[Tensor, Tensor, Tensor]] = []
    for block, weight, bias in zip(blocks(lane.model), weights, biases, strict=False):
        x = x @ weight.T + bias
        pre = formula_norm(config, block, x) if config.place == "before" else x
        phi = FORMULAS[config.activation](pre)
        x = phi if config.place == "before" else formula_norm(config, block, phi)
        stages.append((pre, phi, x))
    logits = x @ weights[-1].T + biases[-1]
    loss = (logits.exp().sum(1).log() - logits[torch.arange(len(y)), y]).mean()
    pre, phi, out = zip(*stages, strict=True)
    grads = torch.autograd.grad(loss, [*pre, *weights])
    return Pass(
        pre=arrays(pre),
        phi=arrays(phi),
        out=arrays(out),
        grads=arrays(grads[: len(pre)]),
        weight_grads=arrays(grads[len(pre) :]),
        loss=loss.item(),
        accuracy=(logits.argmax(1) == y).double().mean().item(),
    )


def arrays(tensors: Iterable[Tensor]) -> list[np.ndarray]:
    return [tensor.detach().numpy() for tensor in tensors]
