"""Layers that multiply with a weight, plain or normalized, and add a bias."""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.tape import Tape, Weight

#: ``(input, weight, bias) -> output``
Op = Callable[[Tensor, Tensor, Tensor], Tensor]


class Linear(nn.Module):
    """W x + b, where the product is a matrix product or, with another ``op``, a convolution.

    Weight and bias are undefined at first: whoever makes the layer initializes them, from a generator of its own.

    Attributes:
        weight: shape (fan_out, fan_in), with a convolution (channels out, channels in, height, width).
        bias: shape (fan_out,).
    """

    def __init__(self, shape: tuple[int, ...], op: Op = nn.functional.linear) -> None:
        super().__init__()
        self.op = op
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.empty(shape[0]))

    def forward(self, x: Tensor, tape: Tape | None = None, weight: Weight | None = None) -> Tensor:
        """Return W x + b and write W on the tape; whoever uses W several times in a pass may hand it over."""
        weight = self.effective() if weight is None else weight
        if tape is not None:
            tape.weights.append(weight)
        return self.op(x, weight, self.bias)

    def effective(self) -> Weight:
        """Return W."""
        return self.weight

    def settle(self) -> None:
        """Take the weight as it was initialized: what a normalized weight derives from it starts here."""


class WeightNormLinear(Linear):
    r"""$W = g \, v / \lVert v \rVert$, row by row (Salimans & Kingma 2016, eq. 2).

    Length and direction of every unit's weights are learned apart. ``weight`` holds v; at the start g is its length, so
    W is as it was initialized. A row of zeros stays zero: its direction is undefined, and W = 0 there.

    Rows that are not zero never become so: their gradient is orthogonal to them. So torch's own operation, which
    divides by the length as it is, serves as long as there was no such row when the weights were set.

    Attributes:
        g: lengths, shape (fan_out, 1), in a convolution (channels out, 1, 1, 1).
    """

    def __init__(self, shape: tuple[int, ...], op: Op = nn.functional.linear) -> None:
        super().__init__(shape, op)
        self._of_a_row = tuple(range(1, len(shape)))
        self.g = nn.Parameter(torch.ones(shape[0], *(1 for _ in self._of_a_row)))
        self.look_for_zeros()
        self.register_load_state_dict_post_hook(_look_for_zeros)

    def settle(self) -> None:
        """Set g to the length of every row."""
        with torch.no_grad():
            self.g.copy_(self._lengths())
        self.look_for_zeros()

    @torch.no_grad()
    def look_for_zeros(self) -> None:
        """Tell rows of zeros, which need care, from others, after the weights were set."""
        self._has_zeros = bool((self._lengths() == 0).any())

    def _lengths(self) -> Float[Tensor, "fan_out *ones"]:
        return torch.linalg.vector_norm(self.weight, dim=self._of_a_row, keepdim=True)

    def effective(self) -> Weight:
        """Return g v / ||v||."""
        if not self._has_zeros:
            return torch._weight_norm(self.weight, self.length(), 0)  # pyright: ignore
        return self.weight * (self.length() / self._lengths().clamp_min(1e-12))

    def length(self) -> Float[Tensor, "fan_out *ones"]:
        """Return g."""
        return self.g


def _look_for_zeros(layer: nn.Module, _: object) -> None:
    if isinstance(layer, WeightNormLinear):
        layer.look_for_zeros()


class ExpWeightNormLinear(WeightNormLinear):
    r"""Weight normalization with $g = e^s$ (Salimans & Kingma 2016, section 2.1): lengths stay positive.

    ``g`` holds s. A row of zeros gets s = log 1e-12, so W = 0 there up to rounding.
    """

    def settle(self) -> None:
        """Set s to the logarithm of the length of every row."""
        super().settle()
        with torch.no_grad():
            self.g.copy_(self.g.clamp_min(1e-12).log())

    def length(self) -> Float[Tensor, "fan_out *ones"]:
        """Return e^s."""
        return self.g.exp()


class SpectralNormLinear(Linear):
    r"""$W = v / \sigma(v)$, where sigma is the largest singular value (Miyato et al. 2018, eq. 8 and algorithm 1).

    Sigma is followed by ``power_iterations`` steps of power iteration a training pass, from vectors that are settled by
    15 steps at the start, as torch.nn.utils.parametrizations.spectral_norm does. In eval mode the vectors stay. A
    convolution's weight is taken as the matrix (channels out, the rest), as there. A weight of zeros has sigma 0, and
    W = 0.

    Attributes:
        left, right: the vectors, shapes (fan_out,) and (fan_in,).
    """

    left: Tensor
    right: Tensor

    def __init__(
        self, shape: tuple[int, ...], op: Op = nn.functional.linear, power_iterations: int = 1
    ) -> None:
        super().__init__(shape, op)
        self.power_iterations = power_iterations
        fan_out, fan_in = shape[0], math.prod(shape[1:])
        self.register_buffer("left", torch.full((fan_out,), 1 / math.sqrt(fan_out)))
        self.register_buffer("right", torch.full((fan_in,), 1 / math.sqrt(fan_in)))

    def settle(self) -> None:
        """Bring the vectors close to the singular ones."""
        self._iterate(15)

    def effective(self) -> Weight:
        """Return v / sigma."""
        if self.training:
            self._iterate(self.power_iterations)
        matrix = self.weight.flatten(1)
        sigma = torch.dot(self.left.clone(), matrix @ self.right.clone())
        return self.weight / sigma.clamp_min(1e-12)

    @torch.no_grad()
    def _iterate(self, times: int) -> None:
        matrix = self.weight.flatten(1)
        for _ in range(times):
            nn.functional.normalize(matrix @ self.right, dim=0, out=self.left)
            nn.functional.normalize(matrix.T @ self.left, dim=0, out=self.right)
