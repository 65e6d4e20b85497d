"""Data that are not ours to ship: where they may lie on this machine, and how a file of them is read."""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterable
from pathlib import Path

from normviz.settings import Settings


class DataError(Exception):
    """A data set is not on this machine, or is not what it should be. The text says what was looked for, and where."""


def in_data_folder(*folders: str) -> list[Path]:
    """Return these folders inside ``NORMVIZ_DATA``; "" is that folder itself. Nothing when it is not set."""
    root = Settings().data
    return [] if root is None else [root / folder for folder in folders]


def cache_folder(name: str) -> Path:
    """Return our folder for a data set below ``XDG_CACHE_HOME``, by default ``~/.cache/normviz``."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path("~/.cache").expanduser()) / "normviz" / name


def present(path: Path) -> Path | None:
    """Return the file, or the same with .gz behind its name, whichever is there."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        try:
            if candidate.is_file():
                return candidate
        except OSError:  # a folder that may not be looked into is no folder of ours
            continue
    return None


def read(path: Path, limit: int) -> bytes:
    """Return the bytes of a file, unpacked if its name ends with .gz; never more than ``limit``.

    Raises:
        DataError: the file cannot be read or unpacked, or is longer.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{shown(path)} cannot be read: {error}") from None
    if len(data) > limit:
        raise DataError(f"{shown(path)} is longer than the {limit:,} bytes it should have")
    return data


def write(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Write a file of ours completely or not at all; nobody ever sees a part of it under its name.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(".part", ".", path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.writelines(parts)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def shown(path: Path) -> str:
    """Write a path for a message, the home folder as ~."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):  # elsewhere, or nobody's home
        return str(path)
