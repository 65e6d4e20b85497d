"""The Trainer: steps all lanes of a run together and turns passes into frames."""

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from normviz import catalog, probe
from normviz.config import LANES, RunConfig, describe
from normviz.diagnosis import divergence
from normviz.frames import (
    Field,
    Flag,
    Frame,
    LaneInfo,
    Note,
    Schema,
    Values,
    build_schema,
)
from normviz.nn.network import normed_after
from normviz.probe import Heldout, narration
from normviz.train import devices
from normviz.train.diagnosing import Diagnosis
from normviz.train.lane import Lane
from normviz.train.occasions import evaluates, is_measured
from normviz.train.surface import Surface, surfaces

ALIVE = Field(
    "alive",
    (),
    "u1",
    "Alive",
    "",
    "1; 0 when this lane has diverged: its other fields are then those of its last finite pass at a "
    "step that is always measured",
)


#: Calls a function once for each lane, by number, in any order or at the same time, and returns when all are done.
Each = Callable[[Callable[[int], None], Sequence[int]], None]


def _schema(
    titles: Iterable[str], lanes: Iterable[Lane], surfaces: Sequence[Surface | None]
) -> Schema:
    """Return the schema of a run's frames."""
    schema = build_schema(
        (_info(letter, title, lane), (ALIVE, *_fields(lane), *(plane.fields() if plane else ())))
        for letter, title, lane, plane in zip(LANES.upper(), titles, lanes, surfaces, strict=False)
    )
    return replace(schema, planes=tuple(each.plane for each in surfaces if each))


def _info(letter: str, title: str, lane: Lane) -> LaneInfo:
    return LaneInfo(
        letter,
        title,
        catalog.ACTIVATIONS[lane.config.activation].label,
        lane.model.layers,
        lane.model.activation.definition,
        lane.config.model,
        devices.named(lane.device),
    )


def _fields(lane: Lane) -> tuple[Field, ...]:
    return (*probe.fields(lane.model.activation, lane.normed_after), *lane.meter.fields())


def _flags(config: RunConfig) -> tuple[Flag, ...]:
    return tuple(
        Flag(each.at, each.lane, describe(field, value))
        for each in config.interventions
        for field, value in each.values().items()
    )


def _copies(lanes: Sequence[Lane]) -> tuple[Lane, ...]:
    """Return copies without the last pass; what is one lane stays one."""
    copies = {id(lane): lane.fork(with_pass=False) for lane in lanes}
    return tuple(copies[id(lane)] for lane in lanes)


def one_by_one(work: Callable[[int], None], lanes: Sequence[int]) -> None:
    """Call the function for one lane after another."""
    for index in lanes:
        work(index)


@dataclass(frozen=True)
class State:
    """A run after a step: what a run that goes on from there needs. Lanes that are still lane A are the same object."""

    step: int
    lanes: tuple[Lane, ...]
    heldout: tuple[Heldout, ...]
    last: tuple[Values | None, ...]
    diagnosis: Diagnosis


