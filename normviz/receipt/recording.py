"""A recording: a run's frames, their schema and its facts in one ``.normviz`` file, to look at again anywhere.

The file is a zip archive of ``facts.json``, ``schema.json`` and ``frames.bin``, the frames as they were sent, one after
another (docs/stream.md). Whoever opens one knows nothing of where it came from: sizes are bounded before anything is
unpacked, every part is checked, and nothing in it is ever run.
"""

import json
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from normviz.config import ConfigError, RunConfig, parse
from normviz.engine import reading
from normviz.engine import schema as schemas
from normviz.engine.reading import LARGEST, MOST_FRAMES_BYTES, MOST_NOTES
from normviz.frames import HEADER, FrameError, Schema
from normviz.receipt.sink import Sink

FORMAT = "normviz recording"
VERSION = 1
#: Bytes that a file may have, and what may come out of it: a record of 400 frames is rarely above 20 MB.
MOST_PACKED = 64 * 2**20
MOST_TEXT = 4 * 2**20
NAMES = ("facts.json", "schema.json", "frames.bin")
#: A zip archive's last 22 bytes (APPNOTE.TXT, 4.3.16), when it has no comment.
_END = struct.Struct("<4s4H2LH")
_LARGE = b"PK\x06\x07"
#: Statuses of a run that can be recorded; in a file everything is over.
_STATUSES = frozenset({"finished", "diverged", "failed", "ended"})


class RecordingError(ValueError):
    """A file that is not a recording, or a damaged one. The message says what is wrong and where."""


@dataclass(frozen=True)
class Recording:
    """What a file holds.

    Attributes:
        config: the run's configuration.
        status: how the run was: finished, diverged, failed or ended (also one that was still going on).
        notice: what was said of its end.
        schema: describes the frames.
        frames: (seq, step, data), ascending in both.
        origin: the versions and the machine it was recorded with, as the file says.
    """

    config: RunConfig
    status: str
    notice: dict[str, Any] | None
    schema: Schema
    frames: tuple[tuple[int, int, bytes], ...]
    origin: dict[str, Any]


def write(
    facts: dict[str, Any],
    notice: dict[str, Any] | None,
    schema: dict[str, Any],
    frames: Iterable[bytes],
) -> Iterator[bytes]:
    """Yield a recording, as parts of the file; ``schema`` is its JSON object."""
    head = {"format": FORMAT, "version": VERSION, "notice": notice, **facts}
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        archive.writestr("facts.json", json.dumps(head, indent=2, ensure_ascii=False))
        archive.writestr("schema.json", json.dumps(schema))
        with archive.open("frames.bin", "w") as file:
            for data in frames:
                file.write(data)
                yield sink.taken()
    yield sink.taken()


def read(packed: bytes) -> Recording:
    """Read a recording.

    Raises:
        RecordingError: it is none.
    """
    if len(packed) > MOST_PACKED:
        raise RecordingError(f"the file has more than {MOST_PACKED // 2**20} MB")
    with _opened(packed) as archive:
        facts = _json(archive, "facts.json")
        config, status, notice = _facts(facts)
        schema = _schema(_json(archive, "schema.json"), config)
        with _member(archive, "frames.bin") as file:
            frames = tuple(_frames(file, schema, config.steps))
    if not frames:
        raise RecordingError("frames.bin: no frame")
    return Recording(config, status, notice, schema, frames, _origin(facts))


def _opened(packed: bytes) -> zipfile.ZipFile:
    """Open the archive; its directory is small before it is read."""
    tail = packed[-_END.size :]
    if len(tail) < _END.size or packed[:2] != b"PK" or tail[:4] != b"PK\x05\x06":
        raise RecordingError("it is not a .normviz file (a zip archive without comment)")
    _, disk, start, here, entries, size, _, comment = _END.unpack(tail)
    large = packed[-_END.size - 20 :][:4] == _LARGE
    if disk or start or comment or here != entries or large or entries != len(NAMES) or size > 4096:
        raise RecordingError(f"the archive must hold {', '.join(NAMES)} and nothing else")
    try:
        archive = zipfile.ZipFile(BytesIO(packed))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise RecordingError(f"the archive is damaged: {error}") from None
    if sorted(archive.namelist()) != sorted(NAMES):
        raise RecordingError(f"the archive must hold {', '.join(NAMES)} and nothing else")
    for info in archive.infolist():
        plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if not plain or info.flag_bits & 1:
            raise RecordingError(
                f"{info.filename}: encrypted, or packed in a way that is not read here"
            )
        most = MOST_FRAMES_BYTES if info.filename == "frames.bin" else MOST_TEXT
        if info.file_size > most:
            raise RecordingError(f"{info.filename}: unpacked more than {most // 2**20} MB")
    return archive


