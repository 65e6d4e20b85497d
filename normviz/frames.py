"""Frames: what one step shows, and the self-describing binary form in which it travels.

A :class:`Schema` says once, as JSON, which fields a frame has; a frame is then 40 bytes of header, the fields' raw
little-endian numbers at the schema's offsets, and its notes as JSON. A reader finds fields by name and lane, so a new
quantity needs no change in any reader.
"""

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"NVZF"
VERSION = 1
HEADER = struct.Struct("<4sHHIIdIIQ")
MAX_BYTES = 16 * 2**20
DTYPES = {"u1": 1, "u2": 2, "u4": 4, "f4": 4, "f8": 8}
ALIGN = 8

Values = Mapping[str, NDArray[Any]]
Note = dict[str, Any]


class FrameError(ValueError):
    """Bytes that are not a frame of the expected version and size. The message says which part is wrong."""


@dataclass(frozen=True)
class Bins:
    """Equal bins from ``lo`` to ``hi``; with ``log10`` they are bins of the decimal logarithm of the magnitude."""

    lo: float
    hi: float
    n: int = 64
    log10: bool = False

    def edges(self) -> NDArray[np.float64]:
        """Return the ``n + 1`` edges, in the values' own unit. Shape (n + 1,)."""
        edges = np.linspace(self.lo, self.hi, self.n + 1)
        return 10.0**edges if self.log10 else edges


@dataclass(frozen=True)
class Field:
    """One array of a lane.

    Attributes:
        name: the field's name, unique within a lane.
        axes: the names of its axes: "layer" (hidden layers), "weights" (hidden layers and the output layer),
            "bin", "percentile", "side" (below, above), "unit", "row" and "column" of a grid, "coefficient" (three). No
            axis: one number.
        dtype: one of u1, u2, u4, f4, f8. ``u2`` holds fractions in units of 1/65535.
        label: what a chart calls it.
        unit: the unit of its values.
        description: one sentence, with the estimator where there is one.
        log: whether an axis of it is logarithmic.
        bins: the bins of a histogram.
        units: the length of an axis "unit".
        grid: the length of the axes "row" and "column".
    """

    name: str
    axes: tuple[str, ...]
    dtype: str
    label: str
    unit: str
    description: str
    log: bool = False
    bins: Bins | None = None
    units: int = 0
    grid: int = 0

    @property
    def scale(self) -> float:
        """What a raw number is multiplied with to be a value."""
        return 1 / 65535 if self.dtype == "u2" else 1.0


@dataclass(frozen=True)
class LaneInfo:
    """What a reader must know of a lane: name (A-D), title, activation, hidden layers, words for "saturated", model.

    ``device`` is what it trains on: "CPU" or the name of the GPU.
    """

    name: str
    title: str
    activation: str
    layers: int
    saturation: str
    model: str = "mlp"
    device: str = "CPU"


@dataclass(frozen=True)
class Placed:
    """A field of one lane with its shape and its offset in bytes from the start of the arrays."""

    field: Field
    lane: int
    shape: tuple[int, ...]
    offset: int


@dataclass(frozen=True)
class Flag:
    """A mark on the time axis: what changed in a lane after so many steps, in words."""

    step: int
    lane: int
    text: str


@dataclass(frozen=True)
class Cloud:
    """Some of the points that a lane trains on from a step on: x1 and x2 of each, and its class."""

    step: int
    x1: tuple[float, ...]
    x2: tuple[float, ...]
    y: tuple[int, ...]


