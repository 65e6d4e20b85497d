"""Street View House Numbers (Y. Netzer et al. 2011): the two .mat files of 32 x 32 pictures, out of ``NORMVIZ_DATA``.

The data's own site allows non-commercial use only.
"""

import hashlib
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from normviz.data.dataset import Dataset, fixed, some_of_each
from normviz.data.files import DataError, in_data_folder, present, shown
from normviz.data.textured import grey

#: File names and MD5, the only checksum that is published.
FILES = {
    "train_32x32.mat": "e26dedcc434d2e4c54c9b2d4a06d8373",
    "test_32x32.mat": "eb5a983be6a315427106f1b164d9cef3",
}
INSIDE = ("", "SVHN", "svhn")
MARGIN = 2
#: What is used of each class: a run needs 70 MB for it.
TRAIN_EACH, HELDOUT_EACH = 2000, 200
CLASSES = 10


def available() -> bool:
    """Tell whether both files are there."""
    try:
        return bool(_find())
    except DataError:
        return False


def load() -> Dataset:
    """Return up to 2,000 training pictures a class and 200 test pictures a class. Features: 784.

    They are spread evenly over the files, cut to the inner 28 x 28 pixels and turned to grey like
    :mod:`normviz.data.textured`. Reading takes about half a gigabyte for a moment; nothing is kept here.

    Raises:
        DataError: the files are not there, or are not the published ones.
    """
    train, test = _find()
    x, y = _some(train, TRAIN_EACH)
    heldout_x, heldout_y = _some(test, HELDOUT_EACH)
    return Dataset(x, y, heldout_x, heldout_y, CLASSES, form=(1, 28, 28))


def _find() -> list[Path]:
    folders = in_data_folder(*INSIDE)
    for folder in folders:
        paths = [
            path for name in FILES if (path := present(folder / name)) and path.suffix == ".mat"
        ]
        if len(paths) == len(FILES):
            return paths
    where = ", ".join(map(shown, folders)) or "the folder that NORMVIZ_DATA names; it is not set"
    raise DataError(f"SVHN is not on this server. Looked for {' and '.join(FILES)} in {where}.")


def _some(
    path: Path, each: int
) -> tuple[Float32[np.ndarray, "n features"], Int64[np.ndarray, " n"]]:
    images, labels = _read(path)
    y = labels.ravel().astype(np.int64) % CLASSES  # the digit 0 has the label 10
    rows = some_of_each(y, each, fixed())
    inner = images[MARGIN:-MARGIN, MARGIN:-MARGIN, :, rows]
    return grey(np.moveaxis(inner, 3, 0).astype(np.float32) / 255), y[rows]


def _read(path: Path) -> tuple[UInt8[np.ndarray, "32 32 3 n"], UInt8[np.ndarray, "n 1"]]:
    """Compare the checksum first: nothing else is given to the reader of .mat files."""
    from scipy.io import loadmat  # half a second, and only here

    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(
                file, lambda: hashlib.md5(usedforsecurity=False)
            ).hexdigest()
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {error}") from None
    if found != FILES[path.name]:
        raise DataError(
            f"{shown(path)} is not the published file: MD5 {found}, not {FILES[path.name]}"
        )
    contents = loadmat(path, variable_names=["X", "y"])
    return contents["X"], contents["y"]