class Trainer:
    """A run in progress. The same configuration always yields the same frames, whatever else is measured or when.

    What lanes do in a step, each by itself, goes through ``each``: who has several processor cores may hand over a
    function that uses them. The numbers are the same.

    Attributes:
        step_count: updates so far.
        lanes: the networks; a diverged one is no longer updated.
        divergences: for every lane that diverged, in order, what happened (the values of a notice).
    """

    def __init__(self, config: RunConfig, each: Each = one_by_one) -> None:
        self.config, self.step_count, self._each = config, 0, each
        self._forks = config.forks()
        self._turns = [config.turns(index) for index in range(len(config.lanes()))]
        self.lanes = list[Lane]()
        for index, lane in enumerate(config.lanes()):
            riding = index in self._forks
            self.lanes.append(self.lanes[0] if riding else Lane(lane, steps=config.steps))
        for lane, turns in zip(self.lanes, self._turns, strict=True):
            lane.normed_after |= any(
                normed_after(turn) or turn.activation != lane.config.activation
                for turn in turns.values()
            )
        self._surfaces = surfaces(self.lanes, self._turns)
        schema = _schema(config.titles(), self.lanes, self._surfaces)
        self.schema = replace(schema, flags=_flags(config))
        self.divergences: list[dict[str, Any]] = []
        self._heldout = [lane.evaluate() for lane in self.lanes]
        self._last: list[Values | None] = [None for _ in self.lanes]
        self._diagnosis = Diagnosis(self.lanes)
        self._check()

    @property
    def finished(self) -> bool:
        """Whether no further step is possible: all steps are done or all lanes have diverged."""
        return self.step_count >= self.config.steps or len(self.divergences) == len(self.lanes)

    def state(self) -> State:
        """Return a copy of the state; no lane may have diverged."""
        return State(
            self.step_count,
            _copies(self.lanes),
            tuple(self._heldout),
            tuple(self._last),
            copy.deepcopy(self._diagnosis),
        )

    def resume(self, state: State, lanes: Sequence[int]) -> None:
        """Go on from a state; ``lanes`` names the lane there that each one here was until then."""
        riders = [index for index, at in self._forks.items() if at > state.step]
        chosen = [state.lanes[0 if index in riders else was] for index, was in enumerate(lanes)]
        self.lanes, self.step_count = list(_copies(chosen)), state.step
        for index, lane in enumerate(self.lanes):
            if index not in riders and lane in self.lanes[:index]:
                self.lanes[index] = lane.fork()
        self._heldout = [state.heldout[was] for was in lanes]
        self._last = [state.last[was] for was in lanes]
        self._diagnosis = state.diagnosis.of(lanes)

    def nbytes(self) -> int:
        """Return about how much memory a state takes."""
        return sum(self.lanes[index].nbytes() for index in self._apart())

    def step(self, measure: bool) -> Frame | None:
        """Take one step with every lane; return its frame if it was to be measured.

        The last step and those of :func:`is_measured` are measured in any case: their frames are always returned.
        """
        self.step_count += 1
        evaluate = evaluates(self.step_count)
        last = self.step_count == self.config.steps
        measure = measure or last or is_measured(self.step_count)
        for index in self._alive():
            if self._forks.get(index) == self.step_count:
                self.lanes[index] = self.lanes[0].fork()
        self._each(partial(self._update, measure), self._apart())
        self._check()
        if evaluate:
            self._each(partial(self._evaluate, last), self._apart())
            for index in self._alive():
                if self._rides(index):
                    self._heldout[index] = self._heldout[0]
        return self.frame() if measure and not self._all_diverged() else None

    def _update(self, measure: bool, index: int) -> None:
        self.lanes[index].update(measure, self._turns[index].get(self.step_count))

    def _evaluate(self, everything: bool, index: int) -> None:
        self._heldout[index] = self.lanes[index].evaluate(everything)

    def _apart(self) -> list[int]:
        """Return the lanes that are still updated and are not lane A."""
        return [index for index in self._alive() if not self._rides(index)]

    def frame(self) -> Frame:
        """Return the frame of the current step, whose pass must have been measured (step 0 always is)."""
        alive, notes, lanes = self._alive(), list[Note](), list[Values]()
        found = dict[int, Values]()
        self._each(partial(self._measure, found), self._apart())
        for index in range(len(self.lanes)):
            values = self._last[index] or self._nothing(index)
            if index in alive:
                values = lanes[0] if self._rides(index) else found[index]
                notes += narration.notes(index, self._scene(index, values))
                notes += self._diagnose(index, values)
                if is_measured(self.step_count):  # frames that were asked for must leave no trace
                    self._last[index] = values
            lanes.append({**values, "alive": np.array(int(index in alive), np.uint8)})
        notes += [divergence.note(each) for each in self.divergences]
        return Frame(self.step_count, tuple(lanes), tuple(notes))

    def _rides(self, index: int) -> bool:
        """Tell whether a lane is still lane A, which it will leave later."""
        return index > 0 and self.lanes[index] is self.lanes[0]

    def _measure(self, found: dict[int, Values], index: int) -> None:
        lane, heldout, plane = self.lanes[index], self._heldout[index], self._surfaces[index]
        measured = lane.measured(heldout if evaluates(self.step_count) else None)
        surface = plane.measure(lane) if plane else {}
        found[index] = {**probe.measure(measured), **lane.meter.values, **surface}

    def _scene(self, index: int, values: Values) -> narration.Scene:
        lane, heldout = self.lanes[index], self._heldout[index]
        return narration.Scene(
            values,
            lane.model.activation,
            lane.data.classes,
            self.step_count,
            (heldout.accuracy, heldout.batch_accuracy),
            lane.config.statistics == "population",
            lane.lone(),
            lane.lacking(),
            lane.by_domain,
        )

    def _diagnose(self, index: int, values: Values) -> list[Note]:
        step, lane, heldout = self.step_count, self.lanes[index], self._heldout[index]
        return self._diagnosis.notes(index, lane, values, step, heldout, is_measured(step))

    def _nothing(self, index: int) -> Values:
        """Return not-a-number everywhere, for a lane that never had a finite pass."""
        return {
            p.field.name: np.full(p.shape, np.nan if p.field.dtype[0] == "f" else 0)
            for p in self.schema.fields
            if p.lane == index
        }

    def _alive(self) -> list[int]:
        gone = {divergence["lane"] for divergence in self.divergences}
        return [index for index in range(len(self.lanes)) if index not in gone]

    def _all_diverged(self) -> bool:
        return len(self.divergences) == len(self.lanes)

    def _check(self) -> None:
        for index in self._alive():
            lane, loss = self.lanes[index], self.lanes[index].pass_loss
            if math.isfinite(loss):
                self._diagnosis.follow(index, lane, self.step_count)
            else:
                layer, reason = lane.culprit()
                self.divergences.append(
                    {
                        "lane": index,
                        "step": self.step_count,
                        "layer": layer,
                        "reason": reason,
                        "value": str(loss),
                        **divergence.tried(lane.config, self.step_count, reason),
                    }
                )
