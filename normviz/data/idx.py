"""The idx format of MNIST and its relatives, and data sets that come as four files of it.

A file is two zero bytes, the type (8: unsigned bytes), the number of axes, the length of each axis as a big-endian
32-bit number, and the values, last axis fastest (Y. LeCun's description of the MNIST files).
"""

import hashlib
import math
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from normviz.data.dataset import Dataset, fixed, some_of_each
from normviz.data.files import DataError, cache_folder, in_data_folder, present, read, shown

#: What is used of each class, so that a run needs 70 MB for its data and not 220, and a look at the held-out examples
#: takes a fifth of the time.
TRAIN_EACH, HELDOUT_EACH = 2000, 200
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
        found = hashlib.sha256(data).hexdigest()
        if found != self.sha256:
            raise DataError(
                f"{shown(path)} is not the published file: SHA-256 {found[:16]}…, not {self.sha256[:16]}…"
            )
        return parse(data)


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
    """

    title: str
    name: str
    files: tuple[File, File, File, File]
    inside: tuple[str, ...]
    elsewhere: tuple[Path, ...] = ()

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
        """Return 20,000 training images, 2,000 a class, and 2,000 of the test images, pixels / 255. Features: 784.

        They are spread evenly over the files. Nothing is kept in memory here.

        Raises:
            DataError: the files are not there, or are not the published ones.
        """
        paths = self.find()
        train, train_y, test, test_y = (
            file.open(path) for file, path in zip(self.files, paths, strict=True)
        )
        rng = fixed()
        rows = some_of_each(train_y, TRAIN_EACH, rng)
        held = some_of_each(test_y, HELDOUT_EACH, rng)
        return Dataset(
            train[rows].reshape(len(rows), -1).astype(np.float32) / 255,
            train_y[rows].astype(np.int64),
            test[held].reshape(len(held), -1).astype(np.float32) / 255,
            test_y[held].astype(np.int64),
            int(train_y.max()) + 1,
        )
