"""The Trainer: steps all lanes of a run together and turns passes into frames."""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from normviz import probe
from normviz.config import RunConfig
from normviz.diagnosis import divergence
from normviz.frames import (
    Frame,
    Note,
    Values,
)
from normviz.nn.network import normed_after
from normviz.probe import Heldout, narration
from normviz.train.diagnosing import Diagnosis
from normviz.train.lane import Lane
from normviz.train.occasions import evaluates, is_measured
from normviz.train.schema import described
from normviz.train.surface import surfaces

#: Calls a function once for each lane, by number, in any order or at the same time, and returns when all are done.
Each = Callable[[Callable[[int], None], Sequence[int]], None]


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
        self.schema = described(config, self.lanes, self._surfaces)
        self.divergences: list[dict[str, Any]] = []
        self._heldout = [lane.evaluate() for lane in self.lanes]
        self._last: list[Values | None] = [None for _ in self.lanes]
        self._diagnosis = Diagnosis(self.lanes)
        for index, lane in enumerate(self.lanes):
            if math.isfinite(lane.pass_loss):
                self._diagnosis.follow(index, lane, 0)
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
        return self.advance(1, measure)

    def advance(self, steps: int, measure: bool) -> Frame | None:
        """Take up to so many steps, each lane all of them at a stretch; return the last frame as :meth:`step` does.

        Lanes that take turns after every step push each other out of the processor's caches. It ends early at a step
        that is always measured, before one at which a lane parts from lane A, and when all lanes have diverged.
        """
        span = self._span(steps)
        for index in self._alive():
            if self._forks.get(index) == span[0]:
                self.lanes[index] = self.lanes[0].fork()
        measure = measure or span[-1] == self.config.steps or is_measured(span[-1])
        found = dict[int, Values]()
        self._each(partial(self._go, span, measure, found), self._apart())
        self.step_count = max(self.lanes[index].updates for index in self._alive())
        self._check()
        if evaluates(self.step_count):
            for index in filter(self._rides, self._alive()):
                self._heldout[index] = self._heldout[0]
        return self._framed(found) if measure and not self._all_diverged() else None

    def _span(self, steps: int) -> range:
        """Return the steps that can be taken at a stretch."""
        first = self.step_count + 1
        parting = [at for at in self._forks.values() if at > first]
        end = min([first + steps, self.config.steps + 1, *parting])
        always = (step + 1 for step in range(first, end) if is_measured(step))
        return range(first, next(always, end))

    def _go(self, span: range, measure: bool, found: dict[int, Values], index: int) -> None:
        """Take the steps with one lane, and look at it after the last; one that diverges stops there."""
        lane, riders = self.lanes[index], self._one_with(index)
        for step in span:
            lane.update(measure and step == span[-1], self._turns[index].get(step))
            if not math.isfinite(lane.pass_loss):
                return
            for rider in riders:
                self._diagnosis.follow(rider, lane, step)
        if evaluates(span[-1]):
            self._heldout[index] = lane.evaluate(everything=span[-1] == self.config.steps)
        if measure:
            found[index] = self._measured(index, span[-1])

    def _one_with(self, index: int) -> list[int]:
        """Return the lane and, of lane A, those that are still the same one."""
        return [each for each in self._alive() if self.lanes[each] is self.lanes[index]]

    def _apart(self) -> list[int]:
        """Return the lanes that are still updated and are not lane A."""
        return [index for index in self._alive() if not self._rides(index)]

    def frame(self) -> Frame:
        """Return the frame of the current step, whose pass must have been measured (step 0 always is)."""
        return self._framed(
            {index: self._measured(index, self.step_count) for index in self._apart()}
        )

    def _framed(self, found: dict[int, Values]) -> Frame:
        """Return the frame of the current step from what was found in the lanes."""
        alive, notes, lanes = self._alive(), list[Note](), list[Values]()
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

    def let_go(self) -> None:
        """Let go of what was kept of the current pass to make its frame, which is most of the memory of a run."""
        for lane in self.lanes:
            lane.let_go()

    def _rides(self, index: int) -> bool:
        """Tell whether a lane is still lane A, which it will leave later."""
        return index > 0 and self.lanes[index] is self.lanes[0]

    def _measured(self, index: int, step: int) -> Values:
        lane, heldout, plane = self.lanes[index], self._heldout[index], self._surfaces[index]
        measured = lane.measured(heldout if evaluates(step) else None)
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
        """Take note of the lanes that have diverged since, in order."""
        for index in sorted(self._alive(), key=lambda each: (self.lanes[each].updates, each)):
            lane = self.lanes[index]
            if not math.isfinite(lane.pass_loss):
                layer, reason = lane.culprit()
                self.divergences.append(
                    {
                        "lane": index,
                        "step": lane.updates,
                        "layer": layer,
                        "reason": reason,
                        "value": str(lane.pass_loss),
                        **divergence.tried(lane.config, lane.updates, reason),
                    }
                )