def _read(file: zipfile.ZipExtFile, name: str, size: int) -> bytes:
    """Read up to ``size`` bytes, unpacking no more."""
    parts, left = list[bytes](), size
    try:
        while left and (part := file.read(min(left, 2**20))):
            parts.append(part)
            left -= len(part)
    except (zipfile.BadZipFile, EOFError, ValueError, OSError, zlib.error) as error:
        raise RecordingError(f"{name}: the archive is damaged: {error}") from None
    return b"".join(parts)


def _json(archive: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401 - any JSON
    with _member(archive, name) as file:
        data = _read(file, name, MOST_TEXT + 1)
    if len(data) > MOST_TEXT:
        raise RecordingError(f"{name}: unpacked more than {MOST_TEXT // 2**20} MB")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{name} is not JSON: {str(error)[:200]}") from None


def _member(archive: zipfile.ZipFile, name: str) -> Any:  # noqa: ANN401 - a zipfile.ZipExtFile
    try:
        return archive.open(name)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
        struct.error,
    ) as error:
        raise RecordingError(f"{name}: the archive is damaged: {error}") from None


def _facts(facts: Any) -> tuple[RunConfig, str, dict[str, Any] | None]:  # noqa: ANN401 - unknown input
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        raise RecordingError(f"facts.json: format is not {FORMAT!r}")
    if facts.get("version") != VERSION:
        found = repr(facts.get("version"))[:40]
        raise RecordingError(f"facts.json: version {found}; this normviz reads {VERSION}")
    try:
        config = parse(facts.get("config"))
    except ConfigError as error:
        raise RecordingError(f"facts.json: config: {str(error)[:500]}") from None
    status, notice = facts.get("status"), facts.get("notice")
    over = isinstance(status, str) and status in _STATUSES
    return config, str(status) if over else "ended", _notice(notice)


def _notice(notice: Any) -> dict[str, Any] | None:  # noqa: ANN401 - unknown input
    """Return the words of the run's end: a rule and plain values."""
    try:
        return reading.notice(notice)
    except ValueError as error:
        raise RecordingError(f"facts.json: {error}") from None


def _origin(facts: dict[str, Any]) -> dict[str, Any]:
    """Return versions and machine: short texts and numbers."""
    origin = {name: facts.get(name) for name in ("versions", "machine")}
    for name, values in origin.items():
        if not isinstance(values, dict) or len(values) > 32:
            raise RecordingError(f"facts.json: {name} is no object")
        for key, value in values.items():
            if len(key) > 80 or not (
                _small(value) or (isinstance(value, str) and len(value) <= 200)
            ):
                raise RecordingError(
                    f"facts.json: {name}: {key[:40]} is neither a whole number nor a short text"
                )
    return origin


def _small(value: Any) -> bool:  # noqa: ANN401 - unknown input
    return isinstance(value, int) and -LARGEST < value < LARGEST


def _schema(sent: Any, config: RunConfig) -> Schema:  # noqa: ANN401 - unknown input
    try:
        schema = schemas.read(sent)
    except schemas.SchemaError as error:
        raise RecordingError(f"schema.json: {error}") from None
    if len(schema.lanes) != len(config.lanes()):
        raise RecordingError(
            f"schema.json has {len(schema.lanes)} lanes, facts.json {len(config.lanes())}"
        )
    return schema


def _frames(
    file: zipfile.ZipExtFile, schema: Schema, steps: int
) -> Iterator[tuple[int, int, bytes]]:
    """Yield the frames, each of them checked; the size of all together is bounded."""
    frames, index = reading.Frames(schema, steps), 0
    while (data := _frame(file, f"frames.bin: frame {index}")) is not None:
        try:
            yield frames.check(data)
        except FrameError as error:
            raise RecordingError(f"frames.bin: frame {index}: {error}") from None
        index += 1


def _frame(file: zipfile.ZipExtFile, where: str) -> bytes | None:
    """Read one frame by the lengths in its header; None at the end."""
    head = _read(file, where, HEADER.size)
    if not head:
        return None
    if len(head) < HEADER.size:
        raise RecordingError(f"{where} is cut short")
    *_, arrays, notes, _ = HEADER.unpack(head)
    if arrays > MOST_FRAMES_BYTES or notes > MOST_NOTES:
        raise RecordingError(
            f"{where}: {arrays:,} bytes of arrays and {notes:,} of notes are too many"
        )
    return head + _read(file, where, arrays + notes)
