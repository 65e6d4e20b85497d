"""Frames of one run as frames of another that has them in common: the same arrays, in another place and order."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
