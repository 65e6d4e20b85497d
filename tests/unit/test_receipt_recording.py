"""A recording is read back as it was written; what is not one is refused with what is wrong, and without harm."""

import io
import json
import struct
import zipfile
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normviz.receipt import recording
from normviz.receipt.recording import NAMES, RecordingError
from tests.unit.receipts import recorded


def packed(**parts: Any) -> bytes:
    """A recording with some of its parts replaced: JSON values, or bytes."""
    run = recorded()
    head = {"format": recording.FORMAT, "version": recording.VERSION, "notice": None, **run.facts()}
    contents = {
        "facts_json": head,
        "schema_json": run.sent,
        "frames_bin": b"".join(run.frames),
        **parts,
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            archive.writestr(name.replace("_", "."), data)
    return file.getvalue()


def facts(**changes: Any) -> dict[str, Any]:
    return {
        "format": recording.FORMAT,
        "version": recording.VERSION,
        "notice": None,
        **recorded().facts(),
        **changes,
    }


def schema(**changes: Any) -> dict[str, Any]:
    return {**recorded().sent, **changes}


def field(**changes: Any) -> dict[str, Any]:
    fields = recorded().sent["fields"]
    return schema(fields=[{**fields[0], **changes}, *fields[1:]])


def lane(**changes: Any) -> dict[str, Any]:
    lanes = recorded().sent["lanes"]
    return schema(lanes=[{**lanes[0], **changes}, *lanes[1:]])


def histogram(**changes: Any) -> dict[str, Any]:
    fields = recorded().sent["fields"]
    index = next(i for i, each in enumerate(fields) if each["bins"])
    changed = {**fields[index], "bins": {**fields[index]["bins"], **changes}}
    return schema(fields=[*fields[:index], changed, *fields[index + 1 :]])


def test_what_was_written_is_read():
    run = recorded()
    found = recording.read(run.packed())
    assert found.config == run.config and found.schema == run.schema
    assert [data for _, _, data in found.frames] == list(run.frames)
    assert [seq for seq, _, _ in found.frames] == list(range(len(run.frames)))
    assert found.status == "finished" and found.notice is None
    assert set(found.origin) == {"versions", "machine"}
    assert found.origin["versions"]["python"]


def test_a_run_that_was_still_going_on_is_over_in_a_file():
    assert recording.read(packed(facts_json=facts(status="running"))).status == "ended"


def test_a_status_that_is_none_means_ended():
    assert recording.read(packed(facts_json=facts(status=[]))).status == "ended"


def test_why_it_ended_comes_along():
    notice = {"rule": "loss_not_finite", "values": {"step": 3, "reason": "weights_not_finite"}}
    assert recording.read(packed(facts_json=facts(notice=notice))).notice == notice


FRAMES = recorded().frames
BAD: list[tuple[dict[str, Any], str]] = [
    ({"facts_json": b"{"}, "facts.json is not JSON"),
    ({"facts_json": b"[" * 100_000}, "facts.json is not JSON"),
    ({"facts_json": []}, "facts.json: format"),
    ({"facts_json": facts(format="other")}, "facts.json: format"),
    ({"facts_json": facts(version=2)}, "facts.json: version 2"),
    ({"facts_json": facts(config={"lane": {"depth": 101}})}, "depth: 101 is not possible; allowed"),
    ({"facts_json": facts(config=None)}, "facts.json: config"),
    ({"facts_json": facts(notice=3)}, "facts.json: notice"),
    ({"facts_json": facts(notice={"rule": "x", "values": {"a": []}})}, "notice: a is neither"),
    ({"facts_json": facts(notice={"rule": "x", "values": {"a": 10**400}})}, "notice: a is neither"),
    ({"facts_json": facts(machine={"a": 10**400})}, "machine: a is neither"),
    ({"schema_json": field(dtype=[])}, "dtype"),
    ({"schema_json": histogram(hi=10**400)}, "bins from"),
    ({"facts_json": facts(versions=3)}, "facts.json: versions"),
    ({"facts_json": facts(machine={"a": {}})}, "facts.json: machine: a"),
    ({"facts_json": facts(config={"lane": {"depth": 3}})}, "2 lanes, facts.json 1"),
    ({"schema_json": b"\xff"}, "schema.json is not JSON"),
    ({"schema_json": 3}, "schema.json: the schema: is no object"),
    ({"schema_json": schema(version=9)}, "version 9; known is 1"),
    ({"schema_json": schema(lanes=[])}, "lanes: not a list of 1 to 4"),
    ({"schema_json": schema(fields={})}, "fields: not a list"),
    ({"schema_json": schema(bytes=8)}, "bytes: 8"),
    ({"schema_json": schema(flags=[{"step": 1}])}, "flags: not marks"),
    ({"schema_json": schema(flags=[{"step": 1, "lane": 7, "text": ""}])}, "flags: no such place"),
    ({"schema_json": lane(layers=10**9)}, "lane 0: layers: 1000000000; from 1 to 1000"),
    ({"schema_json": lane(layers=True)}, "lane 0: layers: True"),
    ({"schema_json": lane(layers=4)}, "bytes"),
    ({"schema_json": lane(title="x" * 500)}, "lane 0: title is no text"),
    ({"schema_json": lane(colour="red")}, "lane 0: unknown"),
    ({"schema_json": field(name=3)}, "field 0: name is no text"),
    ({"schema_json": field(dtype="f2")}, "dtype 'f2'; one of u1, u2, u4, f4, f8"),
    ({"schema_json": field(lane=2)}, "lane 2; there are 2"),
    ({"schema_json": field(lane=1)}, "stands behind another lane's"),
    ({"schema_json": field(axes=["layer", "time"])}, "unknown axis 'time'"),
    ({"schema_json": field(axes=["bin"])}, "an axis of bins and no bins"),
    ({"schema_json": field(offset=8)}, "shape or offset"),
    ({"schema_json": field(shape=[7])}, "shape or offset"),
    ({"schema_json": field(log="yes")}, "log is neither true nor false"),
    ({"schema_json": histogram(n=10**9)}, "1000000000 bins"),
    ({"schema_json": histogram(lo=float("nan"))}, "bins from nan"),
    ({"schema_json": histogram(lo=7.0)}, "bins from 7.0"),
    ({"frames_bin": b""}, "frames.bin: no frame"),
    ({"frames_bin": b"NVZF"}, "frame 0 is cut short"),
    ({"frames_bin": FRAMES[0][:-1]}, "frames.bin: frame 0: the schema says"),
    ({"frames_bin": FRAMES[0] + b"x" * 40}, "frame 1: "),
    ({"frames_bin": FRAMES[1] + FRAMES[0]}, "number 0, step 0 do not follow number 1, step 1"),
    ({"frames_bin": FRAMES[0] * 2}, "do not follow"),
    ({"frames_bin": b"NVZG" + FRAMES[0][4:]}, "starts with"),
    (
        {"frames_bin": FRAMES[0][:24] + struct.pack("<II", 2**32 - 1, 2) + FRAMES[0][32:]},
        "too many",
    ),
    (
        {"frames_bin": FRAMES[0][:16] + struct.pack("<d", float("nan")) + FRAMES[0][24:]},
        "do not follow",
    ),
    ({"frames_bin": FRAMES[0][:12] + struct.pack("<I", 13) + FRAMES[0][16:]}, "of 12 steps"),
    ({"evil_py": b"import os"}, "and nothing else"),
]


@pytest.mark.parametrize(("parts", "message"), BAD, ids=[message[:30] for _, message in BAD])
def test_a_damaged_part_is_named(parts: dict[str, Any], message: str):
    with pytest.raises(RecordingError, match=message.replace("[", r"\[").replace("(", r"\(")):
        recording.read(packed(**parts))


@pytest.mark.parametrize(
    "data",
    [b"", b"PK", b"\x80\x04\x95.", b"\x89PNG\r\n\x1a\n" + bytes(100), b"PK\x03\x04" + bytes(200)],
)
def test_another_kind_of_file_is_refused(data: bytes):
    with pytest.raises(RecordingError, match=r"not a \.normviz file"):
        recording.read(data)


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(RecordingError, match="more than 64 MB"):
        recording.read(bytes(recording.MOST_PACKED + 1))


def bomb(name: str, size: int, said: int | None = None) -> bytes:
    """A recording in which one part unpacks to ``size`` zeros, and says of itself that it is ``said`` bytes long."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in NAMES:
            with archive.open(each, "w") as part:
                for _ in range(size // 2**20 if each == name else 0):
                    part.write(bytes(2**20))
    data = bytearray(file.getvalue())
    if said is not None:  # the size in the archive's directory
        at = data.index(b"PK\x01\x02")
        while data[at + 46 : at + 46 + len(name)] != name.encode():
            at = data.index(b"PK\x01\x02", at + 1)
        data[at + 24 : at + 28] = struct.pack("<I", said)
    return bytes(data)


@pytest.mark.parametrize("name", NAMES)
def test_a_part_that_says_it_is_enormous_is_not_unpacked(name: str):
    data = bomb(name, 300 * 2**20)
    assert len(data) < 2**20
    with pytest.raises(RecordingError, match=f"{name}: unpacked more than"):
        recording.read(data)


def test_a_part_that_lies_about_its_size_is_not_unpacked_further(monkeypatch):
    read, most = recording._read, []

    def watched(*given: Any) -> bytes:
        most.append(len(data := read(*given)))
        return data

    monkeypatch.setattr(recording, "_read", watched)
    with pytest.raises(RecordingError, match=r"facts\.json"):
        recording.read(bomb("facts.json", 300 * 2**20, said=100))
    assert max(most, default=0) <= recording.MOST_TEXT + 1


def test_more_entries_than_three_are_not_even_listed(monkeypatch):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(1000):
            archive.writestr(str(i), b"")
    monkeypatch.setattr(recording.zipfile, "ZipFile", None)
    with pytest.raises(RecordingError, match="nothing else"):
        recording.read(file.getvalue())


def test_a_recording_is_never_unpickled(monkeypatch):
    monkeypatch.setattr("pickle.loads", None)
    monkeypatch.setattr("pickle.load", None)
    assert recording.read(recorded().packed()).frames


WHOLE = recorded().packed()


@settings(max_examples=150)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8), st.booleans())
def test_whatever_is_overwritten_or_cut_is_read_or_refused(at: int, by: bytes, cut: bool):
    data = WHOLE[:at] if cut else WHOLE[:at] + by + WHOLE[at + len(by) :]
    with suppress(RecordingError):  # and nothing else
        recording.read(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.data())
def test_whatever_stands_in_the_schema_or_the_facts_is_read_or_refused(data: st.DataObject):
    part, whole = data.draw(st.sampled_from([("schema_json", schema()), ("facts_json", facts())]))
    key = data.draw(st.sampled_from(sorted(whole)))
    inner = whole[key]
    if (
        isinstance(inner, list)
        and inner
        and isinstance(inner[0], dict)
        and data.draw(st.booleans())
    ):
        name = data.draw(st.sampled_from(sorted(inner[0])))
        changed: Any = [{**inner[0], name: data.draw(JSON)}, *inner[1:]]
    else:
        changed = data.draw(JSON)
    with suppress(RecordingError):  # and nothing else
        recording.read(packed(**{part: {**whole, key: changed}}))
