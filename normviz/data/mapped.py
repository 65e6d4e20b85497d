"""Large inputs in files that every training process maps, so that they are in memory once, however many use them.

The files lie in our cache folder and can be made again from the data at any time. Each is named after what it was made
from, is written completely or not at all, and is never changed; of more than :data:`MOST` the longest unused go.
"""

import fcntl
import hashlib
import io
import os
import shutil
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from normviz.data import preprocessing
from normviz.data.dataset import Dataset
from normviz.data.files import DataError, cache_folder, shown, write

MOST = 6
#: Rows that are converted at a time.
ROWS = 4096
#: Seconds after which a file that was never finished is nobody's any more.
ABANDONED = 3600

Inputs = Float32[np.ndarray, "examples features"]


def mapped(made_from: str, shape: tuple[int, int], parts: Callable[[], Iterable[Inputs]]) -> Inputs:
    """Return an array of this shape out of the file for ``made_from``; where there is none, ``parts`` are its rows.

    What is written into the array stays with this process.

    Raises:
        DataError: there is no file and none can be written.
    """
    name = hashlib.sha256(made_from.encode()).hexdigest()[:32]
    path = cache_folder("prepared") / f"{name}.npy"
    found = _opened(path, shape)
    if found is None:
        _make(path, shape, parts)
        found = _opened(path, shape)
    if found is None:
        raise DataError(f"{shown(path)} was written and cannot be read")
    return found


def is_mapped(data: Dataset) -> bool:
    """Tell whether a data set is held in such a file."""
    return isinstance(data.x, np.memmap)


def preprocessed(
    data: Dataset, fit: Callable[..., preprocessing.Transform], settings: dict[str, float]
) -> Dataset:
    """Return a mapped data set after a preprocessing, in a file of its own.

    Raises:
        DataError: there is no file and none can be written.
    """
    if not isinstance(data.x, np.memmap) or fit is preprocessing.raw:
        return data
    code = hashlib.sha256(Path(preprocessing.__file__).read_bytes()).hexdigest()
    made_from = (
        f"{Path(str(data.x.filename)).stem} {fit.__name__} {settings} {code} {np.__version__}"
    )
    everything = len(data.x) + len(data.heldout_x), data.x.shape[1]

    def parts() -> Iterator[Inputs]:
        transform = fit(data.x, **settings)
        for inputs in (data.x, data.heldout_x):
            for start in range(0, len(inputs), ROWS):
                yield transform(inputs[start : start + ROWS])

    x = mapped(made_from, everything, parts)
    return replace(data, x=x[: len(data.x)], heldout_x=x[len(data.x) :])


def _opened(path: Path, shape: tuple[int, int]) -> Inputs | None:
    """Map a file, copied on writing; None when it is not there or is not what it should be."""
    try:
        array = np.load(path, mmap_mode="c")
    except (OSError, ValueError, EOFError):
        return None
    if array.shape != shape or array.dtype != np.float32:
        return None
    with suppress(OSError):
        os.utime(path)  # the time of the last use
    return array


def _make(path: Path, shape: tuple[int, int], parts: Callable[[], Iterable[Inputs]]) -> None:
    size = 4 * shape[0] * shape[1]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent):
            if _opened(path, shape) is None:
                _write(path, size, _bytes(shape, parts()))
    except OSError as error:
        raise DataError(
            f"{size / 1e6:.0f} MB for the prepared data cannot be written to {shown(path.parent)}: "
            f"{error.strerror or error}. XDG_CACHE_HOME names another place."
        ) from None


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Wait until no other process makes a file: two that need the same one must not make it twice."""
    with (folder / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, size: int, contents: Iterable[bytes | memoryview]) -> None:
    _tidy(path.parent)
    free = shutil.disk_usage(path.parent).free
    if free < size + 2**20:
        raise OSError(f"{free / 1e6:.0f} MB are free")
    write(path, contents)


def _bytes(shape: tuple[int, int], parts: Iterable[Inputs]) -> Iterator[bytes | memoryview]:
    """Yield a file in NumPy's format."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": shape}
    )
    yield header.getvalue()
    for part in parts:
        yield np.ascontiguousarray(part, "<f4").data


def _tidy(folder: Path) -> None:
    """Make room for one more file: of more than the most, remove the longest unused, and what was never finished.

    A process that has mapped a file keeps what is in it.
    """
    aged = list[tuple[float, Path]]()
    for path in folder.iterdir():
        with suppress(OSError):
            aged.append((path.stat().st_mtime, path))
    ready = sorted(each for each in aged if each[1].suffix == ".npy")
    old = ready[: max(0, len(ready) - MOST + 1)]
    limit = time.time() - ABANDONED
    for _, path in (
        *old,
        *(each for each in aged if each[1].suffix == ".part" and each[0] < limit),
    ):
        with suppress(OSError):
            path.unlink()
