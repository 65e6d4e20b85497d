"""The files that a run can be taken away as."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from normviz.config import RunConfig
from normviz.engine import schema
from normviz.frames import Schema
from normviz.receipt import facts, recording, report, script, table


@dataclass(frozen=True)
class Kept:
    """A run as it was when somebody asked for a file of it.

    Attributes:
        sent: the schema's JSON object, as the worker sent it.
        lane: which lane, for a file that is about one.
        address: where the app is, for the link in the report.
        origin: of a run that came with a recording, its versions and machine.
    """

    run: str
    config: RunConfig
    status: str
    notice: dict[str, Any] | None
    sent: Mapping[str, Any]
    frames: Sequence[bytes]
    lane: int = 0
    address: str = ""
    origin: Mapping[str, Any] | None = None

    @cached_property
    def schema(self) -> Schema:
        """Return the schema."""
        return schema.read(json.loads(json.dumps(self.sent)))

    def facts(self) -> dict[str, Any]:
        """Gather the facts."""
        return facts.gather(
            self.run, self.config, self.status, self.schema, self.frames, self.origin
        )


@dataclass(frozen=True)
class File:
    """One kind of file: its media type, what writes it, and whether there is one of every lane."""

    type: str
    write: Callable[[Kept], Iterator[bytes]]
    by_lane: bool = False


def _csv(kept: Kept) -> Iterator[bytes]:
    yield from table.csv(kept.run, kept.schema, kept.frames)


def _parquet(kept: Kept) -> Iterator[bytes]:
    yield from table.parquet(kept.run, kept.schema, kept.frames)


def _script(kept: Kept) -> Iterator[bytes]:
    yield script.write(kept.config, kept.lane, kept.schema.lanes[kept.lane].device).encode()


def _report(kept: Kept) -> Iterator[bytes]:
    yield from report.write(kept.facts(), kept.config, kept.schema, kept.frames, kept.address)


def _facts(kept: Kept) -> Iterator[bytes]:
    yield facts.written(kept.facts())


def _recording(kept: Kept) -> Iterator[bytes]:
    yield from recording.write(kept.facts(), kept.notice, kept.schema.to_json(), kept.frames)


#: By the last part of their address.
FILES = {
    "data.csv": File("text/csv; charset=utf-8", _csv),
    "data.parquet": File("application/vnd.apache.parquet", _parquet),
    "script.py": File("text/x-python; charset=utf-8", _script, by_lane=True),
    "report.html": File("text/html; charset=utf-8", _report),
    "facts.json": File("application/json", _facts),
    "recording.normviz": File("application/octet-stream", _recording),
}
