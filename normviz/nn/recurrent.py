"""A small recurrent network, seen as what it is when it runs: one layer a time step, all with the same weights."""

import itertools
import math

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from normviz.config import LaneConfig
from normviz.nn.linear import Linear
from normviz.nn.network import Network
from normviz.nn.norms.base import Norm
from normviz.nn.norms.running import RunningNorm
from normviz.nn.tape import Tape, Weight

States = Float[Tensor, "running units"]

#: A vector is read in at most so many pieces.
PIECES = 50


def steps_of(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return time steps and features of one step in which an example of this shape is read.

    (time, features) as it is, a picture (channels, height, width) row by row, a vector number by number, or in 50
    pieces if it is longer.
    """
    if len(shape) == 1:
        piece = -(-shape[0] // PIECES)
        return -(-shape[0] // piece), piece
    return shape[-2], math.prod(shape) // shape[-2]


class Recurrent(Network):
    r"""$h_t = \phi(\mathrm{norm}(W x_t + U h_{t-1} + b))$ with $h_0 = 0$; the output layer sees each one's last state.

    ``width`` units. W and U are drawn apart and kept side by side in one matrix, (width, features + width). Every time
    step is a hidden layer of the tape, and its dW is what that step adds to the gradient of the matrix.

    A normalization with running averages has its own of them for every time step and one gamma and beta for all
    (Cooijmans et al. 2017, section 3); every other one is the same module at all steps.

    Where the input is not a number the sequence has ended: that example takes no part in the step and those after it,
    neither in the statistics of a normalization nor on the tape. At least the first step is there.
    """

    reads_gaps = True

    def __init__(self, config: LaneConfig, shape: tuple[int, ...], classes: int) -> None:
        super().__init__(config)
        self.shape = shape
        self.layers, features = steps_of(shape)
        norm = self.make_norm(config.width, 0)
        linear = norm.layer((config.width, features + config.width))
        for index, part in enumerate(linear.weight.data.split([features, config.width], 1)):
            drawn = torch.empty(part.shape)
            self.draw(drawn, index)
            part.copy_(drawn)
        self.cell = self.assemble(linear, norm)
        self.norms = nn.ModuleList(self._norms(norm, config.width))
        self.output = self.make_output(config.width, classes, 2)

    def _norms(self, first: Norm, width: int) -> list[Norm]:
        if not isinstance(first, RunningNorm):
            return [first] * self.layers
        others = [self.make_norm(width, index) for index in range(1, self.layers)]
        for norm, (name, parameter) in itertools.product(others, list(first.named_parameters())):
            setattr(norm, name, parameter)
        return [first, *others]

    def forward(
        self, x: Float[Tensor, "batch features"], tape: Tape | None = None
    ) -> Float[Tensor, "batch classes"]:
        """Return the logits; write every time step on the tape."""
        steps = self._sequences(x)
        running = _running(steps)
        h = x.new_zeros(len(x), self.cell.linear.weight.shape[0])
        weight = self.cell.linear.effective()
        for t in range(self.layers):
            own = weight.view_as(weight)
            if running is None:
                h = self._step(t, steps[:, t], h, own, tape)
            elif len(rows := running[:, t].nonzero()[:, 0]):
                h = h.index_copy(0, rows, self._step(t, steps[rows, t], h[rows], own, tape))
            elif tape is not None:
                tape.write(h[rows], h[rows], h[rows])
                tape.weights.append(own)
        return self.output(h, tape)

    def _step(
        self,
        t: int,
        x: Float[Tensor, "running features"],
        h: States,
        weight: Weight,
        tape: Tape | None,
    ) -> States:
        z = self.cell.linear(torch.cat([x, h], 1), tape, weight)
        return self.cell.activate(z, self.norms[t], tape)  # pyright: ignore[reportArgumentType]

    def _sequences(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch time step"]:
        """Cut every example into its time steps."""
        if len(self.shape) == 3 and self.shape[0] > 1:
            return x.view(len(x), *self.shape).transpose(1, 2).flatten(2)
        size = steps_of(self.shape)[1] * self.layers
        return nn.functional.pad(x, (0, size - x.shape[1])).view(len(x), self.layers, -1)

    def linears(self) -> list[Linear]:
        """Return the layer that all time steps share, and the output layer."""
        return [self.cell.linear, self.output]


def _running(steps: Float[Tensor, "batch time step"]) -> Bool[Tensor, "batch time"] | None:
    """Tell which examples are still there at which step; None where all are to the end."""
    running = ~steps.isnan().any(2)
    return None if bool(running.all()) else running.cumprod(1).bool()
