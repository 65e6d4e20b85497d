"""The Trainer: steps all lanes of a run together and turns passes into frames."""

import math
from typing import Any

import numpy as np

from normviz import catalog, probe
from normviz.config import LANES, LaneConfig, RunConfig
from normviz.frames import Field, Frame, LaneInfo, Note, Schema, Values, build_schema, is_milestone
from normviz.nn.activations import Activation
from normviz.nn.mlp import normed_after
from normviz.probe import narration
from normviz.train.lane import Lane

ALIVE = Field(
    "alive",
    (),
    "u1",
    "Alive",
    "",
    "1; 0 when this lane has diverged: its other fields are then those of its last finite pass at a "
    "step that is always measured",
)


def schema(config: RunConfig) -> Schema:
    """Return the schema of a run's frames, from its configuration alone."""
    return build_schema(
        (_info(letter, title, lane), (ALIVE, *probe.fields(_activation(lane), normed_after(lane))))
        for letter, title, lane in zip(LANES.upper(), config.titles(), config.lanes(), strict=False)
    )


def _info(letter: str, title: str, lane: LaneConfig) -> LaneInfo:
    return LaneInfo(
        letter,
        title,
        catalog.ACTIVATIONS[lane.activation].label,
        lane.depth,
        _activation(lane).definition,
    )


def _activation(lane: LaneConfig) -> Activation:
    return catalog.ACTIVATIONS[lane.activation].load()


def evaluates(step: int) -> bool:
    """Tell whether the held-out set is evaluated: every 10 steps to 100, every 100 to 1,000, every 500 after."""
    return step % (10 if step <= 100 else 100 if step <= 1000 else 500) == 0


def is_measured(step: int) -> bool:
    """Tell whether a step is measured whether or not a frame was asked for."""
    return evaluates(step) or is_milestone(step)


class Trainer:
    """A run in progress. The same configuration always yields the same frames, whatever else is measured or when.

    Attributes:
        step_count: updates so far.
        lanes: the networks; a diverged one is no longer updated.
        divergences: for every lane that diverged, in order, what happened (the values of a notice).
    """

    def __init__(self, config: RunConfig) -> None:
        self.config, self.schema = config, schema(config)
        self.step_count = 0
        self.lanes = [Lane(lane, steps=config.steps) for lane in config.lanes()]
        self.divergences: list[dict[str, Any]] = []
        self._heldout = [lane.evaluate() for lane in self.lanes]
        self._last: list[Values | None] = [None for _ in self.lanes]
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
            self.lanes[index].update(measure)
        self._check()
        if evaluate:
            for index in self._alive():
                self._heldout[index] = self.lanes[index].evaluate()
        return self.frame() if measure and not self._all_diverged() else None

    def frame(self) -> Frame:
        """Return the frame of the current step, whose pass must have been measured (step 0 always is)."""
        alive, notes, lanes = self._alive(), list[Note](), list[Values]()
        for index in range(len(self.lanes)):
            values = self._last[index] or self._nothing(index)
            if index in alive:
                values = self._measure(index)
                notes += narration.notes(index, self._scene(index, values))
                if is_measured(self.step_count):  # frames that were asked for must leave no trace
                    self._last[index] = values
            lanes.append({**values, "alive": np.array(int(index in alive), np.uint8)})
        return Frame(self.step_count, tuple(lanes), tuple(notes))

    def _measure(self, index: int) -> Values:
        return probe.measure(
            self.lanes[index].measured(self._heldout[index] if evaluates(self.step_count) else None)
        )

    def _scene(self, index: int, values: Values) -> narration.Scene:
        lane, heldout = self.lanes[index], self._heldout[index]
        return narration.Scene(
            values,
            lane.model.activation,
            lane.data.classes,
            self.step_count,
            (heldout.accuracy, heldout.batch_accuracy),
        )

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
            loss = self.lanes[index].pass_loss
            if not math.isfinite(loss):
                layer, reason = self.lanes[index].culprit()
                self.divergences.append(
                    {
                        "lane": index,
                        "step": self.step_count,
                        "layer": layer,
                        "reason": reason,
                        "value": str(loss),
                    }
                )
