"""Read a CSV file of anybody's: numeric columns and one column of classes. Nothing in it is ever evaluated."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from normviz.data.own import Table
from normviz.language import _

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


def limits() -> str:
    """Say what a file may be."""
    return _(
        "At most {mb} MB, {rows} rows, {columns} columns of numbers; 2 to {classes} classes of at least {least} rows "
        "each."
    ).format(
        mb=MOST_BYTES // 2**20,
        rows=f"{MOST_ROWS:,}",
        columns=f"{MOST_COLUMNS:,}",
        classes=MOST_CLASSES,
        least=LEAST_ROWS,
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
            _("no column is called {name}; there are {names}").format(
                name=_quoted(label), names=", ".join(map(_quoted, names))[:200]
            )
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
        raise CsvError(
            _("the file has {bytes} bytes; at most {most}").format(
                bytes=f"{len(data):,}", most=f"{MOST_BYTES:,}"
            )
        )
    if not data.strip():
        raise CsvError(_("the file is empty"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise CsvError(_("the file is text in UTF-16; save it as CSV in UTF-8"))
    if b"\0" in data:
        raise CsvError(
            _("byte {place} is zero: this is no text file; save the table as CSV").format(
                place=f"{data.index(0) + 1:,}"
            )
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvError(
            _("byte {place} is not UTF-8 text; save the table as CSV in UTF-8").format(
                place=f"{error.start + 1:,}"
            )
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
                raise CsvError(_("row {row} is empty").format(row=row - empty))
            yield cells
    except csv.Error as error:
        raise CsvError(_("row {row}: {what}").format(row=row + 1, what=error)) from None


def _header(cells: Sequence[str]) -> tuple[str, ...]:
    names = tuple(cell.strip() for cell in cells)
    if not names:
        raise CsvError(_("there is nothing but empty cells"))
    if len(names) < 2:
        raise CsvError(
            _("there is only one column; a table has numbers and a class, separated by commas")
        )
    if len(names) > MOST_COLUMNS + 1:
        raise CsvError(
            _("there are {n} columns of numbers; at most {most}").format(
                n=f"{len(names) - 1:,}", most=f"{MOST_COLUMNS:,}"
            )
        )
    if all(_NUMBER.fullmatch(name) for name in names):
        raise CsvError(_("row 1 holds numbers; the first row has to name the columns"))
    if problems := list(_misnamed(names)):
        raise CsvError(*problems[:TOLD])
    return names


def _misnamed(names: Sequence[str]) -> Iterator[str]:
    """Say which columns have no name, none that can be used, or that of another."""
    for place, name in enumerate(names, 1):
        first = names.index(name) + 1
        if not name:
            yield _("row 1: column {column} has no name").format(column=place)
        elif fault := _fault(name):
            yield _at(1, place, _said(name, fault))
        elif first != place:
            yield _("row 1: columns {first} and {second} are both called {name}").format(
                first=first, second=place, name=_quoted(name)
            )


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
            problems.append(
                _("row {row} has {cells} cells, the header has {columns}").format(
                    row=row, cells=len(cells), columns=len(names)
                )
            )
        if len(labels) > MOST_ROWS:
            raise CsvError(_("there are more than {most} rows").format(most=f"{MOST_ROWS:,}"))
        if len(problems) >= TOLD:
            raise CsvError(*problems[:TOLD], _("and perhaps more: the rest was not read"))
    if problems:
        raise CsvError(*problems)
    if not labels:
        raise CsvError(_("there is a header and no row below it"))
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
            yield _at(row, _quoted(name), _said(cell, fault) if cell else _("the cell is empty"))


def _at(row: int, column: object, what: str) -> str:
    return _("row {row}, column {column}: {what}").format(row=row, column=column, what=what)


def _said(text: str, fault: str) -> str:
    return _("{text} {fault}").format(text=_quoted(text), fault=fault)


def _no_number(cell: str) -> str:
    """Say why a cell has no usable number, or nothing."""
    if _NUMBER.fullmatch(cell):
        if abs(float(cell)) <= FARTHEST:
            return ""
        return _("is too far from 0; at most {most}").format(most=f"{FARTHEST:g}")
    unknown = cell.lower().lstrip("+-") in _NO_NUMBERS
    return _("is no finite number") if unknown else _("is not a number")


def _fault(name: str) -> str:
    """Say what is wrong with the name of a column or a class, or nothing."""
    if not name:
        return _("is empty")
    if len(name) > LONGEST:
        return _("has {n} characters; at most {most}").format(n=f"{len(name):,}", most=LONGEST)
    if name.startswith(_FORMULA) and not _NUMBER.fullmatch(name):
        return _("begins like a formula; names begin otherwise")
    return "" if name.isprintable() else _("has characters that cannot be shown")


def _classes(labels: Sequence[str], column: str) -> tuple[str, ...]:
    """Return the classes in order: numbers by their size, else by name."""
    names = Counter(labels)
    if len(names) < 2:
        raise CsvError(
            _(
                "the column of classes, {column}, has one value only, {value}; a network has to tell two classes apart"
            ).format(column=_quoted(column), value=_quoted(labels[0]))
        )
    if len(names) > MOST_CLASSES:
        raise CsvError(
            _(
                "the column of classes, {column}, has {n} different values; at most {most}. Is it the right column?"
            ).format(column=_quoted(column), n=f"{len(names):,}", most=MOST_CLASSES)
        )
    if few := sorted(name for name, count in names.items() if count < LEAST_ROWS):
        raise CsvError(
            *(
                _("class {name} has too few rows, {rows}; at least {least}").format(
                    name=_quoted(name), rows=names[name], least=LEAST_ROWS
                )
                for name in few[:TOLD]
            )
        )
    numeric = all(_NUMBER.fullmatch(name) for name in names)
    return tuple(sorted(names, key=lambda name: (float(name) if numeric else 0.0, name)))


def _quoted(text: str) -> str:
    """Write text of the file for a message, cut short, with nothing in it that cannot be shown."""
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")
