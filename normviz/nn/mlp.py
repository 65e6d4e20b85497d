"""The multilayer perceptron: linear, normalization, activation, repeated; then a linear output layer."""

import itertools
import math

from jaxtyping import Float
from torch import Tensor, nn

from normviz.config import LaneConfig
from normviz.nn.network import Network
from normviz.nn.tape import Tape


class MLP(Network):
    """``depth`` blocks of ``width`` units. Examples of any shape are read as vectors."""

    def __init__(self, config: LaneConfig, shape: tuple[int, ...], classes: int) -> None:
        super().__init__(config)
        sizes = [math.prod(shape), *[config.width] * config.depth]
        self.layers = config.depth
        self.blocks = nn.ModuleList(
            self.make_block((fan_out, fan_in), index)
            for index, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes))
        )
        self.output = self.make_output(config.width, classes, config.depth)

    def forward(
        self, x: Float[Tensor, "batch features"], tape: Tape | None = None
    ) -> Float[Tensor, "batch classes"]:
        """Return the logits; write every hidden layer on the tape."""
        for block in self.blocks:
            x = block(x, tape)
        return self.output(x, tape)
