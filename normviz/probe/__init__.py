"""Quantities: what a frame shows of a pass, one file each. A new one is its file and one line in :data:`QUANTITIES`.

A quantity is a module with ``fields(activation, normed_after)``, which declares its arrays, and ``measure(measured)``,
which returns them. Measuring reads the pass and changes nothing. What looks at the pass's large tensors is a member of
:class:`Measured` and written twice: for tensors in the processor's memory (:class:`OnHost`) and for tensors on another
device (:class:`OnDevice`), from where all of it comes over at once.
"""

import numpy as np

from normviz.frames import Field, Values
from normviz.nn.activations import Activation
from normviz.probe import constant, gradients, histograms, learning, moments, saturation
from normviz.probe.device import OnDevice
from normviz.probe.host import OnHost
from normviz.probe.measured import Heldout, Measured

QUANTITIES = (learning, moments, histograms, saturation, constant, gradients)

__all__ = ["QUANTITIES", "Heldout", "Measured", "OnDevice", "OnHost", "fields", "measure"]


def fields(activation: Activation, normed_after: bool) -> tuple[Field, ...]:
    """Return the fields of all quantities of a lane."""
    return tuple(
        field for quantity in QUANTITIES for field in quantity.fields(activation, normed_after)
    )


@np.errstate(over="ignore")
def measure(measured: Measured) -> Values:
    """Measure all quantities of a pass. What is too large for float32 becomes infinite."""
    return {
        name: value for quantity in QUANTITIES for name, value in quantity.measure(measured).items()
    }
