"""What the frames of a run hold: the schema, from its lanes."""

from collections.abc import Sequence
from dataclasses import replace

from normviz import catalog, probe
from normviz.config import LANES, RunConfig, describe
from normviz.frames import Field, Flag, LaneInfo, Schema, build_schema
from normviz.language import N_
from normviz.train import devices
from normviz.train.lane import Lane
from normviz.train.surface import Surface

ALIVE = Field(
    "alive",
    (),
    "u1",
    N_("Alive"),
    "",
    "1; 0 when this lane has diverged: its other fields are then those of its last finite pass at a "
    "step that is always measured",
)


def described(
    config: RunConfig, lanes: Sequence[Lane], surfaces: Sequence[Surface | None]
) -> Schema:
    """Return the schema of a run's frames; ``surfaces`` are the decision surfaces of those lanes that have one."""
    schema = build_schema(
        (_info(letter, title, lane), (ALIVE, *_fields(lane), *(plane.fields() if plane else ())))
        for letter, title, lane, plane in zip(
            LANES.upper(), config.titles(), lanes, surfaces, strict=False
        )
    )
    return replace(
        schema, planes=tuple(each.plane for each in surfaces if each), flags=_flags(config)
    )


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
