"""Data that a visitor brings: numbers and classes in memory, as long as somebody holds them, and never on a disk.

Runs hold the tables they use. For a page that has brought one the shelf itself holds it, for a while after the page's
last sign of life. Apart from that the shelf only finds what is held; when the last holder goes, it is gone.
"""

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from threading import Lock
from weakref import WeakValueDictionary

import numpy as np
from jaxtyping import Float32, Int64

from normviz.catalog import DATASETS
from normviz.config import RunConfig
from normviz.data.dataset import Dataset, fixed, split
from normviz.data.files import DataError
from normviz.language import _

#: Hexadecimal digits of a table's name.
DIGITS = 16


class ShelfFull(RuntimeError):
    """As many bytes of visitors' data are held as the settings allow."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table of numbers with a class for every row.

    Attributes:
        x: the numbers. Shape (rows, columns).
        y: the class of every row, 0 .. len(classes) - 1.
        columns: names of the columns.
        classes: names of the classes.
    """

    x: Float32[np.ndarray, "rows columns"]
    y: Int64[np.ndarray, " rows"]
    columns: tuple[str, ...]
    classes: tuple[str, ...]

    def packed(self) -> bytes:
        """Write it as bytes: a line of JSON, the numbers row by row, one byte for each class; little-endian."""
        head = {"rows": len(self.y), "columns": self.columns, "classes": self.classes}
        return b"".join(
            [
                json.dumps(head).encode() + b"\n",
                self.x.astype("<f4").tobytes(),
                self.y.astype("u1").tobytes(),
            ]
        )

    @staticmethod
    def unpacked(data: bytes) -> "Table":
        """Read what :meth:`packed` of this program has written."""
        line, _, numbers = data.partition(b"\n")
        head = json.loads(line)
        count = head["rows"] * len(head["columns"])
        x = np.frombuffer(numbers, "<f4", count).astype(np.float32).reshape(head["rows"], -1)
        y = np.frombuffer(numbers, "u1", head["rows"], 4 * count).astype(np.int64)
        return Table(x, y, tuple(head["columns"]), tuple(head["classes"]))

    @cached_property
    def name(self) -> str:
        """The first digits of the SHA-256 of all that is in it: the same data have the same name everywhere."""
        return hashlib.sha256(self.packed()).hexdigest()[:DIGITS]

    @property
    def nbytes(self) -> int:
        """How much memory it takes, about."""
        return self.x.nbytes + self.y.nbytes

    def dataset(self) -> Dataset:
        """Hold out a fifth of every class, chosen at random but always the same."""
        order = fixed(1).permutation(len(self.y))
        data = split(self.x[order], self.y[order])
        return replace(data, features=self.columns, labels=self.classes)


class Shelf:
    """Finds the tables that somebody in this process holds, by their names."""

    def __init__(self) -> None:
        self._tables: WeakValueDictionary[str, Table] = WeakValueDictionary()
        self._held: dict[str, tuple[float, Table]] = {}
        self._lock = Lock()

    def put(self, table: Table, most: int | None = None) -> Table:
        """Let a table be found, and return the one to hold: that which is there already where the data are the same.

        Args:
            table: the table.
            most: bytes that all tables together may take; no limit without it.

        Raises:
            ShelfFull: they would take more.
        """
        with self._lock:
            here = self._tables.get(table.name)
            if here is not None:
                return here
            taken = sum(each.nbytes for each in self._tables.values())
            if most is not None and taken + table.nbytes > most:
                raise ShelfFull(
                    _(
                        "Visitors' data may take {mb} MB of this server's memory, and they do. "
                        "Those of a closed page go after a while; try again then, or with a smaller file."
                    ).format(mb=f"{most / 2**20:.0f}")
                )
            self._tables[table.name] = table
            return table

    def hold(self, name: str, seconds: float) -> None:
        """Hold a table, if it is here, for so long from now on."""
        with self._lock:
            table = self._tables.get(name)
            if table is not None:
                self._held[name] = time.monotonic() + seconds, table

    def drop(self, name: str) -> None:
        """Hold it no longer."""
        with self._lock:
            self._held.pop(name, None)

    def sweep(self) -> None:
        """Let go of what has been held long enough."""
        now = time.monotonic()
        with self._lock:
            self._held = {name: held for name, held in self._held.items() if held[0] > now}

    def find(self, names: Iterable[str]) -> list[Table]:
        """Return those that are here."""
        with self._lock:
            found = [self._tables.get(name) for name in dict.fromkeys(names)]
        return [table for table in found if table is not None]

    def __len__(self) -> int:
        """How many are held."""
        return len(self._tables)


@cache
def shelf() -> Shelf:
    """Return this process's shelf."""
    return Shelf()


def used_by(config: RunConfig) -> tuple[Table, ...]:
    """Return the tables that a run needs, as far as they are here."""
    lanes = enumerate(config.lanes())
    seen = [each for index, lane in lanes for each in (lane, *config.turns(index).values())]
    return tuple(shelf().find(each.own for each in seen if DATASETS[each.dataset].private))


def available() -> bool:
    """Tell whether there is anything on the shelf."""
    return len(shelf()) > 0


def load(own: str = "") -> Dataset:
    """Return a visitor's data by their name.

    Raises:
        DataError: they are not here.
    """
    for table in shelf().find([own]):
        return table.dataset()
    if not own:
        raise DataError(
            "No data of your own are here yet. Upload a CSV file in the sidebar, below the data set."
        )
    raise DataError(
        f"This run is about a visitor's own data ({own}). A link does not hold them, and they are not on this server, "
        "or not any more. Whoever has the CSV file can upload it in the sidebar, below the data set, and then press "
        "Run again; the same file gets the same link."
    )
