"""A pass on another device: torch measures it there, and all that was measured is brought over at once."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float32, Float64
from numpy.typing import NDArray
from torch import Tensor

from normviz.probe import bidiagonal
from normviz.probe.constant import first_of, shares
from normviz.probe.measured import Measured, Moments, Norms
from normviz.probe.samples import Samples, first_examples
from normviz.probe.stacking import layer_by_layer


class OnDevice(Measured):
    """Layers of one shape are measured together, in float64 where sums are taken. One copy a pass waits for the device.

    Everything is measured as soon as anything is asked for. It works on any device, the processor too.
    """

    @cached_property
    def _brought(self) -> dict[str, NDArray[Any]]:
        found = {"right": (self.logits.argmax(1) == self.labels).sum()}
        for name in ("pre", "out", "grad"):
            found[f"{name}.moments"] = _moments(self.tensors(name))
        for name in self._sampled():
            found[f"{name}.sample"] = _sorted(
                [first_examples(x.detach()) for x in self.tensors(name)]
            )
        if self.activation.can_die:
            found["dead"] = _dead(self.tape.phi)
        found["constant"] = torch.stack(layer_by_layer(shares, first_of(self.tape.pre)))
        return brought({**found, **bidiagonal.parts(self.weight_grads)})

    def _sampled(self) -> list[str]:
        """Return what a sample is needed of: the rest follows from it."""
        wanted = {
            "pre": True,
            "phi": not self.activation.increasing,
            "out": self.normed_after,
            "grad": True,
        }
        return [name for name, needed in wanted.items() if needed]

    @cached_property
    def right(self) -> int:
        """Read it."""
        return int(self._brought["right"])

    def sampled(self, name: str) -> Samples:
        """Read them."""
        sizes = (len(first_examples(layer)) for layer in self.tensors(name))
        return Samples(self._brought[f"{name}.sample"].copy(), tuple(sizes))

    def moments(self, name: str) -> Moments:
        """Read them."""
        return self._brought[f"{name}.moments"]

    @cached_property
    def dead(self) -> Float[np.ndarray, " layers"]:
        """Read them."""
        return self._brought["dead"]

    @cached_property
    def constant(self) -> Float[np.ndarray, " layers"]:
        """Read them."""
        return self._brought["constant"]

    @cached_property
    def norms(self) -> tuple[Norms, Norms]:
        """Finish what the device has begun."""
        return bidiagonal.norms(self.weight_grads, self._brought)


@torch.no_grad()
def _moments(layers: list[Tensor]) -> Float64[Tensor, "layers moments"]:
    def of(stack: Tensor) -> Tensor:
        values = stack.flatten(1).double()
        mean = values.mean(1, keepdim=True)
        return torch.cat([mean, (values - mean).square_().mean(1, keepdim=True).sqrt_()], 1)

    return torch.stack(layer_by_layer(of, layers))


@torch.no_grad()
def _sorted(layers: list[Float32[Tensor, " _"]]) -> Float32[Tensor, " values"]:
    return torch.cat(layer_by_layer(lambda stack: stack.sort(1).values, layers))


@torch.no_grad()
def _dead(layers: list[Tensor]) -> Float64[Tensor, " layers"]:
    def of(stack: Tensor) -> Tensor:
        others = [axis for axis in range(1, stack.ndim) if axis != 2]
        return (stack == 0).all(others).double().mean(1)

    return torch.stack(layer_by_layer(of, layers))


def brought(tensors: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Copy tensors of any of torch's 4 and 8 byte types into the processor's memory, in one piece."""
    widest_first = sorted(tensors.items(), key=lambda item: -item[1].element_size())
    words = [tensor.contiguous().view(-1).view(torch.int32) for _, tensor in widest_first]
    packed, start, found = torch.cat(words).cpu().numpy(), 0, dict[str, NDArray[Any]]()
    for (name, tensor), own in zip(widest_first, words, strict=True):
        raw = packed[start : start + len(own)]
        found[name] = raw.view(str(tensor.dtype).removeprefix("torch.")).reshape(tensor.shape)
        start += len(own)
    return found
