"""The codec: layout, what it refuses, and every kind of damage."""

import json
import struct

import numpy as np
import pytest

from normviz.frames import (
    ALIGN,
    HEADER,
    MAX_BYTES,
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

FIELDS = (
    Field("alive", (), "u1", "Alive", "", "1 or 0"),
    Field("mean", ("layer",), "f4", "Mean", "V", "a mean"),
    Field(
        "hist",
        ("layer", "bin"),
        "u2",
        "Hist",
        "share",
        "shares",
        bins=Bins(-3.0, 1.0, 5, log10=True),
    ),
    Field("outside", ("layer", "side"), "f4", "Outside", "share", "shares"),
    Field("pct", ("layer", "percentile"), "f8", "Percentiles", "", "percentiles"),
    Field("dw", ("weights",), "u4", "Count", "", "a count"),
)


def lane(name: str, layers: int) -> LaneInfo:
    return LaneInfo(name, f"lane {name}", "sigmoid", layers, "above 1")


@pytest.fixture
def schema() -> Schema:
    return build_schema([(lane("A", 3), FIELDS), (lane("B", 1), FIELDS[:2])])


@pytest.fixture
def frame(schema: Schema) -> Frame:
    lanes: list[dict] = [{}, {}]
    for i, p in enumerate(schema.fields):
        unit = 1 / 65535 if p.field.dtype == "u2" else 1
        values = [(i + k) * unit for k in range(int(np.prod(p.shape)))]
        lanes[p.lane][p.field.name] = np.array(values).reshape(p.shape)
    return Frame(7, tuple(lanes), ({"lane": 1, "rule": "chance", "values": {"accuracy": 0.1}},))


def test_shapes_follow_from_axes_and_layers(schema: Schema):
    shapes = {(p.lane, p.field.name): p.shape for p in schema.fields}
    assert shapes == {
        (0, "alive"): (),
        (0, "mean"): (3,),
        (0, "hist"): (3, 5),
        (0, "outside"): (3, 2),
        (0, "pct"): (3, 5),
        (0, "dw"): (4,),
        (1, "alive"): (),
        (1, "mean"): (1,),
    }


def test_fields_are_aligned_and_do_not_overlap(schema: Schema):
    end = 0
    for p in schema.fields:
        assert p.offset % ALIGN == 0
        assert end <= p.offset < end + ALIGN
        end = p.offset + np.dtype(p.field.dtype).itemsize * int(np.prod(p.shape))
    assert end <= schema.bytes < end + ALIGN
    assert schema.bytes % ALIGN == 0
    assert HEADER.size % ALIGN == 0


def test_schema_as_json(schema: Schema):
    sent = json.loads(json.dumps(schema.to_json(), allow_nan=False))
    assert sent["version"] == 1
    assert sent["bytes"] == schema.bytes
    assert [each["name"] for each in sent["lanes"]] == ["A", "B"]
    assert all(each["offset"] % 8 == 0 for each in sent["fields"])
    hist = sent["fields"][2]
    assert hist["bins"] == {"lo": -3, "hi": 1, "n": 5, "log10": True}
    assert hist["shape"] == [3, 5]
    assert hist["scale"] == 1 / 65535
    assert sent["fields"][0]["scale"] == 1
    assert sent["fields"][0]["bins"] is None


def test_edges_of_bins():
    np.testing.assert_array_equal(Bins(-1.0, 1.0, 4).edges(), [-1, -0.5, 0, 0.5, 1])
    np.testing.assert_allclose(Bins(-2.0, 1.0, 3, log10=True).edges(), [0.01, 0.1, 1, 10])


def test_what_was_written_is_read(schema: Schema, frame: Frame):
    received = decode(schema, encode(schema, frame, seq=3, time=12.5))
    assert (received.seq, received.time) == (3, 12.5)
    assert received.frame.step == 7
    assert received.frame.notes == frame.notes
    for written, read in zip(frame.lanes, received.frame.lanes, strict=True):
        assert list(written) == list(read)
        for name in written:
            np.testing.assert_allclose(read[name], written[name], rtol=1e-12)


def test_the_bytes_are_little_endian_at_the_stated_places(schema: Schema, frame: Frame):
    data = encode(schema, frame, seq=3, time=12.5)
    assert data[:4] == b"NVZF"
    assert struct.unpack_from("<HHIId", data, 4) == (1, 40, 3, 7, 12.5)
    dw = next(p for p in schema.fields if p.field.name == "dw")
    assert struct.unpack_from("<4I", data, 40 + dw.offset) == (5, 6, 7, 8)
    assert json.loads(data[40 + schema.bytes :]) == list(frame.notes)


def test_shares_are_clipped_and_rounded():
    schema = build_schema([(lane("A", 1), [Field("h", ("side",), "u2", "", "", "")])])
    data = encode(schema, Frame(0, ({"h": np.array([-0.5, 1.5])},)))
    assert struct.unpack_from("<HH", data, 40) == (0, 65535)
    data = encode(schema, Frame(0, ({"h": np.array([0.6 / 65535, 0.4 / 65535])},)))
    assert struct.unpack_from("<HH", data, 40) == (1, 0)


def test_a_missing_field_and_a_wrong_shape_are_not_written(schema: Schema, frame: Frame):
    a, b = (dict(each) for each in frame.lanes)
    with pytest.raises(ValueError, match=r"mean has shape \(2,\), the schema says \(3,\)"):
        encode(schema, Frame(0, ({**a, "mean": np.zeros(2)}, b)))
    del a["dw"]
    with pytest.raises(KeyError, match="dw"):
        encode(schema, Frame(0, (a, b)))


def test_numbers_json_does_not_have_are_not_written_in_notes(schema: Schema, frame: Frame):
    with pytest.raises(ValueError, match="JSON compliant"):
        encode(schema, Frame(0, frame.lanes, ({"values": {"x": float("nan")}},)))


def header(data: bytes, **changes: int) -> bytes:
    names = ["magic", "version", "size", "seq", "step", "time", "arrays", "notes", "unused"]
    fields = dict(zip(names, HEADER.unpack_from(data), strict=True)) | changes
    return HEADER.pack(*fields.values()) + data[HEADER.size :]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"magic": b"NVZG"}, "starts with b'NVZF', here is b'NVZG'"),
        ({"version": 2}, "version 1 with a header of 40 bytes, here are 2 and 40"),
        ({"size": 48}, "here are 1 and 48"),
        ({"arrays": 0}, "bytes of arrays; here are 0"),
        ({"arrays": 2**32 - 1}, "here are 4294967295"),
        ({"notes": 0}, "0 of notes"),
        ({"notes": 2**32 - 1}, "4294967295 of notes"),
    ],
)
def test_a_damaged_header_is_named(schema: Schema, frame: Frame, changes: dict, message: str):
    with pytest.raises(FrameError, match=message):
        decode(schema, header(encode(schema, frame), **changes))


