"""What is measured of internal covariate shift besides the passes of training; nothing of training is touched.

What was measured last stays in every frame until the next time, and which steps these are depends on no viewer.
"""

import copy
import math

import numpy as np
import torch

from normviz.frames import Field, Values
from normviz.language import N_
from normviz.nn.network import Network, generator
from normviz.nn.tape import Tape
from normviz.probe import drift
from normviz.train.landscape import LENGTHS, Landscape, along_gradient
from normviz.train.looking import undisturbed
from normviz.train.occasions import evaluates
from normviz.train.shift import GradientShift, gradient_shift
from normviz.train.watching import Meter, Watched

#: Drift is measured at each of the first so many steps.
FIRST = 10


def is_due(step: int) -> bool:
    """Tell whether drift is measured: at the first ten steps, and every twenty-five."""
    return step <= FIRST or step % drift.EVERY == 0


class DriftMeter(Meter):
    """Measures how far distributions have moved on a fixed batch, in training mode with the batch's own statistics.

    The batch are held-out examples, evenly spaced. It and the start stay when the run changes in the middle, also when
    its preprocessing does; with another data set both begin anew, at that step.
    """

    def __init__(self) -> None:
        super().__init__()
        self._dataset = ""
        self._start: drift.Snapshot | None = None
        self._recent: drift.Snapshot | None = None
        self._typical = list[int]()

    def fields(self) -> tuple[Field, ...]:
        """Declare them."""
        assert self._start is not None
        return drift.fields(len(self._start.widths), min(self._start.widths))

    def look(self, lane: Watched) -> None:
        """Measure if it is time, or the data set is another."""
        anew = lane.config.dataset != self._dataset
        if not (anew or is_due(lane.updates)):
            return
        now = _snapshot(lane)
        if anew or self._start is None or not now.fits(self._start):
            self._dataset, self._start, self._recent = lane.config.dataset, now, None
            self._typical = _typical(lane.config.seed, now)
        regular = lane.updates % drift.EVERY == 0
        recent = self._recent if regular else None
        found = drift.measure(now, self._start, recent, self._typical, lane.updates)
        self.values = {**self.values, **found}
        if regular:
            self._recent = now


def probe_rows(examples: int) -> list[int]:
    """Return the rows of the fixed batch among so many held-out examples."""
    count = min(examples, drift.EXAMPLES)
    return [index * examples // count for index in range(count)]


@torch.no_grad()
def _snapshot(lane: Watched) -> drift.Snapshot:
    x = torch.from_numpy(lane.data.heldout_x[probe_rows(len(lane.data.heldout_x))]).to(lane.device)
    tape = Tape()
    with undisturbed(lane.model):
        lane.model(x, tape)
    return drift.snapshot(tape, lane.model.activation)


def _typical(seed: int, now: drift.Snapshot) -> list[int]:
    """Return one unit of each layer, drawn."""
    return [
        int(torch.randint(width, (), generator=generator(seed, "typical", index)))
        for index, width in enumerate(now.widths)
    ]


class FullMeter(DriftMeter):
    """Measures also what an update does to gradients, and the loss along the gradient, now and then.

    It works on copies of the network. Gradients are compared on the minibatch of the update; the loss is that of the
    minibatch of the current pass, with steps in units of the learning rate of the last update.
    """

    def __init__(self) -> None:
        super().__init__()
        self._before: Network | None = None
        self._shift: GradientShift | None = None

    def fields(self) -> tuple[Field, ...]:
        """Declare them."""
        return (*super().fields(), *shift_fields())

    def before(self, lane: Watched) -> None:
        """Keep a copy of the network if it will be compared."""
        self._before = copy.deepcopy(lane.model) if evaluates(lane.updates + 1) else None

    def after(self, lane: Watched) -> None:
        """Compare its gradients with those that the updated network has."""
        self._shift = None
        if self._before is not None:
            self._shift = gradient_shift(self._before, lane.model, *lane.minibatch())
            self._before = None

    def look(self, lane: Watched) -> None:
        """Look along the gradient, if it is time."""
        super().look(lane)
        if not evaluates(lane.updates):
            return
        rate = float(lane.optimizer.param_groups[0]["lr"])
        found = along_gradient(copy.deepcopy(lane.model), *lane.minibatch(), rate)
        layers = len(self._typical)
        self.values = {**self.values, **_written(self._shift, found, layers, lane.updates)}


def shift_fields() -> tuple[Field, ...]:
    """Declare gradient shift and smoothness, and what they cost."""
    per_layer = "gradient G of the last update's minibatch, and G' once the layers below are updated; none in layer 1"
    along = f"over steps of {LENGTHS[0]} to {LENGTHS[-1]:g} learning rates along the minibatch's gradient"
    return (
        Field(
            "grad_shift",
            ("weights",),
            "f4",
            N_("Gradient shift ‖G − G′‖"),
            N_("loss per unit of weight"),
            f"Euclidean distance of a layer's {per_layer}",
            log=True,
        ),
        Field(
            "grad_cosine",
            ("weights",),
            "f4",
            N_("Cosine of G and G′"),
            "1",
            f"cosine between a layer's {per_layer}",
        ),
        Field(
            "loss_range",
            (),
            "f4",
            N_("Range of the loss"),
            N_("nats"),
            f"largest less smallest {along}",
        ),
        Field(
            "gradient_change",
            (),
            "f4",
            N_("Change of the gradient"),
            N_("loss per unit of weight"),
            f"largest Euclidean distance from the gradient here, all parameters, {along}",
        ),
        Field(
            "effective_beta",
            (),
            "f4",
            N_("Effective beta"),
            N_("loss per unit of weight²"),
            f"largest change of the gradient divided by the length of the step, {along}",
        ),
        Field(
            "shift_step",
            (),
            "u4",
            N_("Gradient shift measured at step"),
            N_("minibatches"),
            "the step at which gradient shift and smoothness were measured",
        ),
        Field(
            "shift_passes",
            (),
            "u4",
            N_("Extra passes"),
            N_("passes"),
            "forward and backward passes that measuring gradient shift and smoothness took",
        ),
    )


def _written(shift: GradientShift | None, found: Landscape, layers: int, step: int) -> Values:
    none = [math.nan] * (layers + 1)
    values = {
        "grad_shift": shift.distance if shift else none,
        "grad_cosine": shift.cosine if shift else none,
        "loss_range": found.range,
        "gradient_change": found.change,
        "effective_beta": found.beta,
    }
    with np.errstate(over="ignore"):
        written = {name: np.array(value, np.float32) for name, value in values.items()}
    counts = {"shift_step": step, "shift_passes": found.passes + (shift.passes if shift else 0)}
    return {**written, **{name: np.array(value, np.uint32) for name, value in counts.items()}}
