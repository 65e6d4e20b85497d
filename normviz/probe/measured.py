"""What a probe sees: one training pass of one lane, gathered once, shared by all quantities."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64
from torch import Tensor

from normviz.nn.activations import Activation
from normviz.nn.tape import Tape
from normviz.probe.samples import Samples

Moments = Float64[np.ndarray, "layers moments"]
Norms = Float64[np.ndarray, " matrices"]


@dataclass(frozen=True)
class Measured:
    """One forward and backward pass.

    The quantities ask for what is below the attributes; how it is gathered depends on where the tensors are
    (:class:`normviz.probe.host.OnHost`, :class:`normviz.probe.device.OnDevice`). Layers may differ in shape, and the
    later ones of a recurrent network in the number of their examples, down to none.

    Attributes:
        tape: pre-activations (with their ``.grad``) and activations of all hidden layers.
        weight_grads: gradients of all layers' weights, the output layer last.
        logits: what the output layer made of the minibatch.
        labels: the classes of the minibatch.
        activation: the lane's nonlinearity.
        loss: mean cross-entropy of the minibatch.
        heldout: results on the held-out set, or None where it was not evaluated at this step.
        normed_after: whether activations have passed a normalization behind the nonlinearity.
    """

    tape: Tape
    weight_grads: list[Tensor]
    logits: Float32[Tensor, "batch classes"]
    labels: Int64[Tensor, " batch"]
    activation: Activation
    loss: float
    heldout: "Heldout | None"
    normed_after: bool = False

    @cached_property
    def grads(self) -> list[Tensor]:
        """Gradients of the mean loss with respect to the pre-activations of each hidden layer."""
        return [pre.grad for pre in self.tape.pre if pre.grad is not None]

    @property
    def batch(self) -> int:
        """Examples in the minibatch, over which the loss is a mean."""
        return len(self.labels)

    @property
    def accuracy(self) -> float:
        """Share of the minibatch that is classified correctly."""
        return self.right / self.batch

    @cached_property
    def sorted_pre(self) -> Samples:
        """Sampled pre-activations."""
        return self.sampled("pre")

    @cached_property
    def sorted_phi(self) -> Samples:
        """Sampled outputs of the nonlinearity."""
        if self.activation.increasing:
            return self.sorted_pre.mapped(self.activation.function)
        return self.sampled("phi")

    @cached_property
    def sorted_out(self) -> Samples:
        """Sampled activations."""
        return self.sampled("out") if self.normed_after else self.sorted_phi

    @cached_property
    def sorted_grad(self) -> Samples:
        """Sampled gradients of each example's loss: the batch size times the mean loss's."""
        samples = self.sampled("grad")
        np.multiply(samples.values, np.float32(self.batch), out=samples.values)
        return samples

    def tensors(self, name: str) -> list[Tensor]:
        """Return the layers of what is called "pre", "phi", "out" or "grad"."""
        return self.grads if name == "grad" else getattr(self.tape, name)

    @cached_property
    def right(self) -> int:
        """Examples of the minibatch that are classified correctly."""
        raise NotImplementedError

    def sampled(self, name: str) -> Samples:
        """Return a copy of the first examples' values, sorted within each layer."""
        raise NotImplementedError

    def moments(self, name: str) -> Moments:
        """Return mean and biased standard deviation of each layer, over examples, units and positions."""
        raise NotImplementedError

    @cached_property
    def dead(self) -> Float[np.ndarray, " layers"]:
        """Share of the units (channels) of each layer whose phi is 0 for every example at every position."""
        raise NotImplementedError

    @cached_property
    def constant(self) -> Float[np.ndarray, " layers"]:
        """Share of the units of each layer that hardly change with the example; see normviz.probe.constant."""
        raise NotImplementedError

    @cached_property
    def norms(self) -> tuple[Norms, Norms]:
        """Spectral and Frobenius norm of each weight gradient, taken as the matrix (units, all the rest)."""
        raise NotImplementedError


@dataclass(frozen=True)
class Heldout:
    """Mean cross-entropy and accuracy on the held-out set, in eval mode and with batch statistics."""

    loss: float
    accuracy: float
    batch_loss: float
    batch_accuracy: float
