"""The Trainer: steps all lanes of a run together and turns passes into frames."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
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
from normviz.probe import narration
from normviz.train import devices, turning
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


#: A change of these changes what activations are: how wide their histograms have to be.
SHOWN = ("activation", "norm", "place")


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


class Trainer:
    """A run in progress. The same configuration always yields the same frames, whatever else is measured or when.

    Attributes:
        step_count: updates so far.
        lanes: the networks; a diverged one is no longer updated.
        divergences: for every lane that diverged, in order, what happened (the values of a notice).
    """

    def __init__(self, config: RunConfig) -> None:
        self.config, self.step_count = config, 0
        self._forks = config.forks()
        self._turns = [config.turns(index) for index in range(len(config.lanes()))]
        self.lanes = list[Lane]()
        for index, lane in enumerate(config.lanes()):
            riding = index in self._forks
            self.lanes.append(self.lanes[0] if riding else Lane(lane, steps=config.steps))
        for lane, turns in zip(self.lanes, self._turns, strict=True):
            lane.normed_after |= any(
                turning.differ(lane.config, turn, SHOWN) for turn in turns.values()
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
        for index in self._alive():
            if not self._rides(index):
                self.lanes[index].update(measure, self._turns[index].get(self.step_count))
        self._check()
        if evaluate:
            for index in self._alive():
                if self._rides(index):
                    self._heldout[index] = self._heldout[0]
                else:
                    self._heldout[index] = self.lanes[index].evaluate(everything=last)
        return self.frame() if measure and not self._all_diverged() else None

    def frame(self) -> Frame:
        """Return the frame of the current step, whose pass must have been measured (step 0 always is)."""
        alive, notes, lanes = self._alive(), list[Note](), list[Values]()
        for index in range(len(self.lanes)):
            values = self._last[index] or self._nothing(index)
            if index in alive:
                values = lanes[0] if self._rides(index) else self._measure(index)
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

    def _measure(self, index: int) -> Values:
        lane, heldout, plane = self.lanes[index], self._heldout[index], self._surfaces[index]
        measured = lane.measured(heldout if evaluates(self.step_count) else None)
        surface = plane.measure(lane) if plane else {}
        return {**probe.measure(measured), **lane.meter.values, **surface}

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
