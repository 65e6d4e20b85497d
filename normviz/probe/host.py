"""A pass in the processor's own memory: NumPy looks at the tensors where they are."""

from functools import cached_property

import numpy as np
from jaxtyping import Float

from normviz.probe.constant import first_of, shares_on_host
from normviz.probe.gradients import norms
from normviz.probe.measured import Measured, Moments, Norms
from normviz.probe.moments import of_layers, scratch
from normviz.probe.samples import Row, Samples, first_examples
from normviz.probe.saturation import dead_share


class OnHost(Measured):
    """Nothing is copied but the sample, and nothing is computed before it is asked for."""

    @cached_property
    def right(self) -> int:
        """Count them."""
        return int(np.count_nonzero(self.logits.numpy().argmax(1) == self.labels.numpy()))

    def sampled(self, name: str) -> Samples:
        """Copy the values and sort them."""
        layers = [first_examples(layer.detach().numpy()) for layer in self.tensors(name)]
        samples = Samples(np.concatenate(layers), tuple(map(len, layers)))
        for row in samples.rows:
            row.sort()
        return samples

    def moments(self, name: str) -> Moments:
        """Take them layer by layer."""
        return of_layers([layer.detach() for layer in self.tensors(name)], self._scratch)

    @cached_property
    def _scratch(self) -> Row:
        return scratch(self.tape.pre)

    @cached_property
    def dead(self) -> Float[np.ndarray, " layers"]:
        """Look at every unit."""
        return np.array([dead_share(phi.detach()) for phi in self.tape.phi])

    @cached_property
    def constant(self) -> Float[np.ndarray, " layers"]:
        """Look at the first examples."""
        return shares_on_host(first_of(self.tape.pre))

    @cached_property
    def norms(self) -> tuple[Norms, Norms]:
        """Take them matrix by matrix."""
        return norms(grad.numpy().reshape(len(grad), -1) for grad in self.weight_grads)