def test_every_truncation_and_every_surplus_is_refused(schema: Schema, frame: Frame):
    data = encode(schema, frame)
    for length in range(len(data)):
        with pytest.raises(FrameError):
            decode(schema, data[:length])
    for surplus in (b"\0", b" ", data):
        with pytest.raises(FrameError):
            decode(schema, data + surplus)


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        (b"", "not JSON"),
        (b"[", "not JSON"),
        (b"\xff\xfe\xfd", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[" + b"9" * 5000 + b"]", "not JSON"),
        (b"{}", "not a list of objects"),
        (b"null", "not a list of objects"),
        (b"[1]", "not a list of objects"),
        (b'[{}, "a"]', "not a list of objects"),
    ],
)
def test_notes_that_are_none(schema: Schema, frame: Frame, notes: bytes, message: str):
    data = encode(schema, frame)[: HEADER.size + schema.bytes] + notes
    with pytest.raises(FrameError, match=message):
        decode(schema, header(data, notes=len(notes)))


def test_a_frame_of_another_schema_is_refused(schema: Schema, frame: Frame):
    other = build_schema([(lane("A", 3), FIELDS)])
    with pytest.raises(FrameError, match="the schema says"):
        decode(other, encode(schema, frame))


def test_an_enormous_frame_is_refused(schema: Schema, frame: Frame):
    notes = b"[" + b" " * MAX_BYTES + b"]"
    data = encode(schema, frame)[: HEADER.size + schema.bytes] + notes
    with pytest.raises(FrameError, match="in all"):
        decode(schema, header(data, notes=len(notes)))
