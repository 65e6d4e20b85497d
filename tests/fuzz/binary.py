"""Frames, files of the store and recordings."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Sequence

import numpy as np

from normviz import frames
from normviz.config import RunConfig
from normviz.engine import runfile
from normviz.engine.runfile import RunFileError, StoredRun
from normviz.frames import Bins, Field, Frame, FrameError, LaneInfo, build_schema
from normviz.receipt import recording
from normviz.receipt.recording import RecordingError
from tests.fuzz.target import Target

_FIELDS = [
    Field("loss", (), "f4", "Loss", "nats", ""),
    Field("act_mean", ("layer",), "f8", "Mean", "", ""),
    Field("act_hist", ("layer", "bin"), "u2", "Histogram", "", "", bins=Bins(-1.0, 1.0, 3)),
    Field("seen", ("weights",), "u4", "", "", ""),
    Field("kind", ("percentile",), "u1", "", "", ""),
]
SCHEMA = build_schema([(LaneInfo("A", "", "relu", 2, "0"), _FIELDS)])
CONFIG = RunConfig(steps=50)
PARTS = b"\n--\n"


def frame(step: int, seq: int, *notes: frames.Note) -> bytes:
    """Return a frame of the schema."""
    lane = {each.field.name: np.full(each.shape, 0.5) for each in SCHEMA.fields}
    return frames.encode(SCHEMA, Frame(step, (lane,), notes), seq, 1e9 + seq)


NOTE = {"lane": 0, "rule": "vanishing", "values": {"layer": 1, "ratio": 1e-6}}
FRAMES = (frame(0, 0), frame(1, 1, NOTE), frame(50, 7, NOTE, NOTE))


def read_frame(data: bytes) -> None:
    """Read one frame and look at all that is in it."""
    received = frames.decode(SCHEMA, data)
    for placed in SCHEMA.fields:
        assert received.frame.lanes[placed.lane][placed.field.name].shape == placed.shape
    assert all(isinstance(note, dict) for note in received.frame.notes)


def with_lengths(data: bytes) -> tuple[bytes, ...]:
    """Let the header have the length that the notes have."""
    room = len(data) - frames.HEADER.size - SCHEMA.bytes
    if room < 0:
        return (data,)
    return data, data[:24] + struct.pack("<II", SCHEMA.bytes, room) + data[32:]


# -- files of the store ------------------------------------------------------------------------------------------


def stored(status: str = "finished") -> bytes:
    """Return a file of the store."""
    schema = json.loads(json.dumps(SCHEMA.to_json()))
    notice = {"rule": "loss_not_finite", "values": {"step": 50, "reason": "it is nan"}}
    kept = tuple((seq, step, data) for seq, step, data in zip((0, 1, 7), (0, 1, 50), FRAMES))  # noqa: B905
    run = f"{CONFIG.key()}-0a-1"
    return b"".join(
        runfile.write(StoredRun(run, CONFIG, status, 50, notice, "build", schema, kept))
    )


def read_stored(data: bytes) -> None:
    """Read a file of the store, and write it again."""
    run = runfile.read(data)
    assert run.frames and run.frames[-1][1] <= run.step <= run.config.steps
    assert runfile.read(b"".join(runfile.write(run))) == run


def sealed(data: bytes) -> tuple[bytes, ...]:
    """Put the lengths and the checksum of a file of the store right."""
    head = runfile.HEAD_BYTES
    if len(data) < head:
        return (data,)
    facts, schema = struct.unpack_from("<II", data, 12)
    room = len(data) - head
    facts = min(facts, room)
    schema = min(schema, room - facts)
    start = struct.pack("<8sHHIII", runfile.MAGIC, 1, head, facts, schema, room - facts - schema)
    digest = hashlib.sha256(start + data[head:]).digest()
    return data, start + digest + data[head:]


# -- recordings --------------------------------------------------------------------------------------------------


def facts() -> dict[str, object]:
    """Return what a recording says of its run."""
    versions = {"python": "3.11.2", "torch": "2.13.0"}
    config = json.loads(CONFIG.canonical())
    return {
        "config": config,
        "status": "finished",
        "versions": versions,
        "machine": {"cpu": "x86", "cores": 2},
    }


def recordings() -> Sequence[bytes]:
    """Return a recording, and what is inside one."""
    schema = SCHEMA.to_json()
    packed = b"".join(recording.write(facts(), None, schema, FRAMES))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        inside = [archive.read(name) for name in ("facts.json", "schema.json", "frames.bin")]
    return packed, PARTS.join(inside)


def zipped(data: bytes) -> tuple[bytes, ...]:
    """Read what the fuzzer wrote as a recording, and as what is inside one."""
    inside = data.split(PARTS, 2)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, part in zip(("facts.json", "schema.json", "frames.bin"), inside, strict=False):
            archive.writestr(name, part)
    return data, sink.getvalue()


def read_recording(data: bytes) -> None:
    """Read a recording, and write it again."""
    found = recording.read(data)
    assert found.frames and found.frames[-1][1] <= found.config.steps


JSON_WORDS = (b"null", b"NaN", b"1e999", b'"\\ud800"', b"{}", b"[[]]", b"true", b"-0", b"9" * 40)

TARGETS = {
    "frames": Target(read_frame, (FrameError,), lambda: FRAMES, with_lengths, JSON_WORDS),
    "store": Target(read_stored, (RunFileError,), lambda: [stored()], sealed, JSON_WORDS),
    "recording": Target(read_recording, (RecordingError,), recordings, zipped, JSON_WORDS),
}
