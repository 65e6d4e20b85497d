"""A perceptron with a module of its own before each activation, and the noise of noisy BatchNorm without BatchNorm."""

from collections.abc import Callable, Iterable

from jaxtyping import Float
from torch import Tensor, nn

from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.noisy import NoisyBatchNorm


class Normed(nn.Module):
    """phi(norm(W x + b)) in every hidden layer, then a linear output layer.

    Two of them may have the same linear layers: then they are two copies of one network with different normalizations.

    Attributes:
        linears: all linear layers, the output layer last.
        norms: one for each hidden layer.
    """

    def __init__(
        self,
        linears: Iterable[nn.Module],
        norms: Iterable[nn.Module],
        activation: Callable[[Tensor], Tensor],
    ) -> None:
        super().__init__()
        self.linears, self.norms = nn.ModuleList(linears), nn.ModuleList(norms)
        self.activation = activation

    def forward(self, x: Float[Tensor, "batch features"]) -> Float[Tensor, "batch classes"]:
        """Return the output layer's output."""
        *hidden, output = self.linears
        for linear, norm in zip(hidden, self.norms, strict=True):
            x = self.activation(norm(linear(x)))
        return output(x)


class Passing(BatchNorm):
    """In the place of BatchNorm: what comes in goes out."""

    def forward(
        self, x: Float[Tensor, "batch channels *positions"]
    ) -> Float[Tensor, "batch channels *positions"]:
        """Return ``x``."""
        return x


class Noise(NoisyBatchNorm, Passing):
    """The noise of NoisyBatchNorm alone: by the order of its bases, what it disturbs has passed :class:`Passing`."""
