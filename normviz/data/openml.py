"""MNIST and Fashion-MNIST from OpenML, by scikit-learn's ``fetch_openml``, into the four files of our cache folder.

OpenML has each set as one table: 70,000 rows, the training images first, in the order of the published files. The four
files are put together again and compared with the SHA-256 of the published ones; nothing else is ever stored.

``python -m normviz.data.openml KEY`` does it in a process of its own and says how far it is, a line of JSON at a time.
"""

import errno
import json
import os
import shutil
import signal
import socket
import sys
import time
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import BaseHandler, HTTPSHandler, Request, build_opener, install_opener

import numpy as np
from jaxtyping import UInt8

from normviz import catalog
from normviz.data.files import DataError, cache_folder, shown, write
from normviz.data.idx import Source, packed
from normviz.data.mapped import ABANDONED
from normviz.settings import Settings

#: Seconds that the other side may be silent.
SILENCE = 15
#: No file of OpenML's that is wanted here is nearly as long.
MOST_BYTES = 400_000_000
TELL_EVERY = 0.2
_OURS = frozenset({errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EPERM, errno.EDQUOT, errno.EIO})

#: What is told: a stage (connect, receive, check, store), bytes so far, and bytes in all where they are known.
Tell = Callable[[str, int, int | None], None]


class DownloadError(Exception):
    """A download that did not work.

    Attributes:
        reason: unreachable, contents (not what was published) or storage (it cannot be kept here).
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def offer(datasets: list[str]) -> dict[str, Any]:
    """Return what a page may offer for the first of these data sets that is missing and can be downloaded, if any is.

    That is its title and the folder for its files; where downloads are allowed also its key, as ``dataset``, and about
    how many megabytes it takes.
    """
    for key in datasets:
        choice = catalog.DATASETS.get(key)
        if choice and choice.download and not choice.available():
            source = choice.remote()
            into = shown(cache_folder(source.name))
            about = {"title": source.title, "into": into}
            click = {"dataset": key, "megabytes": source.megabytes}
            return {**about, **click} if Settings().downloads else about
    return {}


def fetch(source: Source, tell: Tell) -> None:
    """Download, check and store a data set. Changes urllib's opener and the time-out of all sockets of this process.

    Raises:
        DownloadError: it did not work; nothing has been stored.
    """
    folder = cache_folder(source.name)
    with _named(folder), _room(folder) as room:
        tell("connect", 0, None)
        pixels, labels = _table(source, room, tell)
        tell("check", 0, None)
        contents = list(_contents(source, pixels, labels))
        tell("store", 0, None)
        for file, content in zip(source.files, contents, strict=True):
            write(folder / file.name, [content])


@contextmanager
def _named(folder: Path) -> Generator[None]:
    """Turn whatever goes wrong into the one error with its reason."""
    try:
        yield
    except OSError as error:
        if error.errno in _OURS:
            raise DownloadError("storage", f"{shown(folder)}: {error.strerror}") from error
        raise DownloadError("unreachable", _short(error)) from error
    except (EOFError, zlib.error, HTTPException) as error:
        raise DownloadError("unreachable", "the connection broke off") from error
    except (DataError, ValueError, LookupError, TypeError) as error:
        raise DownloadError("contents", _short(error)) from error


@contextmanager
def _room(folder: Path) -> Generator[str]:
    """Make a folder for what comes, beside the place where it will lie, and remove it afterwards."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob(".download-*"):  # of a process that was killed long ago
            if path.stat().st_mtime < time.time() - ABANDONED:
                shutil.rmtree(path, ignore_errors=True)
        room = TemporaryDirectory(dir=folder, prefix=".download-")
    except OSError as error:
        raise DownloadError("storage", f"{shown(folder)}: {error.strerror}") from error
    with room as name:
        yield name


def _table(
    source: Source, room: str, tell: Tell
) -> tuple[UInt8[np.ndarray, "examples features"], UInt8[np.ndarray, " examples"]]:
    from sklearn.datasets import fetch_openml  # a second and 150 MB, and only here

    socket.setdefaulttimeout(SILENCE)
    install_opener(build_opener(_Once(), _Counting(tell)))
    table: Any = fetch_openml(
        source.openml,
        version=1,
        data_home=room,  # without a folder it would load the table twice
        as_frame=False,
        return_X_y=True,
        parser="pandas",
        # Bytes from the start: as it comes, the table takes gigabytes. And pandas 3 reads a column of digits as numbers
        # where scikit-learn 1.9 expects words, if it is not told that it is one of bytes.
        read_csv_kwargs={"dtype": np.uint8, "quotechar": "'"},
    )
    return table


def _contents(
    source: Source,
    pixels: UInt8[np.ndarray, "examples features"],
    labels: UInt8[np.ndarray, " examples"],
) -> Iterator[bytes]:
    """Yield the four files, checked."""
    start = 0
    for index, file in enumerate(source.files):
        part = (labels if index % 2 else pixels)[start : start + file.shape[0]]
        content = packed(part.reshape(file.shape))
        file.check(content, f"OpenML's {file.name}")
        yield content
        start += file.shape[0] if index % 2 else 0


class _Once(HTTPSHandler):
    """Gives up at the first failure. What scikit-learn asks again is not the same question behind a proxy."""

    def https_open(self, req: Request) -> HTTPResponse:
        try:
            return super().https_open(req)
        except URLError as error:
            raise DownloadError("unreachable", _short(error.reason)) from error


class _Counting(BaseHandler):
    """Tells how much of a file has come, and refuses an error's page and a file that is far too long."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def http_response(self, request: Request, response: Any) -> Any:  # noqa: ANN401 - whatever urllib passes around
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise DownloadError("unreachable", f"HTTP {response.status} {response.reason}")
        if "/json/" in urlsplit(request.full_url).path:
            return response
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
        read, come, told = response.read, 0, 0.0

        def counted(*size: int) -> bytes:
            nonlocal come, told
            data = read(*size)
            come += len(data)
            if come > MOST_BYTES:
                raise ValueError(f"more than {MOST_BYTES / 1e6:.0f} MB")
            if not data or time.monotonic() - told >= TELL_EVERY:
                told = time.monotonic()
                self._tell("receive", come, total)
            return data

        response.read = counted
        return response

    https_response = http_response


def _short(error: object) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split())[:200]


def _end(*_: object) -> None:
    raise SystemExit(1)


def _say(**message: Any) -> None:  # noqa: ANN401 - whatever JSON takes
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(key: str) -> None:
    """Download a data set of the catalog and say how it goes; when asked to end, remove what was begun."""
    os.nice(10)  # training comes first
    signal.signal(signal.SIGTERM, _end)
    try:
        fetch(
            catalog.DATASETS[key].remote(),
            lambda stage, come, total: _say(stage=stage, come=come, total=total),
        )
    except DownloadError as error:
        _say(stage="failed", reason=error.reason, detail=str(error))
    else:
        _say(stage="done")


if __name__ == "__main__":
    main(sys.argv[1])
