"""What the rules are told of a run's lanes, and what they say of them."""

import copy
from collections.abc import Sequence

import torch

from normviz.diagnosis import RULES, Case, Doctor
from normviz.diagnosis.units import ALIKE
from normviz.frames import Note, Values
from normviz.probe import Heldout
from normviz.train.lane import Lane


class Diagnosis:
    """Follows all lanes of a run. What it says of a step does not depend on which other steps were measured."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._doctors = [
            Doctor(RULES, lane.config, lane.pass_loss, lane.data.classes) for lane in lanes
        ]
        self._alike = [any(share < ALIKE for share in differences(lane)) for lane in lanes]

    def of(self, lanes: Sequence[int]) -> "Diagnosis":
        """Return one that has followed these lanes, each by itself from now on."""
        chosen = copy.copy(self)
        chosen._doctors = [copy.deepcopy(self._doctors[lane]) for lane in lanes]
        chosen._alike = [self._alike[lane] for lane in lanes]
        return chosen

    def follow(self, index: int, lane: Lane, step: int) -> None:
        """Take in a step of a lane, measured or not."""
        self._doctors[index].follow(step, lane.pass_loss, lane.config)

    def notes(
        self, index: int, lane: Lane, values: Values, step: int, heldout: Heldout, kept: bool
    ) -> list[Note]:
        """Say what is wrong with a lane whose pass was measured; ``kept`` as in :meth:`Doctor.findings`."""
        doctor = self._doctors[index]
        lone = lane.lone()
        case = Case(
            values,
            lane.config,
            lane.model.activation,
            lane.data.classes,
            step,
            (heldout.accuracy, heldout.batch_accuracy),
            (int(lone[0][1]["first"]), int(lone[0][1]["last"])) if lone else (),
            differences(lane) if self._alike[index] else (),
            doctor.risen,
        )
        return [finding.note(index) for finding in doctor.findings(case, kept)]


@torch.no_grad()
def differences(lane: Lane) -> tuple[float, ...]:
    """Return how much the weights of each hidden layer's units differ, see :class:`normviz.diagnosis.Case`.

    Weights that are all 0 do not differ. The lane's pass must have been measured.
    """
    tape, found = lane.measured(None).tape, list[torch.Tensor]()
    for weight in tape.weights[: len(tape.pre)]:
        units = weight.flatten(1)
        away = (units - units.mean(0)).square().sum()
        found.append(away / units.square().sum().clamp_min(torch.finfo(away.dtype).tiny))
    return tuple(torch.stack(found).tolist())
