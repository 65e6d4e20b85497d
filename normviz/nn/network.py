"""What every network of this package has: layers that are written on a tape, and ways to run them."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz import catalog
from normviz.config import LaneConfig
from normviz.nn.activations import Activation
from normviz.nn.linear import Linear, Op
from normviz.nn.norms.base import Norm
from normviz.nn.norms.none import NoNorm
from normviz.nn.norms.running import RunningNorm
from normviz.nn.tape import Tape, Units, Weight


def generator(seed: int, *purpose: object) -> torch.Generator:
    """Return a random generator of its own for every purpose, e.g. ``(0, "init", 3)``: SHA-256 of both is its seed."""
    digest = hashlib.sha256(repr((seed, *purpose)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)


class Block(nn.Module):
    """A hidden layer. ``forward`` returns what the next layer receives and writes itself on the tape."""

    def __init__(self, linear: Linear, norm: Norm, activation: Activation) -> None:
        super().__init__()
        self.linear, self.norm, self.activation = linear, norm, activation

    def forward(self, x: Tensor, tape: Tape | None = None) -> Units:
        """Multiply, normalize and activate."""
        return self.activate(self.linear(x, tape), self.norm, tape)

    def activate(self, z: Units, norm: Norm, tape: Tape | None) -> Units:
        """Normalize and activate W x + b."""
        raise NotImplementedError


class NormBefore(Block):
    """phi(norm(W x + b))."""

    def activate(self, z: Units, norm: Norm, tape: Tape | None) -> Units:
        """Normalize, then activate."""
        pre = norm(z)
        phi = self.activation.function(pre)
        if tape is not None:
            tape.write(pre, phi, phi)
        return phi


class NormAfter(Block):
    """norm(phi(W x + b))."""

    def activate(self, z: Units, norm: Norm, tape: Tape | None) -> Units:
        """Activate, then normalize."""
        phi = self.activation.function(z)
        out = norm(phi)
        if tape is not None:
            tape.write(z, phi, out)
        return out


class Network(nn.Module):
    """Hidden layers and a linear output layer without normalization, made from a lane's configuration.

    The weights of layer i are drawn from a generator of (seed, i) alone, so two networks agree in every layer whose
    shape agrees, whatever their depth. Biases start at 0.

    Attributes:
        reads_gaps: whether it knows what nan in its input means; others are given 0 there.
        activation: the nonlinearity of all hidden layers.
        layers: hidden layers that a pass writes on its tape.
        output: the output layer.
    """

    reads_gaps: ClassVar[bool] = False
    activation: Activation
    layers: int
    output: Linear

    def __init__(self, config: LaneConfig) -> None:
        super().__init__()
        self._config = config
        self.activation = catalog.ACTIVATIONS[config.activation].load()

    def forward(
        self, x: Float[Tensor, "batch features"], tape: Tape | None = None
    ) -> Float[Tensor, "batch classes"]:
        """Return the logits; write every layer on the tape."""
        raise NotImplementedError

    def linears(self) -> list[Linear]:
        """Return all layers with weights, the output layer last."""
        return [module for module in self.modules() if isinstance(module, Linear)]

    def make_norm(self, units: int, index: int) -> Norm:
        """Make the normalization of hidden layer ``index`` (0, 1, …)."""
        choice, config = catalog.NORMS[self._config.norm], self._config
        norm: Norm = choice.load()(units, config.affine, **choice.settings(config))
        norm.seed(generator(config.seed, "noise", index))
        return norm

    def make_block(
        self, shape: tuple[int, ...], index: int, op: Op = nn.functional.linear
    ) -> Block:
        """Make hidden layer ``index`` with weights of this shape, (units, ...), drawn."""
        norm = self.make_norm(shape[0], index)
        linear = norm.layer(shape, op)
        self.draw(linear.weight, index)
        return self.assemble(linear, norm)

    def assemble(self, linear: Linear, norm: Norm) -> Block:
        """Settle a layer whose weights are drawn, and put normalization and activation to it."""
        nn.init.zeros_(linear.bias)
        linear.settle()
        return catalog.PLACES[self._config.place].load()(linear, norm, self.activation)

    def make_output(self, units: int, classes: int, index: int) -> Linear:
        """Make the output layer; ``index`` is the number of drawn weights before it."""
        linear = Linear((classes, units))
        self.draw(linear.weight, index)
        nn.init.zeros_(linear.bias)
        return linear

    def draw(self, weight: Weight, index: int) -> None:
        """Fill the weights of layer ``index`` from their own generator."""
        choice = catalog.INITIALIZERS[self._config.init]
        settings: dict[str, Any] = choice.settings(self._config)
        choice.load()(weight, generator(self._config.seed, "init", index), **settings)


def normed_after(config: LaneConfig) -> bool:
    """Tell whether what the next layer receives has been normalized behind the nonlinearity."""
    return config.place == "after" and not issubclass(catalog.NORMS[config.norm].load(), NoNorm)


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
