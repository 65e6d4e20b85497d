"""The idx format of MNIST and its relatives, and data sets that come as four files of it.

A file is two zero bytes, the type (8: unsigned bytes), the number of axes, the length of each axis as a big-endian
32-bit number, and the values, last axis fastest (Y. LeCun's description of the MNIST files).
"""

import hashlib
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from normviz.data.dataset import Dataset, fixed, some_of_each
from normviz.data.files import DataError, cache_folder, in_data_folder, present, read, shown
from normviz.data.mapped import ROWS, mapped

#: How many test images of each class come first: a look at the held-out examples goes no further.
LOOK_EACH = 200
MAX_AXES = 3


def parse(data: bytes) -> UInt8[np.ndarray, "..."]:
    """Return the array in an idx file of unsigned bytes. Shape: as the file says, one to three axes.

    Raises:
        DataError: it is not such a file, or its lengths do not fit its size.
    """
    if len(data) < 4 or data[:3] != b"\0\0\x08" or not 1 <= data[3] <= MAX_AXES:
        raise DataError(f"not an idx file of unsigned bytes: it starts with {data[:4].hex(' ')}")
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise DataError("an idx file that ends within its header")
    lengths = struct.unpack(f">{data[3]}I", data[4:start])
    values = len(data) - start
    if math.prod(lengths) != values or not values:
        said = " x ".join(map(str, lengths))
        raise DataError(f"an idx file that should have {said} values and has {values}")
    return np.frombuffer(data, np.uint8, offset=start).reshape(lengths)


def packed(array: UInt8[np.ndarray, "..."]) -> bytes:
    """Return the idx file of an array; the opposite of :func:`parse`."""
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@dataclass(frozen=True)
class File:
    """One file of a set: its name without .gz, the shape of its array and the SHA-256 of its unpacked bytes."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    def open(self, path: Path) -> UInt8[np.ndarray, "..."]:
        """Read and check it.

        Raises:
            DataError: it is not the published file.
        """
        data = read(path, 4 + 4 * len(self.shape) + math.prod(self.shape))
        self.check(data, shown(path))
        return parse(data)

    def check(self, data: bytes, name: str) -> None:
        """Compare the unpacked bytes with what was published; ``name`` is what a message calls them.

        Raises:
            DataError: they differ.
        """
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise DataError(
                f"{name} is not the published file: SHA-256 {found[:16]}…, not {self.sha256[:16]}…"
            )


def four_files(*pins: str) -> tuple[File, File, File, File]:
    """Return the four files of MNIST and its relatives; ``pins`` are their SHA-256 in this order."""
    train_x, train_y, test_x, test_y = pins
    return (
        File("train-images-idx3-ubyte", (60_000, 28, 28), train_x),
        File("train-labels-idx1-ubyte", (60_000,), train_y),
        File("t10k-images-idx3-ubyte", (10_000, 28, 28), test_x),
        File("t10k-labels-idx1-ubyte", (10_000,), test_y),
    )


@dataclass(frozen=True)
class Source:
    """A data set that comes as training images and labels, test images and labels.

    Attributes:
        title: what a message calls it.
        name: its folder in our cache.
        files: the four files.
        inside: folders to look into within ``NORMVIZ_DATA``.
        elsewhere: folders where an operating system puts it.
        openml: its name at OpenML, where it can be downloaded from.
        megabytes: about how much that is.
    """

    title: str
    name: str
    files: tuple[File, File, File, File]
    inside: tuple[str, ...]
    elsewhere: tuple[Path, ...] = ()
    openml: str = ""
    megabytes: int = 0

    def places(self) -> list[Path]:
        """Return the folders that are looked into, first things first."""
        return [*in_data_folder(*self.inside), *self.elsewhere, cache_folder(self.name)]

    def find(self) -> list[Path]:
        """Return the four files from the first folder that has them all.

        MNIST and Fashion-MNIST use the same names, so the smallest file is read and compared too; it takes about a
        millisecond.

        Raises:
            DataError: no folder has them.
        """
        looked = list[str]()
        for folder in self.places():
            paths = [path for file in self.files if (path := present(folder / file.name))]
            if len(paths) < len(self.files):
                looked.append(shown(folder) + (" (not all four)" if paths else ""))
                continue
            try:
                self.files[-1].open(paths[-1])
            except DataError:
                looked.append(f"{shown(folder)} (other contents)")
            else:
                return paths
        raise DataError(
            f"{self.title} is not on this server. Looked for {self.files[0].name} and three more, plain or .gz, in "
            f"{', '.join(looked)}. NORMVIZ_DATA names a folder of your own."
        )

    def available(self) -> bool:
        """Tell whether the files are there, without reading the large ones."""
        try:
            return bool(self.find())
        except DataError:
            return False

    def load(self) -> Dataset:
        """Return all training images in the order of the file, and all test images, pixels / 255. Features: 784.

        The first test images are :data:`LOOK_EACH` of every class, spread evenly over the file. The pixels are held in
        a file of ours that all processes map.

        Raises:
            DataError: the files are not there, are not the published ones, or ours cannot be written.
        """
        paths = self.find()
        train_y, test_y = (self.files[i].open(paths[i]).astype(np.int64) for i in (1, 3))
        first = some_of_each(test_y, LOOK_EACH, fixed())
        order = np.concatenate([first, np.setdiff1d(np.arange(len(test_y)), first)])

        def parts() -> Iterator[Float32[np.ndarray, "_ features"]]:
            for index, rows in ((0, np.arange(len(train_y))), (2, order)):
                images = self.files[index].open(paths[index])
                for start in range(0, len(rows), ROWS):
                    some = images[rows[start : start + ROWS]]
                    yield some.reshape(len(some), -1).astype(np.float32) / 255

        features = math.prod(self.files[0].shape[1:])
        made_from = " ".join(["pixels / 255 of", *(file.sha256 for file in self.files)])
        x = mapped(made_from, (len(train_y) + len(test_y), features), parts)
        return Dataset(
            x[: len(train_y)],
            train_y,
            x[len(train_y) :],
            test_y[order],
            int(train_y.max()) + 1,
            form=(1, *self.files[0].shape[1:]),
        )
