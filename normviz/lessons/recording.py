"""A recorded run as arrays: what a lesson judges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normviz.config import RunConfig
from normviz.frames import Bins, Field, Frame, LaneInfo, Placed, Schema, decode


@dataclass(frozen=True)
class Recording:
    """The frames of a run.

    Attributes:
        config: the run's configuration.
        schema: which fields the frames have, with their labels, units and bins.
        frames: the measured frames, by ascending step; at least one.
    """

    config: RunConfig
    schema: Schema
    frames: tuple[Frame, ...]

    @classmethod
    def of(
        cls, config: RunConfig, schema: Mapping[str, Any], frames: Iterable[bytes]
    ) -> "Recording":
        """Read the encoded frames of a run of our own; ``schema`` is its JSON object.

        Raises:
            ValueError: there is no frame.
        """
        known = _schema(schema)
        decoded = {each.step: each for each in (decode(known, data).frame for data in frames)}
        if not decoded:
            raise ValueError("a recording has at least one frame")
        return cls(config, known, tuple(decoded[step] for step in sorted(decoded)))

    @property
    def steps(self) -> tuple[int, ...]:
        """Return the measured steps, ascending."""
        return tuple(frame.step for frame in self.frames)

    @property
    def lanes(self) -> int:
        """Return how many lanes there are."""
        return len(self.schema.lanes)

    def title(self, lane: int, *, short: bool = False) -> str:
        """Return what makes a lane differ, in the language that is spoken here; empty where nothing does.

        ``short``: without the names of the fields.
        """
        return self.config.titles(short=short)[lane]

    def field(self, name: str, lane: int = 0) -> Field:
        """Return what the schema says of a field: label, unit, bins.

        Raises:
            KeyError: the lane has no such field.
        """
        for placed in self.schema.fields:
            if placed.lane == lane and placed.field.name == name:
                return placed.field
        raise KeyError(name)

    def value(self, field: str, lane: int = 0, step: int | None = None) -> NDArray[Any]:
        """Return a field at the last measured step that is not after ``step``, the last of all without one.

        Before the first measured step it is the first one's. A lane that has diverged has the values of its last
        finite pass: see :meth:`alive`.
        """
        return self._at(step).lanes[lane][field]

    def series(self, field: str, lane: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return the measured steps, shape (steps,), and a field at them, shape (steps, ...)."""
        values = [frame.lanes[lane][field] for frame in self.frames]
        return np.array(self.steps), np.stack(values)

    def alive(self, lane: int = 0, step: int | None = None) -> bool:
        """Tell whether a lane had not diverged at the last measured step that is not after ``step``."""
        return bool(self._at(step).lanes[lane]["alive"])

    def _at(self, step: int | None) -> Frame:
        before = [frame for frame in self.frames if step is None or frame.step <= step]
        return before[-1] if before else self.frames[0]


def _schema(sent: Mapping[str, Any]) -> Schema:
    """Return the schema that one of our own workers has written as JSON."""
    return Schema(
        tuple(LaneInfo(**lane) for lane in sent["lanes"]),
        tuple(_placed(raw) for raw in sent["fields"]),
        sent["bytes"],
    )


def _placed(raw: Mapping[str, Any]) -> Placed:
    known = Field.__dataclass_fields__.keys() - {"axes", "bins"}
    field = Field(
        **{name: raw[name] for name in known},
        axes=tuple(raw["axes"]),
        bins=Bins(**raw["bins"]) if raw["bins"] else None,
    )
    return Placed(field, raw["lane"], tuple(raw["shape"]), raw["offset"])
