"""Read a CSV file of anybody's: numeric columns and one column of classes. Nothing in it is ever evaluated."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from normviz.data.own import Table

MOST_BYTES = 2 * 2**20
MOST_ROWS = 20_000
MOST_COLUMNS = 1_000
MOST_CLASSES = 50
#: Rows that a class has at least, so that one of them can be held out.
LEAST_ROWS = 5
#: Characters of a name.
LONGEST = 40
#: A number is no further from 0.
FARTHEST = 1e12
#: Problems that are told at once.
TOLD = 5

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_NO_NUMBERS = frozenset({"nan", "inf", "infinity", "na", "n/a", "null", "none"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SEPARATORS = ",;\t"

LIMITS = (
    f"At most {MOST_BYTES // 2**20} MB, {MOST_ROWS:,} rows, {MOST_COLUMNS:,} columns of numbers; 2 to {MOST_CLASSES} "
    f"classes of at least {LEAST_ROWS} rows each."
)


class CsvError(ValueError):
    """A file that cannot be used. ``problems`` are sentences that name row and column; text of the file is quoted."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


def header(data: bytes) -> tuple[str, ...]:
    """Return the names of the columns.

    Raises:
        CsvError: there is no header, or it is none.
    """
    return _header(next(_rows(_text(data)), []))


def read(data: bytes, label: str | None = None) -> Table:
    """Read a table.

    Args:
        data: the file. UTF-8; columns are separated by commas, semicolons or tabs, whichever the first line has most
            of. The first row has the names of the columns.
        label: name of the column with the classes; the last one without it.

    Raises:
        CsvError: naming row and column, the header being row 1.
    """
    rows = _rows(_text(data))
    names = _header(next(rows, []))
    if label is not None and label not in names:
        raise CsvError(
            f"no column is called {_quoted(label)}; there are {', '.join(map(_quoted, names))[:200]}"
        )
    at = len(names) - 1 if label is None else names.index(label)
    numbers, labels = _body(rows, names, at)
    classes = _classes(labels, names[at])
    index = {name: number for number, name in enumerate(classes)}
    columns = tuple(name for place, name in enumerate(names) if place != at)
    y = np.array([index[each] for each in labels], np.int64)
    return Table(np.array(numbers, np.float32), y, columns, classes)


def _text(data: bytes) -> str:
    """Decode a file of text."""
    if len(data) > MOST_BYTES:
        raise CsvError(f"the file has {len(data):,} bytes; at most {MOST_BYTES:,}")
    if not data.strip():
        raise CsvError("the file is empty")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CsvError("the file is text in UTF-16; save it as CSV in UTF-8")
    if b"\0" in data:
        raise CsvError(
            f"byte {data.index(0) + 1:,} is zero: this is no text file; save the table as CSV"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvError(
            f"byte {error.start + 1:,} is not UTF-8 text; save the table as CSV in UTF-8"
        ) from None


def _rows(text: str) -> Iterator[list[str]]:
    """Yield the rows; empty lines at the end are none."""
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    row, empty = 0, 0
    try:
        for cells in reader:
            row += 1
            if not any(cells):
                empty += 1
                continue
            if empty:
                raise CsvError(f"row {row - empty} is empty")
            yield cells
    except csv.Error as error:
        raise CsvError(f"row {row + 1}: {error}") from None


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in cells)
    if not names:
        raise CsvError("there is nothing but empty cells")
    if len(names) < 2:
        raise CsvError(
            "there is only one column; a table has numbers and a class, separated by commas"
        )
    if len(names) > MOST_COLUMNS + 1:
        raise CsvError(f"there are {len(names) - 1:,} columns of numbers; at most {MOST_COLUMNS:,}")
    if all(_NUMBER.fullmatch(name) for name in names):
        raise CsvError("row 1 holds numbers; the first row has to name the columns")
    if problems := list(_misnamed(names)):
        raise CsvError(*problems[:TOLD])
    return names


