"""The multilayer perceptron: linear, normalization, activation, repeated; then a linear output layer."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz import catalog
from normviz.config import LaneConfig
from normviz.nn.activations import Activation
from normviz.nn.linear import Linear
from normviz.nn.norms.none import NoNorm
from normviz.nn.norms.running import RunningNorm

Batch = Float[Tensor, "batch features"]
Hidden = Float[Tensor, "batch width"]


def generator(seed: int, *purpose: object) -> torch.Generator:
    """Return a random generator of its own for every purpose, e.g. ``(0, "init", 3)``: SHA-256 of both is its seed."""
    digest = hashlib.sha256(repr((seed, *purpose)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)


@dataclass
class Tape:
    """What one forward pass computed in each hidden layer, first layer first.

    Attributes:
        pre: pre-activations z, the input of the nonlinearity. Each (batch, width).
        phi: the output of the nonlinearity, phi(z).
        out: activations, what the next layer receives (after a normalization that stands behind the nonlinearity).
    """

    pre: list[Hidden] = field(default_factory=list)
    phi: list[Hidden] = field(default_factory=list)
    out: list[Hidden] = field(default_factory=list)


class Block(nn.Module):
    """A hidden layer. ``forward`` returns (z, phi(z), what the next layer receives)."""

    def __init__(self, linear: Linear, norm: nn.Module, activation: Activation) -> None:
        super().__init__()
        self.linear, self.norm, self.activation = linear, norm, activation


class NormBefore(Block):
    """phi(norm(W x + b))."""

    def forward(self, x: Batch) -> tuple[Hidden, Hidden, Hidden]:
        """Normalize, then activate."""
        pre = self.norm(self.linear(x))
        phi = self.activation.function(pre)
        return pre, phi, phi


class NormAfter(Block):
    """norm(phi(W x + b))."""

    def forward(self, x: Batch) -> tuple[Hidden, Hidden, Hidden]:
        """Activate, then normalize."""
        pre = self.linear(x)
        phi = self.activation.function(pre)
        return pre, phi, self.norm(phi)


class MLP(nn.Module):
    """``depth`` blocks of ``width`` units and a linear output layer without normalization.

    The weights of layer i are drawn from a generator of (seed, i) alone, so two networks agree in every layer whose
    shape agrees, whatever their depth. Biases start at 0.
    """

    def __init__(self, config: LaneConfig, features: int, classes: int) -> None:
        super().__init__()
        self.activation: Activation = catalog.ACTIVATIONS[config.activation].load()
        norm = catalog.NORMS[config.norm]
        make_norm, settings = norm.load(), norm.settings(config)
        make_block = catalog.PLACES[config.place].load()
        sizes = [features, *[config.width] * config.depth]
        linears = [
            _linear(make_norm.linear if i < config.depth else Linear, config, n_in, n_out, i)
            for i, (n_in, n_out) in enumerate(zip(sizes, [*sizes[1:], classes], strict=True))
        ]
        self.blocks = nn.ModuleList(
            make_block(linear, make_norm(config.width, config.affine, **settings), self.activation)
            for linear in linears[:-1]
        )
        for index, block in enumerate(self.blocks):
            block.norm.seed(generator(config.seed, "noise", index))  # pyright: ignore
        self.output = linears[-1]

    def forward(self, x: Batch, tape: Tape | None = None) -> Float[Tensor, "batch classes"]:
        """Return the logits, shape (batch, classes); write every hidden layer on the tape."""
        for block in self.blocks:
            pre, phi, x = block(x)
            if tape is not None:
                tape.pre.append(pre)
                tape.phi.append(phi)
                tape.out.append(x)
        return self.output(x)

    def linears(self) -> list[Linear]:
        """Return all linear layers, the output layer last."""
        return [*(block.linear for block in self.blocks), self.output]  # pyright: ignore


def normed_after(config: LaneConfig) -> bool:
    """Tell whether what the next layer receives has been normalized behind the nonlinearity."""
    return config.place == "after" and not issubclass(catalog.NORMS[config.norm].load(), NoNorm)


def _linear(
    kind: type[Linear], config: LaneConfig, fan_in: int, fan_out: int, index: int
) -> Linear:
    layer = kind(fan_in, fan_out)
    init = catalog.INITIALIZERS[config.init]
    init.load()(layer.weight, generator(config.seed, "init", index), **init.settings(config))
    nn.init.zeros_(layer.bias)
    layer.settle()
    return layer


@contextmanager
def batch_statistics(model: nn.Module) -> Generator[None]:
    """Inside, normalizations use the statistics of the minibatch without moving their running averages."""
    norms = [module for module in model.modules() if isinstance(module, RunningNorm)]
    for norm in norms:
        norm.tracking = False
    model.train()
    try:
        yield
    finally:
        for norm in norms:
            norm.tracking = True


@contextmanager
def running_statistics(model: nn.Module) -> Generator[None]:
    """Inside, the model is in eval mode; afterwards in training mode again."""
    model.eval()
    try:
        yield
    finally:
        model.train()
