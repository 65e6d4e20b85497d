"""The data of all charts as one long table: a row for every number or list of numbers of every recorded step.

The columns are run, lane, step, layer, quantity, value and values: ``value`` is a number, ``values`` a list (the bins
of a histogram, percentiles, the shares outside the bins), and the other one is empty; of several axes
the last runs fastest. Layers are counted from 1; of the
quantities that belong to weights the last layer is the output layer. What belongs to the whole network has no layer.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normviz.frames import Placed, Schema, decode
from normviz.receipt.sink import Sink

COLUMNS = ("run", "lane", "step", "layer", "quantity", "value", "values")
#: Axes that become the column ``layer``.
BY_LAYER = frozenset({"layer", "weights"})
#: Frames that are written together; so many are in memory at a time.
AT_ONCE = 16
#: Digits that tell all numbers of a type apart; u2 holds shares in units of 1/65535.
_DIGITS = {"f4": 9, "f8": 17, "u2": 6, "u1": 3, "u4": 10}

#: lane, step, layer or None, quantity, and the numbers: no axis, or one.
Row = tuple[str, int, int | None, Placed, NDArray[Any]]


def rows(schema: Schema, data: bytes) -> Iterator[Row]:
    """Yield the rows of one frame.

    Raises:
        normviz.frames.FrameError: the bytes are not a frame of this schema.
    """
    frame = decode(schema, data).frame
    for placed in schema.fields:
        lane, name = schema.lanes[placed.lane].name, placed.field.name
        values = frame.lanes[placed.lane][name]
        if placed.field.axes[:1] and placed.field.axes[0] in BY_LAYER:
            for layer, value in enumerate(values, 1):
                yield lane, frame.step, layer, placed, np.asarray(value).ravel()
        else:
            yield lane, frame.step, None, placed, values.ravel()


def is_list(placed: Placed) -> bool:
    """Tell whether a row of this field holds a list."""
    return len([axis for axis in placed.field.axes if axis not in BY_LAYER]) > 0


def csv(run: str, schema: Schema, frames: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the table as CSV, frame by frame: UTF-8, a header, lists as JSON; nan and inf are written so."""
    yield (",".join(COLUMNS) + "\r\n").encode()
    for data in frames:
        yield "".join(_line(run, row) for row in rows(schema, data)).encode()


def _line(run: str, row: Row) -> str:
    lane, step, layer, placed, values = row
    spec = f".{_DIGITS[placed.field.dtype]}g"
    written = [format(value, spec) for value in values.tolist()]
    number = "" if is_list(placed) else written[0]
    numbers = f'"[{", ".join(written)}]"' if is_list(placed) else ""
    where = "" if layer is None else str(layer)
    return (
        ",".join(
            [
                _quoted(run),
                _quoted(lane),
                str(step),
                where,
                _quoted(placed.field.name),
                number,
                numbers,
            ]
        )
        + "\r\n"
    )


def _quoted(text: str) -> str:
    """Write a text for CSV; what a spreadsheet would take for a formula gets an apostrophe."""
    if text[:1] in "=+-@\t\r" and text:
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if set(text) & set('",\r\n') else text


def parquet(run: str, schema: Schema, frames: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the table as a Parquet file; a row group is :data:`AT_ONCE` frames."""
    import pyarrow as pa  # a third of a second and 40 MB, and only here
    from pyarrow import parquet as pq

    sink = Sink()
    with pq.ParquetWriter(sink, _arrow(pa), compression="zstd") as writer:
        for some in _chunks(frames, AT_ONCE):
            writer.write_table(_batch(pa, run, schema, some))
            yield sink.taken()
    yield sink.taken()


def _arrow(pa: Any) -> Any:  # noqa: ANN401 - the module pyarrow, and a schema of it
    text = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            ("run", text),
            ("lane", text),
            ("step", pa.int32()),
            ("layer", pa.int32()),
            ("quantity", text),
            ("value", pa.float64()),
            ("values", pa.list_(pa.float64())),
        ]
    )


def _batch(pa: Any, run: str, schema: Schema, frames: Sequence[bytes]) -> Any:  # noqa: ANN401 - the module
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for data in frames:
        for lane, step, layer, placed, values in rows(schema, data):
            many = is_list(placed)
            entry = (run, lane, step, layer, placed.field.name)
            numbers = (None, values) if many else (float(values[0]), None)
            for name, value in zip(COLUMNS, (*entry, *numbers), strict=True):
                columns[name].append(value)
    return pa.table(columns, schema=_arrow(pa))


def _chunks(frames: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    some = list[bytes]()
    for data in frames:
        some.append(data)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
