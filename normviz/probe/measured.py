"""What a probe sees: one training pass of one lane, gathered once, shared by all quantities."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from normviz.nn.activations import Activation
from normviz.nn.mlp import Tape

Stack = Float32[np.ndarray, "layers values"]

#: Histograms and percentiles look at the first examples of the minibatch, at most this many values a layer.
SAMPLE = 8_192


@dataclass(frozen=True)
class Measured:
    """One forward and backward pass.

    Attributes:
        tape: pre-activations (with their ``.grad``) and activations of all hidden layers.
        weight_grads: gradients of all linear layers' weights, the output layer last.
        activation: the lane's nonlinearity.
        loss: mean cross-entropy of the minibatch.
        accuracy: share of the minibatch that is classified correctly.
        heldout: results on the held-out set, or None where it was not evaluated at this step.
        normed_after: whether activations have passed a normalization behind the nonlinearity.
    """

    tape: Tape
    weight_grads: list[Tensor]
    activation: Activation
    loss: float
    accuracy: float
    heldout: "Heldout | None"
    normed_after: bool = False

    @cached_property
    def grads(self) -> list[Tensor]:
        """Gradients of the mean loss with respect to the pre-activations of each hidden layer. Each (batch, width)."""
        return [pre.grad for pre in self.tape.pre if pre.grad is not None]

    @property
    def batch(self) -> int:
        """Examples in the minibatch."""
        return len(self.tape.pre[0])

    @cached_property
    def sorted_pre(self) -> Stack:
        """Sampled pre-activations, sorted within each layer."""
        return self._sample(self.tape.pre)

    @cached_property
    def sorted_phi(self) -> Stack:
        """Sampled outputs of the nonlinearity, sorted within each layer."""
        if self.activation.increasing:
            return self.activation.function(torch.from_numpy(self.sorted_pre)).numpy()
        return self._sample(self.tape.phi)

    @cached_property
    def sorted_out(self) -> Stack:
        """Sampled activations, sorted within each layer."""
        return self._sample(self.tape.out) if self.normed_after else self.sorted_phi

    @cached_property
    def sorted_grad(self) -> Stack:
        """Sampled gradients of each example's loss (batch size times the mean loss's), sorted within each layer."""
        values = self._sample(self.grads)
        values *= np.float32(self.batch)
        return values

    def _sample(self, tensors: list[Tensor]) -> Stack:
        rows = max(1, SAMPLE // tensors[0].shape[1])
        values = torch.stack([tensor.detach()[:rows] for tensor in tensors]).flatten(1).numpy()
        values.sort(axis=1)
        return values


@dataclass(frozen=True)
class Heldout:
    """Mean cross-entropy and accuracy on the held-out set, in eval mode and with batch statistics."""

    loss: float
    accuracy: float
    batch_loss: float
    batch_accuracy: float
