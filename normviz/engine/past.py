"""Frames of one run as frames of another that has them in common: the same arrays, in another place and order."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from normviz.config import RunConfig, shared_past
from normviz.engine.messages import Started
from normviz.engine.run import Run
from normviz.frames import HEADER, MAGIC, VERSION

#: What must agree of a field, so that its numbers mean the same.
SAME = ("name", "axes", "dtype", "shape", "bins", "scale")


@dataclass(frozen=True)
class Translation:
    """From frames of one schema to frames of another.

    Attributes:
        moves: for every field (where it is there, its bytes, where it is here).
        nbytes: the size of a frame's arrays here.
        lanes: for every lane here, the one that it is there.
    """

    moves: tuple[tuple[int, int, int], ...]
    nbytes: int
    lanes: tuple[int, ...]

    @classmethod
    def between(
        cls, there: Mapping[str, Any], here: Mapping[str, Any], lanes: Sequence[int]
    ) -> "Translation | None":
        """Return the translation; None where a lane has other fields than the one that it is there.

        The schemas are JSON objects, see :meth:`normviz.frames.Schema.to_json`.
        """
        known = {(field["lane"], field["name"]): field for field in there["fields"]}
        moves = list[tuple[int, int, int]]()
        for field in here["fields"]:
            was = known.get((lanes[field["lane"]], field["name"]))
            if was is None or any(_listed(was[key]) != _listed(field[key]) for key in SAME):
                return None
            moves.append((was["offset"], _size(field), field["offset"]))
        if _grids(here, range(len(lanes))) != _grids(there, lanes):
            return None
        return cls(tuple(moves), here["bytes"], tuple(lanes))

    def frame(self, data: bytes, seq: int) -> bytes:
        """Return a frame of the one schema as frame number ``seq`` of the other."""
        _, _, header, _, step, time, n_arrays, _, _ = HEADER.unpack_from(data)
        notes = self._notes(data[header + n_arrays :])
        out = bytearray(HEADER.size + self.nbytes + len(notes))
        head = (MAGIC, VERSION, HEADER.size, seq, step, time, self.nbytes, len(notes), 0)
        HEADER.pack_into(out, 0, *head)
        arrays = memoryview(data)[header : header + n_arrays]
        for start, size, place in self.moves:
            to = HEADER.size + place
            out[to : to + size] = arrays[start : start + size]
        out[HEADER.size + self.nbytes :] = notes
        return bytes(out)

    def _notes(self, data: bytes) -> bytes:
        """Say of every lane here what was said of the one that it is there."""
        notes = json.loads(data)
        said = [
            {**note, "lane": lane}
            for lane, was in enumerate(self.lanes)
            for note in notes
            if note.get("lane") == was
        ]
        return json.dumps(said, separators=(",", ":")).encode()


def _listed(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a tuple as the list that it is once it has been JSON."""
    return list(value) if isinstance(value, tuple) else value


def _grids(schema: Mapping[str, Any], lanes: Sequence[int]) -> list[Any]:
    """Return where the decision surface of each lane lies; None of a lane without one."""
    planes = {plane["lane"]: (*plane["lo"], *plane["hi"]) for plane in schema["planes"]}
    return [planes.get(lane) for lane in lanes]


def _size(field: Mapping[str, Any]) -> int:
    size = int(field["dtype"][1:])
    for length in field["shape"]:
        size *= length
    return size


def parting(runs: Iterable[Run], config: RunConfig, knows: Callable[[Run], bool]) -> Run | None:
    """Return the run from which this configuration parts last, of those whose worker may still have a state of it."""
    found: tuple[int, Run | None] = (0, None)
    for run in runs:
        if run.step > found[0] and run.schema is not None and knows(run):
            past = shared_past(run.config, config)
            if past and min(past.until, run.step) > found[0]:
                found = min(past.until, run.step), run
    return found[1]


def recall(run: Run, started: Started) -> None:
    """Give the run the frames that it has in common with its past, up to where it goes on."""
    if not started.step or run.past is None:
        return
    past, count = run.past
    shared = shared_past(past.config, run.config)
    if shared is None or past.schema is None:
        return
    translation = Translation.between(past.schema, started.schema, shared.lanes)
    frames = past.record.until(started.step)
    for seq, (step, data) in enumerate(frames, count - len(frames)):
        if translation:
            run.record.append(seq, step, translation.frame(data, seq))
