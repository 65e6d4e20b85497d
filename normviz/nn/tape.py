"""What a forward pass leaves behind for those who look at it."""

from dataclasses import dataclass, field

from jaxtyping import Float
from torch import Tensor

Units = Float[Tensor, "batch units *positions"]
Weight = Float[Tensor, "fan_out fan_in *kernel"]


@dataclass
class Tape:
    """What one forward pass computed in each hidden layer, first layer first.

    Layers of one network may differ in shape: a ConvNet's in height and width, a recurrent network's time steps in
    the number of sequences that last so long, which can be 0.

    Attributes:
        pre: pre-activations z, the input of the nonlinearity. Each (batch, units or channels, *positions).
        phi: the output of the nonlinearity, phi(z).
        out: activations, what the next layer receives (after a normalization that stands behind the nonlinearity).
        weights: the weights that each layer multiplied with, the output layer's last: their ``grad`` is dW after a
            backward pass.
    """

    pre: list[Units] = field(default_factory=list)
    phi: list[Units] = field(default_factory=list)
    out: list[Units] = field(default_factory=list)
    weights: list[Weight] = field(default_factory=list)

    def write(self, pre: Units, phi: Units, out: Units) -> None:
        """Add a hidden layer."""
        self.pre.append(pre)
        self.phi.append(phi)
        self.out.append(out)
