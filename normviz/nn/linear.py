"""Linear layers, plain and with a normalized weight."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

Batch = Float[Tensor, "batch fan_in"]
Weight = Float[Tensor, "fan_out fan_in"]


class Linear(nn.Linear):
    """A linear layer that knows the weight it multiplied with: its ``grad`` is dW after a backward pass."""

    _used: tuple[Tensor] | None = (
        None  # in a tuple, so that torch does not take it for one more parameter
    )

    @property
    def used(self) -> Tensor:
        """The effective weight of the last forward pass."""
        if self._used is None:
            raise ValueError("the layer has not been used yet")
        return self._used[0]

    def reset_parameters(self) -> None:
        """Leave weight and bias undefined: whoever makes the layer initializes them, from a generator of its own."""

    def forward(self, input: Batch) -> Float[Tensor, "batch fan_out"]:
        """Return W x + b."""
        weight = self.effective()
        self._used = (weight,)
        return torch.nn.functional.linear(input, weight, self.bias)

    def effective(self) -> Weight:
        """Return W."""
        return self.weight

    def settle(self) -> None:
        """Take the weight as it was initialized: what a normalized weight derives from it starts here."""


class WeightNormLinear(Linear):
    r"""$W = g \, v / \lVert v \rVert$, row by row (Salimans & Kingma 2016, eq. 2).

    Length and direction of every unit's weights are learned apart. ``weight`` holds v; at the start g is its length, so
    W is as it was initialized. A row of zeros stays zero: its direction is undefined, and W = 0 there.

    Attributes:
        g: lengths, shape (fan_out, 1).
    """

    def __init__(self, fan_in: int, fan_out: int) -> None:
        super().__init__(fan_in, fan_out)
        self.g = nn.Parameter(torch.ones(fan_out, 1))

    def settle(self) -> None:
        """Set g to the length of every row."""
        with torch.no_grad():
            self.g.copy_(self.weight.norm(dim=1, keepdim=True))

    def effective(self) -> Weight:
        """Return g v / ||v||."""
        return self.length() * self.weight / self.weight.norm(dim=1, keepdim=True).clamp_min(1e-12)

    def length(self) -> Float[Tensor, "fan_out 1"]:
        """Return g."""
        return self.g


class ExpWeightNormLinear(WeightNormLinear):
    r"""Weight normalization with $g = e^s$ (Salimans & Kingma 2016, section 2.1): lengths stay positive.

    ``g`` holds s. A row of zeros gets s = log 1e-12, so W = 0 there up to rounding.
    """

    def settle(self) -> None:
        """Set s to the logarithm of the length of every row."""
        super().settle()
        with torch.no_grad():
            self.g.copy_(self.g.clamp_min(1e-12).log())

    def length(self) -> Float[Tensor, "fan_out 1"]:
        """Return e^s."""
        return self.g.exp()


class SpectralNormLinear(Linear):
    r"""$W = v / \sigma(v)$, where sigma is the largest singular value (Miyato et al. 2018, eq. 8 and algorithm 1).

    Sigma is followed by one step of power iteration a training pass, from vectors that are settled by 15 steps at the
    start, as torch.nn.utils.parametrizations.spectral_norm does. In eval mode the vectors stay. A weight of zeros has
    sigma 0: W = 0.

    Attributes:
        left, right: the vectors, shapes (fan_out,) and (fan_in,).
    """

    left: Tensor
    right: Tensor

    def __init__(self, fan_in: int, fan_out: int, iterations: int = 1) -> None:
        super().__init__(fan_in, fan_out)
        self.iterations = iterations
        self.register_buffer("left", torch.full((fan_out,), 1 / math.sqrt(fan_out)))
        self.register_buffer("right", torch.full((fan_in,), 1 / math.sqrt(fan_in)))

    def settle(self) -> None:
        """Bring the vectors close to the singular ones."""
        self._iterate(15)

    def effective(self) -> Weight:
        """Return v / sigma."""
        if self.training:
            self._iterate(self.iterations)
        sigma = torch.dot(self.left.clone(), self.weight @ self.right.clone())
        return self.weight / sigma.clamp_min(1e-12)

    @torch.no_grad()
    def _iterate(self, times: int) -> None:
        for _ in range(times):
            torch.nn.functional.normalize(self.weight @ self.right, dim=0, out=self.left)
            torch.nn.functional.normalize(self.weight.T @ self.left, dim=0, out=self.right)
