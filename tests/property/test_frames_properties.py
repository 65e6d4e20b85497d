"""The codec on any schema, any values and any bytes."""

import json
from contextlib import suppress
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from normviz.frames import (
    DTYPES,
    Bins,
    Field,
    Frame,
    FrameError,
    LaneInfo,
    Schema,
    build_schema,
    decode,
    encode,
)

AXES = ("layer", "weights", "bin", "percentile", "side")
bins = st.builds(Bins, st.floats(-9, 0), st.floats(1, 9), st.integers(1, 9), st.booleans())


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    lanes = []
    for letter in "ABCD"[: draw(st.integers(1, 4))]:
        info = LaneInfo(letter, draw(st.text(max_size=5)), "relu", draw(st.integers(1, 4)), "0")
        names = draw(st.lists(st.text(min_size=1, max_size=5), max_size=4, unique=True))
        lanes.append((info, [draw(fields(name)) for name in names]))
    return build_schema(lanes)


@st.composite
def fields(draw: st.DrawFn, name: str) -> Field:
    axes = tuple(draw(st.lists(st.sampled_from(AXES), max_size=3)))
    dtype = draw(st.sampled_from(sorted(DTYPES)))
    return Field(name, axes, dtype, "label", "unit", "words", draw(st.booleans()), draw(bins))


def values(dtype: str, shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    """Values that the dtype holds exactly; shares are drawn as they travel."""
    shares = dtype == "u2"
    arrays = npst.arrays(np.dtype(dtype), shape)
    return arrays.map(lambda raw: np.asarray(raw * (1 / 65535))) if shares else arrays


notes = st.lists(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none()
            | st.booleans()
            | st.text(max_size=5)
            | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner, max_size=3),
        ),
        max_size=3,
    ),
    max_size=3,
)


@st.composite
def frames(draw: st.DrawFn) -> tuple[Schema, Frame]:
    schema = draw(schemas())
    lanes: list[dict[str, Any]] = [{} for _ in schema.lanes]
    for p in schema.fields:
        lanes[p.lane][p.field.name] = draw(values(p.field.dtype, p.shape))
    return schema, Frame(draw(st.integers(0, 2**32 - 1)), tuple(lanes), tuple(draw(notes)))


@given(frames(), st.integers(0, 2**32 - 1), st.floats(allow_nan=False))
def test_what_was_written_is_read(drawn: tuple[Schema, Frame], seq: int, time: float):
    schema, frame = drawn
    received = decode(schema, encode(schema, frame, seq, time))
    assert (received.seq, received.time, received.frame.step) == (seq, time, frame.step)
    assert received.frame.notes == frame.notes
    for written, read in zip(frame.lanes, received.frame.lanes, strict=True):
        assert written.keys() == read.keys()
        for name in written:
            np.testing.assert_array_equal(read[name], written[name], strict=True)


@given(schemas())
def test_any_schema_is_aligned_and_json(schema: Schema):
    sent = json.loads(json.dumps(schema.to_json(), allow_nan=False))
    end = 0
    for each in sent["fields"]:
        assert each["offset"] % 8 == 0
        assert each["offset"] >= end
        end = each["offset"] + DTYPES[each["dtype"]] * int(np.prod(each["shape"]))
    assert end <= sent["bytes"]


SCHEMA = build_schema(
    [(LaneInfo("A", "", "relu", 2, "0"), [Field("x", ("layer",), "f4", "", "", "")])]
)
VALID = encode(SCHEMA, Frame(5, ({"x": np.zeros(2)},), ({"lane": 0, "rule": "chance"},)))


def check_refusal(data: bytes) -> None:
    """Anything but a FrameError passes through and fails the test."""
    with suppress(FrameError):
        received = decode(SCHEMA, data)
        assert received.frame.lanes[0]["x"].shape == (2,)
        assert isinstance(received.frame.notes, tuple)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: VALID[:40] + tail))
def test_any_bytes_are_read_or_refused(data: bytes):
    check_refusal(data)


@given(
    st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_any_changed_bytes_are_read_or_refused(changes: list[tuple[int, int]]):
    data = bytearray(VALID)
    for place, value in changes:
        data[place] = value
    check_refusal(bytes(data))


@given(st.binary(max_size=100))
def test_any_notes_are_read_or_refused(tail: bytes):
    start = VALID[: 40 + SCHEMA.bytes]
    sized = start[:28] + len(tail).to_bytes(4, "little") + start[32:]
    check_refusal(sized + tail)
