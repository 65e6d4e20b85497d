"""The reader of idx files: what it returns, and that nothing but its own error comes out of a bad one."""

import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from normviz.data.files import DataError, read
from normviz.data.idx import File, parse

DIGITS = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def written(array: np.ndarray) -> bytes:
    """An idx file, by its description."""
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def published(array: np.ndarray, name: str = "images") -> File:
    return File(name, array.shape, hashlib.sha256(written(array)).hexdigest())


@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=3, max_side=9)))
def test_what_is_written_is_read(array: np.ndarray):
    np.testing.assert_array_equal(parse(written(array)), array, strict=True)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_plain_and_packed_files_are_read(tmp_path: Path, suffix: str):
    path = tmp_path / f"images{suffix}"
    path.write_bytes(gzip.compress(written(DIGITS)) if suffix else written(DIGITS))
    np.testing.assert_array_equal(published(DIGITS).open(path), DIGITS)


GOOD = written(DIGITS)
BAD = {
    "empty": b"",
    "too short for a magic number": GOOD[:3],
    "no zero at the start": b"\1" + GOOD[1:],
    "16-bit numbers": b"\0\0\x0b\3" + GOOD[4:],
    "no axes": b"\0\0\x08\0" + GOOD[4:],
    "255 axes": b"\0\0\x08\xff" + GOOD[4:],
    "ends within the header": GOOD[:15],
    "one value short": GOOD[:-1],
    "one value more": GOOD + b"\0",
    "only a header": GOOD[:16],
    "4 billion images": struct.pack(">4B3I", 0, 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1) + b"\0",
    "lengths whose product wraps to 24": struct.pack(">4B3I", 0, 0, 8, 3, 2**31, 2**31, 4)
    + b"0" * 24,
    "an axis of 0 beside huge ones": struct.pack(">4B3I", 0, 0, 8, 3, 0, 2**32 - 1, 2**32 - 1),
    "HTML": b"<!DOCTYPE html><title>404</title>",
}


@pytest.mark.parametrize("data", BAD.values(), ids=list(BAD))
def test_what_is_no_idx_file_is_refused(data: bytes):
    with pytest.raises(DataError, match="idx file"):
        parse(data)


def test_the_error_says_what_the_file_should_have():
    with pytest.raises(DataError, match="should have 2 x 3 x 4 values and has 23"):
        parse(GOOD[:-1])
    with pytest.raises(DataError, match="starts with 3c 21 44 4f"):
        parse(BAD["HTML"])


@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda rest: b"\0\0\x08" + rest))
def test_any_bytes_are_read_or_refused(data: bytes):
    try:
        found = parse(data)
    except DataError:
        return
    assert written(found) == data


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=1))
def test_any_changed_byte_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: bytes
):
    data = GOOD[:at] + byte + GOOD[at + 1 :]
    path = tmp_path_factory.getbasetemp() / "changed"
    path.write_bytes(data)
    if data == GOOD:
        published(DIGITS).open(path)
    else:
        with pytest.raises(DataError, match=r"changed is not the published file: SHA-256"):
            published(DIGITS).open(path)


PACKED = gzip.compress(GOOD, mtime=0)


@given(
    st.binary(max_size=80)
    | st.integers(0, len(PACKED)).map(lambda n: PACKED[:n])
    | st.tuples(st.integers(0, len(PACKED) - 1), st.integers(0, 255)).map(
        lambda c: PACKED[: c[0]] + bytes([c[1]]) + PACKED[c[0] + 1 :]
    )
)
def test_any_packed_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
):
    path = tmp_path_factory.getbasetemp() / "changed.gz"
    path.write_bytes(data)
    try:
        found = published(DIGITS).open(path)
    except DataError:
        return
    np.testing.assert_array_equal(found, DIGITS)


def test_a_wrong_checksum_is_named(tmp_path: Path):
    (tmp_path / "images").write_bytes(written(DIGITS + 1))
    wanted, found = (hashlib.sha256(written(d)).hexdigest()[:16] for d in (DIGITS, DIGITS + 1))
    with pytest.raises(DataError, match=rf"images is not the .*: SHA-256 {found}…, not {wanted}…"):
        published(DIGITS).open(tmp_path / "images")


@pytest.mark.parametrize("name", ["bomb", "bomb.gz"])
def test_no_more_is_read_than_the_file_should_have(tmp_path: Path, name: str):
    path = tmp_path / name
    zeros = GOOD + bytes(30_000_000)
    path.write_bytes(gzip.compress(zeros) if path.suffix else zeros)
    with pytest.raises(DataError, match=f"{name} is longer than the 40 bytes it should have"):
        published(DIGITS).open(path)


def test_what_cannot_be_opened_is_named(tmp_path: Path):
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(DataError, match="cannot be read"):
            read(path, 10)
