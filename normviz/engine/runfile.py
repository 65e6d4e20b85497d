r"""A run as a file of the store: facts, schema and frames behind a header with their lengths and a checksum.

Numbers are little-endian. The header is 56 bytes: ``NORMVIZ\n``, version (u2), length of the header (u2), bytes of the
facts, of the schema and of the frames (u4 each), and the SHA-256 of everything else, the header included. Facts and
schema are JSON; the frames follow one another as they were sent (docs/stream.md). Reading runs nothing of what is read.
"""

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from normviz.config import ConfigError, RunConfig, parse
from normviz.engine import reading, schema
from normviz.engine.run import OVER
from normviz.frames import HEADER, FrameError, Schema

MAGIC = b"NORMVIZ\n"
VERSION = 1
#: Magic, version, length of the header, bytes of facts, schema and frames.
_HEAD = struct.Struct("<8sHHIII")
_DIGEST = hashlib.sha256().digest_size
HEAD_BYTES = _HEAD.size + _DIGEST
MOST_TEXT = 4 * 2**20
MOST_BYTES = HEAD_BYTES + 2 * MOST_TEXT + reading.MOST_FRAMES_BYTES
STATUSES = OVER | {"running", "paused"}
LONGEST_BUILD = 400


class RunFileError(ValueError):
    """Bytes that are not a run. The message says what is wrong with them."""


@dataclass(frozen=True)
class StoredRun:
    """A run as it is kept.

    Attributes:
        id: the run's id.
        config: its configuration.
        status: running, paused, finished, diverged, failed or ended.
        step: updates so far.
        notice: what was said of its end.
        build: versions and machine that it was trained with, in one line.
        schema: describes the frames, as the JSON object that pages are sent.
        frames: (number, step, data), ascending in both.
    """

    id: str
    config: RunConfig
    status: str
    step: int
    notice: dict[str, Any] | None
    build: str
    schema: dict[str, Any]
    frames: tuple[tuple[int, int, bytes], ...]


def write(run: StoredRun) -> list[bytes]:
    """Return the file, as parts that follow one another."""
    facts = {
        "run": run.id,
        "config": json.loads(run.config.canonical()),
        "status": run.status,
        "step": run.step,
        "notice": run.notice,
        "build": run.build,
    }
    texts = [json.dumps(part, separators=(",", ":")).encode() for part in (facts, run.schema)]
    frames = [data for _, _, data in run.frames]
    sizes = (*map(len, texts), sum(map(len, frames)))
    head = _HEAD.pack(MAGIC, VERSION, HEAD_BYTES, *sizes)
    return [head, _digest([head, *texts, *frames]), *texts, *frames]


def read(data: bytes) -> StoredRun:
    """Read a file of the store.

    Raises:
        RunFileError: it is none, or damaged.
    """
    facts, sent, frames = _parts(data)
    config, status, step = _facts(facts)
    known = _schema(sent, config)
    try:
        notice = reading.notice(facts.get("notice"))
        found = tuple(_frames(frames, reading.Frames(known, config.steps)))
    except (FrameError, ValueError) as error:
        raise RunFileError(str(error)) from None
    if not found or found[-1][1] > step:
        raise RunFileError("no frame, or one beyond the last step")
    run, build = facts.get("run"), facts.get("build")
    if not isinstance(run, str) or not isinstance(build, str) or len(build) > LONGEST_BUILD:
        raise RunFileError("run or build is no text")
    return StoredRun(run, config, status, step, notice, build, sent, found)


def _digest(parts: Sequence[bytes | memoryview]) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def _parts(data: bytes) -> tuple[dict[str, Any], dict[str, Any], memoryview]:
    """Return facts, schema and frames once the lengths and the checksum are right."""
    if len(data) < HEAD_BYTES:
        raise RunFileError(f"{len(data)} bytes are less than its header")
    magic, version, header, *sizes = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise RunFileError("it does not begin like a file of normviz's store")
    if version != VERSION or header != HEAD_BYTES:
        raise RunFileError(f"version {version}; this normviz reads {VERSION}")
    if HEAD_BYTES + sum(sizes) != len(data):
        raise RunFileError(f"{len(data):,} bytes, and not {HEAD_BYTES + sum(sizes):,}: cut short?")
    if max(sizes[:2]) > MOST_TEXT or sizes[2] > reading.MOST_FRAMES_BYTES:
        raise RunFileError(f"parts of {sizes} bytes are too large")
    body = memoryview(data)[HEAD_BYTES:]
    if _digest([data[: _HEAD.size], body]) != data[_HEAD.size : HEAD_BYTES]:
        raise RunFileError("its checksum is not that of its contents")
    facts, sent = body[: sizes[0]], body[sizes[0] : sizes[0] + sizes[1]]
    return _json(facts), _json(sent), body[sizes[0] + sizes[1] :]


def _json(data: memoryview) -> dict[str, Any]:
    try:
        value = json.loads(bytes(data))
    except (ValueError, RecursionError) as error:
        raise RunFileError(f"facts or schema are not JSON: {str(error)[:200]}") from None
    if not isinstance(value, dict):
        raise RunFileError("facts or schema are no object")
    return value


def _facts(facts: dict[str, Any]) -> tuple[RunConfig, str, int]:
    try:
        config = parse(facts.get("config"))
    except ConfigError as error:
        raise RunFileError(f"config: {str(error)[:500]}") from None
    status, step = facts.get("status"), facts.get("step")
    if not isinstance(status, str) or status not in STATUSES:
        raise RunFileError(f"status {str(status)[:40]!r}")
    if type(step) is not int or not 0 <= step <= config.steps:
        raise RunFileError(f"step {str(step)[:40]} of {config.steps:,}")
    return config, status, step


def _schema(sent: dict[str, Any], config: RunConfig) -> Schema:
    try:
        known = schema.read(sent)
    except schema.SchemaError as error:
        raise RunFileError(str(error)) from None
    if len(known.lanes) != len(config.lanes()):
        raise RunFileError(f"{len(known.lanes)} lanes, and {len(config.lanes())} configured")
    return known


def _frames(data: memoryview, frames: reading.Frames) -> list[tuple[int, int, bytes]]:
    """Return the frames, each as long as its header says."""
    found, at = list[tuple[int, int, bytes]](), 0
    while at < len(data):
        if len(data) - at < HEADER.size:
            raise RunFileError("the last frame is cut short")
        *_, arrays, notes, _ = HEADER.unpack_from(data, at)
        size = HEADER.size + arrays + notes
        found.append(frames.check(bytes(data[at : at + size])))
        at += size
    return found
