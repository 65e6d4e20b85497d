"""Large inputs in files that processes share: what is in them, when they are made, what is said when they cannot be."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from normviz.data import preprocessing
from normviz.data.dataset import Dataset
from normviz.data.files import DataError, cache_folder, write
from normviz.data.mapped import ABANDONED, MOST, is_mapped, mapped, preprocessed

ROWS = np.random.default_rng(0).normal(2, 3, (50, 6)).astype(np.float32)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return cache_folder("prepared")


def files(folder: Path) -> list[str]:
    return sorted(set(os.listdir(folder)) - {"lock"})


def parts():
    yield ROWS[:20]
    yield ROWS[20:]


def never():
    raise AssertionError("made again")


def some(name: str = "rows") -> np.ndarray:
    return mapped(name, ROWS.shape, parts)


def dataset() -> Dataset:
    x = some()
    y = np.zeros(50, np.int64)
    return Dataset(x[:40], y[:40], x[40:], y[40:], 1)


def test_it_is_made_once_and_then_mapped(folder: Path):
    np.testing.assert_array_equal(some(), ROWS)
    again = mapped("rows", ROWS.shape, never)
    np.testing.assert_array_equal(again, ROWS)
    assert isinstance(again, np.memmap) and len(files(folder)) == 1
    with pytest.raises(AssertionError, match="made again"):
        mapped("other rows", ROWS.shape, never)


def test_what_one_process_writes_into_it_stays_there():
    some()[:] = 0
    np.testing.assert_array_equal(some(), ROWS)


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda _: b"", lambda _: b"no array"])
def test_a_file_that_is_not_what_it_should_be_is_made_again(folder: Path, damage):
    some()
    (path,) = folder.glob("*.npy")
    path.write_bytes(damage(path.read_bytes()))
    np.testing.assert_array_equal(some(), ROWS)


def test_an_array_of_another_shape_or_type_is_made_again(folder: Path):
    some()
    (path,) = folder.glob("*.npy")
    for other in (ROWS[:3], ROWS.astype(np.float64)):
        np.save(path, other)
        np.testing.assert_array_equal(some(), ROWS)


def test_of_many_the_longest_unused_go(folder: Path):
    for number in range(MOST):
        some(str(number))
        for path in folder.glob("*.npy"):
            os.utime(path, (0, time.time() - 100 + number))
    first = some("0")  # used, and so the newest
    some("one more")
    assert len(files(folder)) == MOST
    mapped("0", ROWS.shape, never)
    np.testing.assert_array_equal(first, ROWS)


def test_a_file_that_goes_stays_with_who_has_it(folder: Path):
    array = some()
    shutil.rmtree(folder)
    np.testing.assert_array_equal(array, ROWS)


def test_what_was_never_finished_is_removed_when_it_is_old(folder: Path):
    folder.mkdir(parents=True)
    for name, age in (("old.part", ABANDONED + 60), ("new.part", 0)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (0, time.time() - age))
    some()
    assert "new.part" in files(folder) and "old.part" not in files(folder)


def test_rows_that_cannot_be_had_leave_nothing(folder: Path):
    def broken():
        yield ROWS[:20]
        raise DataError("gone")

    with pytest.raises(DataError, match="gone"):
        mapped("rows", ROWS.shape, broken)
    assert files(folder) == []


def test_too_little_room_is_said_with_the_place(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 0))  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(DataError, match=r"0 MB for the prepared data .*prepared: 0 MB are free"):
        some()
    assert files(folder) == []


def test_a_folder_that_cannot_be_written_is_named(folder: Path):
    folder.parent.mkdir(parents=True)
    folder.write_bytes(b"a file where the folder should be")
    with pytest.raises(DataError, match=r"cannot be written to .*prepared: File exists"):
        some()


def test_a_disk_that_fills_up_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch):
    def full(path: Path, data: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("normviz.data.mapped.write", full)
    with pytest.raises(DataError, match="No space left on device"):
        some()


def test_nobody_sees_half_a_file(tmp_path: Path):
    def data():
        yield b"half"
        assert not (tmp_path / "file").exists()
        yield b" and half"

    write(tmp_path / "file", data())
    assert (tmp_path / "file").read_bytes() == b"half and half"
    assert files(tmp_path) == ["file"]


PREPROCESSINGS = {
    "centred": preprocessing.centred,
    "zscore": preprocessing.zscore,
    "global": preprocessing.global_zscore,
    "pca": preprocessing.pca,
    "zca": preprocessing.zca,
}


@pytest.mark.parametrize("name", PREPROCESSINGS)
def test_preprocessing_in_parts_is_that_in_one(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("normviz.data.mapped.ROWS", 7)
    data, fit = dataset(), PREPROCESSINGS[name]
    settings = {"whiten_eps": 0.1} if name in ("pca", "zca") else {}
    seen = preprocessed(data, fit, settings)
    transform = fit(ROWS[:40], **settings)
    np.testing.assert_allclose(seen.x, transform(ROWS[:40]), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(seen.heldout_x, transform(ROWS[40:]), rtol=1e-5, atol=1e-6)
    assert is_mapped(seen) and seen.y is data.y


def test_each_preprocessing_and_setting_has_a_file_of_its_own(folder: Path):
    data = dataset()
    for fit, settings in (
        (preprocessing.zscore, {}),
        (preprocessing.pca, {"whiten_eps": 0.1}),
        (preprocessing.pca, {"whiten_eps": 0.2}),
    ):
        for _ in range(2):
            preprocessed(data, fit, settings)
    assert len(files(folder)) == 4


RACE = """
import time, numpy as np
from normviz.data.mapped import mapped
def slow():
    time.sleep(0.5)
    print("made", end=" ")
    yield np.ones((50, 6), np.float32)
x = mapped("contested", (50, 6), slow)
"""


def test_processes_that_need_it_at_the_same_time_make_it_once():
    command = [sys.executable, "-c", RACE]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(process.communicate(timeout=60)[0] for process in both) == ["", "made "]


def test_raw_data_need_no_second_file(folder: Path):
    data = dataset()
    assert preprocessed(data, preprocessing.raw, {}) is data
    assert len(files(folder)) == 1


PRIVATE = """
import sys, numpy as np
from normviz.data.mapped import mapped
def anonymous():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("RssAnon"))
def never():
    raise AssertionError
before = anonymous()
x = mapped("large", (20_000, 500), never)
total = float(x.sum(dtype=np.float64))
print(total, anonymous() - before, sum(1 for line in open("/proc/self/maps") if str(x.filename) in line))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_a_second_process_needs_no_memory_of_its_own_for_it():
    mapped("large", (20_000, 500), lambda: (np.ones((1000, 500), np.float32) for _ in range(20)))
    out = subprocess.run(
        [sys.executable, "-c", PRIVATE], capture_output=True, check=True, text=True
    )
    total, private_kb, maps = out.stdout.split()
    assert float(total) == 20_000 * 500 and int(maps) == 1
    assert int(private_kb) < 4_000  # of 40 MB