@dataclass(frozen=True)
class Plane:
    """The plane of two inputs in the data's own coordinates, over which a lane's decision surface lies.

    Attributes:
        lane: the lane.
        lo: where the grid begins, (x1, x2).
        hi: where it ends.
        inputs: what the two inputs are called.
        classes: what the classes are called.
        clouds: the points from step 0 on, and others from each step on at which the data change.
    """

    lane: int
    lo: tuple[float, float]
    hi: tuple[float, float]
    inputs: tuple[str, str]
    classes: tuple[str, ...]
    clouds: tuple[Cloud, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that stands in the schema."""
        return {**vars(self), "clouds": [vars(cloud) for cloud in self.clouds]}


@dataclass(frozen=True)
class Schema:
    """All fields of a run's frames, in order, the marks on its time axis, and the planes of lanes with two inputs."""

    lanes: tuple[LaneInfo, ...]
    fields: tuple[Placed, ...]
    bytes: int
    flags: tuple[Flag, ...] = ()
    planes: tuple[Plane, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the schema as the JSON object that is sent once at connect."""
        return {
            "version": VERSION,
            "bytes": self.bytes,
            "lanes": [vars(lane) for lane in self.lanes],
            "flags": [vars(flag) for flag in self.flags],
            "planes": [plane.to_json() for plane in self.planes],
            "fields": [_field_json(placed) for placed in self.fields],
        }


def _field_json(placed: Placed) -> dict[str, Any]:
    bins = placed.field.bins
    return {
        **vars(placed.field),
        "bins": vars(bins) if bins else None,
        "lane": placed.lane,
        "shape": placed.shape,
        "offset": placed.offset,
        "scale": placed.field.scale,
    }


def _size(name: str, lane: LaneInfo, field: Field) -> int:
    if name == "bin" and field.bins:
        return field.bins.n
    sizes = {"layer": lane.layers, "weights": lane.layers + 1, "percentile": 5, "side": 2}
    own = {"unit": field.units, "row": field.grid, "column": field.grid, "coefficient": 3}
    return {**sizes, **own}[name]


def build_schema(lanes: Iterable[tuple[LaneInfo, Iterable[Field]]]) -> Schema:
    """Lay the fields of all lanes out one after another, each at a multiple of 8 bytes."""
    placed, offset, infos = [], 0, []
    for index, (info, fields) in enumerate(lanes):
        infos.append(info)
        for each in fields:
            shape = tuple(_size(axis, info, each) for axis in each.axes)
            placed.append(Placed(each, index, shape, offset))
            offset += -(-DTYPES[each.dtype] * int(np.prod(shape)) // ALIGN) * ALIGN
    return Schema(tuple(infos), tuple(placed), offset)


def is_milestone(step: int) -> bool:
    """Tell whether a step is always recorded: 0-10, and 1, 2, 5 times every power of ten."""
    return step <= 10 or step in {leading * 10 ** (len(str(step)) - 1) for leading in (1, 2, 5)}


@dataclass(frozen=True)
class Frame:
    """What one step shows.

    Attributes:
        step: how many updates the network has had; the frame's pass is of the minibatch after them.
        lanes: for every lane, its fields' values by name.
        notes: what is worth saying in words: ``{"lane": 0, "rule": "vanishing", "values": {...}}``.
    """

    step: int
    lanes: tuple[Values, ...]
    notes: tuple[Note, ...] = field(default=())


def encode(schema: Schema, frame: Frame, seq: int = 0, time: float = 0.0) -> bytes:
    """Write a frame. ``seq`` is its number in the run and ``time`` when it was emitted (unix seconds).

    Raises:
        KeyError: a field of the schema is missing.
        ValueError: an array has another shape than the schema says.
    """
    notes = (
        json.dumps(frame.notes, separators=(",", ":"), allow_nan=False).encode()
        if frame.notes
        else b"[]"
    )
    out = bytearray(HEADER.size + schema.bytes + len(notes))
    HEADER.pack_into(
        out, 0, MAGIC, VERSION, HEADER.size, seq, frame.step, time, schema.bytes, len(notes), 0
    )
    for placed in schema.fields:
        raw = _raw(placed, frame.lanes[placed.lane][placed.field.name])
        start = HEADER.size + placed.offset
        out[start : start + len(raw)] = raw
    out[HEADER.size + schema.bytes :] = notes
    return bytes(out)


def _raw(placed: Placed, value: NDArray[Any]) -> bytes:
    if value.shape != placed.shape:
        raise ValueError(
            f"{placed.field.name} has shape {value.shape}, the schema says {placed.shape}"
        )
    if placed.field.dtype == "u2":
        value = np.rint(np.clip(value, 0.0, 1.0) * 65535)
    return value.astype("<" + placed.field.dtype).tobytes()


@dataclass(frozen=True)
class Received:
    """A frame that was read, with what the header says of it."""

    seq: int
    time: float
    frame: Frame


def stamp(data: bytes) -> float:
    """Return the time of an encoded frame, in seconds since 1970 by the clock of whoever measured it."""
    return float(HEADER.unpack_from(data)[5])


def decode(schema: Schema, data: bytes) -> Received:
    """Read a frame.

    Raises:
        FrameError: the bytes are not a frame of this version and this schema.
    """
    if len(data) < HEADER.size:
        raise FrameError(f"a frame has at least {HEADER.size} bytes, here are {len(data)}")
    magic, version, header, seq, step, time, n_arrays, n_notes, _ = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise FrameError(f"a frame starts with {MAGIC!r}, here is {magic!r}")
    if version != VERSION or header != HEADER.size:
        raise FrameError(
            f"known is version {VERSION} with a header of {HEADER.size} bytes, here are {version} and {header}"
        )
    if (
        n_arrays != schema.bytes
        or len(data) != header + n_arrays + n_notes
        or len(data) > MAX_BYTES
    ):
        raise FrameError(
            f"the schema says {schema.bytes} bytes of arrays; "
            f"here are {n_arrays}, {n_notes} of notes and {len(data)} in all"
        )
    lanes: tuple[dict[str, NDArray[Any]], ...] = tuple({} for _ in schema.lanes)
    for placed in schema.fields:
        raw = np.frombuffer(
            data, "<" + placed.field.dtype, int(np.prod(placed.shape)), header + placed.offset
        )
        lanes[placed.lane][placed.field.name] = (
            raw * placed.field.scale if placed.field.dtype == "u2" else raw
        ).reshape(placed.shape)
    return Received(seq, time, Frame(step, lanes, _notes(data[header + n_arrays :])))


def _notes(data: bytes) -> tuple[Note, ...]:
    try:
        notes = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"the notes are not JSON: {error}") from None
    if not isinstance(notes, list) or not all(isinstance(note, dict) for note in notes):
        raise FrameError("the notes are not a list of objects")
    return tuple(notes)
