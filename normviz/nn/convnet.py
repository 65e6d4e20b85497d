"""A small convolutional network: so that channels, positions and their normalizations mean something."""

from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.config import LaneConfig
from normviz.nn.network import Network
from normviz.nn.tape import Tape

#: Height and width up to this are not halved any more.
SMALL = 3
KERNEL = 3


class ConvNet(Network):
    """``blocks`` convolutions of 3 x 3 with ``channels`` feature maps each, their mean over all positions, the output.

    Every convolution halves height and width (rounding up), whichever is above 3, by taking every second position, so
    no pooling stands between what a block computes and what the next one receives. Borders are padded with zeros. An
    example without height and width is a picture of one channel and one row.
    """

    def __init__(self, config: LaneConfig, shape: tuple[int, ...], classes: int) -> None:
        super().__init__(config)
        self.shape = (*(1,) * (3 - len(shape)), *shape)
        self.layers = config.blocks
        sizes = [self.shape[0], *[config.channels] * config.blocks]
        self.blocks = nn.ModuleList()
        size = self.shape[1:]
        for index in range(config.blocks):
            stride = tuple(2 if side > SMALL else 1 for side in size)
            size = tuple(-(-side // step) for side, step in zip(size, stride, strict=True))
            op = partial(nn.functional.conv2d, stride=stride, padding=KERNEL // 2)
            self.blocks.append(
                self.make_block((sizes[index + 1], sizes[index], KERNEL, KERNEL), index, op)
            )
        self.output = self.make_output(config.channels, classes, config.blocks)

    def forward(
        self, x: Float[Tensor, "batch features"], tape: Tape | None = None
    ) -> Float[Tensor, "batch classes"]:
        """Return the logits; write every block on the tape."""
        maps = x.view(len(x), *self.shape)
        for block in self.blocks:
            maps = block(maps, tape)
        return self.output(torch.mean(maps, (2, 3)), tape)
