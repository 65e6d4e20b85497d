"""The long table against what the frames hold, as CSV and as Parquet."""

import csv
import io
import json
import math

import numpy as np
import pytest
from pyarrow import parquet as pq

from normviz.frames import Field, Frame, LaneInfo, build_schema, decode, encode
from normviz.receipt import table
from tests.unit.receipts import recorded


def expected() -> dict[tuple[str, int, int | None, str], list[float]]:
    """Read every number out of the frames by name, lane and layer."""
    run, found = recorded(), {}
    for data in run.frames:
        frame = decode(run.schema, data).frame
        for placed in run.schema.fields:
            values = frame.lanes[placed.lane][placed.field.name]
            lane = "AB"[placed.lane]
            if placed.field.axes and placed.field.axes[0] in ("layer", "weights"):
                for layer in range(placed.shape[0]):
                    key = lane, frame.step, layer + 1, placed.field.name
                    found[key] = np.ravel(values[layer]).tolist()
            else:
                found[lane, frame.step, None, placed.field.name] = values.ravel().tolist()
    return found


def of_csv() -> dict[tuple[str, int, int | None, str], list[float]]:
    run, found = recorded(), {}
    text = b"".join(table.csv("r-1", run.schema, run.frames)).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for row in rows:
        assert row["run"] == "r-1" and bool(row["value"]) != bool(row["values"])
        values = (
            json.loads(row["values"].replace("nan", "NaN"))
            if row["values"]
            else [float(row["value"])]
        )
        layer = int(row["layer"]) if row["layer"] else None
        found[row["lane"], int(row["step"]), layer, row["quantity"]] = values
    assert len(found) == len(rows)
    return found


def of_parquet() -> dict[tuple[str, int, int | None, str], list[float]]:
    run, found = recorded(), {}
    data = b"".join(table.parquet("r-1", run.schema, run.frames))
    for row in pq.read_table(io.BytesIO(data)).to_pylist():
        assert row["run"] == "r-1" and (row["value"] is None) != (row["values"] is None)
        values: list[float] = [row["value"]] if row["values"] is None else row["values"]
        found[row["lane"], row["step"], row["layer"], row["quantity"]] = values
    return found


@pytest.mark.parametrize("read", [of_csv, of_parquet])
def test_every_number_of_every_frame_is_in_the_table_and_nothing_else(read):
    found, wanted = read(), expected()
    assert found.keys() == wanted.keys()
    units = {p.field.name: p.field.dtype for p in recorded().schema.fields}
    for key, values in wanted.items():
        if units[key[3]] == "u2":  # shares in units of 1/65535
            assert [round(v * 65535) for v in found[key]] == [round(v * 65535) for v in values]
        else:
            np.testing.assert_array_equal(
                np.array(found[key], np.float32), np.array(values, np.float32), str(key)
            )


def test_lists_are_lists_and_numbers_numbers():
    wanted = expected()
    assert len(wanted["A", 3, 2, "pre_hist"]) == 64 and len(wanted["A", 3, 2, "pre_pct"]) == 5
    assert ("A", 3, 4, "dw_spectral") in wanted and ("A", 3, 4, "pre_mean") not in wanted
    assert ("B", 12, None, "loss") in wanted


def test_it_comes_in_parts_and_not_at_once():
    run, taken = recorded(), []

    def frames():
        for data in run.frames * 20:
            taken.append(data)
            yield data

    for parts, at_once in ((table.csv, 1), (table.parquet, table.AT_ONCE)):
        taken.clear()
        written = parts("r-1", run.schema, frames())
        next(written)
        assert len(taken) <= at_once
        next(written)
        assert len(taken) <= 2 * at_once


def test_numbers_that_are_not_finite_and_names_from_elsewhere():
    info = LaneInfo('=SUM(1,2)"', "", "", 1, "")
    field = Field("value", (), "f4", "", "", "")
    schema = build_schema([(info, [field])])
    values = [math.nan, math.inf, -math.inf]
    frames = [encode(schema, Frame(i, ({"value": np.array(v)},))) for i, v in enumerate(values)]
    text = b"".join(table.csv("r-1", schema, frames)).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["value"] for row in rows] == ["nan", "inf", "-inf"]
    assert {row["lane"] for row in rows} == {"'=SUM(1,2)\""}  # no formula for a spreadsheet