def _misnamed(names: Sequence[str]) -> Iterator[str]:
    """Say which columns have no name, none that can be used, or that of another."""
    for place, name in enumerate(names, 1):
        first = names.index(name) + 1
        if not name:
            yield f"row 1: column {place} has no name"
        elif fault := _fault(name):
            yield f"row 1, column {place}: {_quoted(name)} {fault}"
        elif first != place:
            yield f"row 1: columns {first} and {place} are both called {_quoted(name)}"


def _body(
    rows: Iterator[list[str]], names: Sequence[str], at: int
) -> tuple[list[list[float]], list[str]]:
    """Return the numbers and the classes of all rows."""
    numbers, labels, problems = list[list[float]](), list[str](), list[str]()
    for row, cells in enumerate(rows, 2):
        if len(cells) == len(names):
            labels.append(cells[at].strip())
            numbers.append(_numbers([*cells[:at], *cells[at + 1 :]]))
            usable = all(-FARTHEST <= value <= FARTHEST for value in numbers[-1])
            if not usable or _fault(labels[-1]):
                problems += _faults(row, cells, names, at)
        else:
            problems.append(f"row {row} has {len(cells)} cells, the header has {len(names)}")
        if len(labels) > MOST_ROWS:
            raise CsvError(f"there are more than {MOST_ROWS:,} rows")
        if len(problems) >= TOLD:
            raise CsvError(*problems[:TOLD], "and perhaps more: the rest was not read")
    if problems:
        raise CsvError(*problems)
    if not labels:
        raise CsvError("there is a header and no row below it")
    return numbers, labels


def _numbers(cells: Sequence[str]) -> list[float]:
    """Return the cells' numbers, not-a-number where a cell has none."""
    bare = (cell.strip() for cell in cells)
    return [float(cell) if _NUMBER.fullmatch(cell) else math.nan for cell in bare]


def _faults(row: int, cells: Sequence[str], names: Sequence[str], at: int) -> Iterator[str]:
    """Say what is wrong with the cells of a row, the one at ``at`` being a class."""
    for place, (cell, name) in enumerate(zip(map(str.strip, cells), names, strict=True)):
        fault = _fault(cell) if place == at else _no_number(cell)
        if fault:
            said = f"{_quoted(cell)} {fault}" if cell else "the cell is empty"
            yield f"row {row}, column {_quoted(name)}: {said}"


def _no_number(cell: str) -> str:
    """Say why a cell has no usable number, or nothing."""
    if _NUMBER.fullmatch(cell):
        return "" if abs(float(cell)) <= FARTHEST else f"is too far from 0; at most {FARTHEST:g}"
    unknown = cell.lower().lstrip("+-") in _NO_NUMBERS
    return "is no finite number" if unknown else "is not a number"


def _fault(name: str) -> str:
    """Say what is wrong with the name of a column or a class, or nothing."""
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"has {len(name):,} characters; at most {LONGEST}"
    if name.startswith(_FORMULA) and not _NUMBER.fullmatch(name):
        return "begins like a formula; names begin otherwise"
    return "" if name.isprintable() else "has characters that cannot be shown"


def _classes(labels: Sequence[str], column: str) -> tuple[str, ...]:
    """Return the classes in order: numbers by their size, else by name."""
    names = Counter(labels)
    where = f"the column of classes, {_quoted(column)}, "
    if len(names) < 2:
        raise CsvError(
            f"{where}has one value only, {_quoted(labels[0])}; a network has to tell two classes apart"
        )
    if len(names) > MOST_CLASSES:
        raise CsvError(
            f"{where}has {len(names):,} different values; at most {MOST_CLASSES}. Is it the right column?"
        )
    if few := sorted(name for name, count in names.items() if count < LEAST_ROWS):
        raise CsvError(
            *(
                f"class {_quoted(name)} has too few rows, {names[name]}; at least {LEAST_ROWS}"
                for name in few[:TOLD]
            )
        )
    numeric = all(_NUMBER.fullmatch(name) for name in names)
    return tuple(sorted(names, key=lambda name: (float(name) if numeric else 0.0, name)))


def _quoted(text: str) -> str:
    """Write text of the file for a message, cut short, with nothing in it that cannot be shown."""
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
