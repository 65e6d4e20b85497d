r"""What Batch, Layer, Instance and Group Normalization take their mean over, in one array of N x C x H x W values.

All four are :math:`\hat x = (x - \mu) / \sqrt{\sigma^2 + \epsilon}` and differ in the set of values whose mean and
biased variance are taken (Wu & He 2018, figure 2). Group Normalization with one group takes the sets of Layer
Normalization, with as many groups as channels those of Instance Normalization.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from normviz.language import N_, _

Values = Float64[np.ndarray, "examples channels height width"]
Sets = Bool[np.ndarray, "examples channels height width"]

EXAMPLES, CHANNELS, HEIGHT, WIDTH = SHAPE = (4, 6, 2, 2)
EPS = 1e-5
#: the numbers of groups into which the channels divide
GROUPS = tuple(g for g in range(1, CHANNELS + 1) if CHANNELS % g == 0)


def drawn(seed: int) -> Values:
    """Return normal numbers whose mean and spread differ from channel to channel and from example to example."""
    random = np.random.default_rng(seed)
    scale = np.exp(0.5 * random.standard_normal((EXAMPLES, CHANNELS, 1, 1)))
    shift = random.standard_normal((EXAMPLES, CHANNELS, 1, 1))
    return shift + scale * random.standard_normal(SHAPE)


def _over(x: Values, axes: tuple[int, ...]) -> Values:
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return (x - mean) / np.sqrt(variance + EPS)


def batch(x: Values) -> Values:
    """Normalize every channel over the examples and the positions (Ioffe & Szegedy 2015)."""
    return _over(x, (0, 2, 3))


def layer(x: Values) -> Values:
    """Normalize every example over the channels and the positions (Ba, Kiros & Hinton 2016)."""
    return _over(x, (1, 2, 3))


def instance(x: Values) -> Values:
    """Normalize every channel of every example over the positions (Ulyanov, Vedaldi & Lempitsky 2016)."""
    return _over(x, (2, 3))


def group(x: Values, groups: int) -> Values:
    """Normalize every group of neighbouring channels of every example (Wu & He 2018, eq. 1 and 7)."""
    n, c, height, width = x.shape
    apart = x.reshape(n, groups, -1)
    mean, variance = apart.mean(-1, keepdims=True), apart.var(-1, keepdims=True)
    return ((apart - mean) / np.sqrt(variance + EPS)).reshape(n, c, height, width)


@dataclass(frozen=True)
class Kind:
    """One of the four.

    Attributes:
        title: its name.
        example: the number of the set along the examples, of example n.
        channel: the number of the set along the channels, of channel c with G groups.
        words: what a set is, of example n, channel c and G groups, all counted from 0.
        normalized: the values, normalized with G groups.
    """

    title: str
    example: Callable[[int], int]
    channel: Callable[[int, int], int]
    words: Callable[[int, int, int], str]
    normalized: Callable[[Values, int], Values]

    def together(self, n: int, c: int, groups: int) -> Sets:
        """Tell which values share their mean with those of example n and channel c."""
        examples = [self.example(i) == self.example(n) for i in range(EXAMPLES)]
        channels = [self.channel(i, groups) == self.channel(c, groups) for i in range(CHANNELS)]
        return np.broadcast_to(np.outer(examples, channels)[:, :, None, None], SHAPE)

    def parity(self, n: int, c: int, groups: int) -> int:
        """Return 0 or 1: sets side by side differ."""
        return (self.example(n) + self.channel(c, groups)) % 2


def block(c: int, groups: int) -> int:
    """Return the group of a channel, both counted from 0."""
    return c // (CHANNELS // groups)


def _group_words(n: int, c: int, groups: int) -> str:
    size = CHANNELS // groups
    first = block(c, groups) * size + 1
    which = (
        _("channel {first}").format(first=first)
        if size == 1
        else _("channels {first} to {last}").format(first=first, last=first + size - 1)
    )
    return _("example {n}, {which}, all positions").format(n=n + 1, which=which)


KINDS: Mapping[str, Kind] = {
    "batch": Kind(
        N_("Batch"),
        lambda n: 0,
        lambda c, groups: c,
        lambda n, c, groups: _("channel {c}, all examples, all positions").format(c=c + 1),
        lambda x, groups: batch(x),
    ),
    "layer": Kind(
        N_("Layer"),
        lambda n: n,
        lambda c, groups: 0,
        lambda n, c, groups: _("example {n}, all channels, all positions").format(n=n + 1),
        lambda x, groups: layer(x),
    ),
    "instance": Kind(
        N_("Instance"),
        lambda n: n,
        lambda c, groups: c,
        lambda n, c, groups: _("example {n}, channel {c}, all positions").format(n=n + 1, c=c + 1),
        lambda x, groups: instance(x),
    ),
    "group": Kind(N_("Group"), lambda n: n, block, _group_words, group),
}


def difference(one: Values, other: Values) -> float:
    """Return the largest difference between two arrays, in magnitude."""
    return float(np.abs(one - other).max())
