"""The store: runs in a folder, one file each, so that they are there after a restart. Bounded; the longest unused go.

The folder itself is the index: a file's name is the run's id, its time is when it was used last. So several servers may
share one folder, and nothing has to be mended after a crash. A file is written under another name and then renamed; a
reader sees all of it or nothing.
"""

import os
import re
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from normviz import logs
from normviz.engine import runfile
from normviz.engine.run import OVER
from normviz.engine.runfile import RunFileError, StoredRun

SUFFIX = ".run"
PART = ".part"
#: ``<key of the configuration>-<this server>-<attempt>``.
ID = re.compile(r"[0-9a-f]{16}-[0-9a-f]{1,16}-[0-9]{1,9}")
#: Where damaged files are set aside, and how many of them stay.
ASIDE = "damaged"
MOST_ASIDE = 20
#: A part that nobody has touched for so long belongs to a server that is gone.
STALE_SECONDS = 600.0
#: A full disk is said this often at most.
SAY_EVERY = 60.0
_log = logs.of(__name__)


class StoreError(RuntimeError):
    """A folder that cannot be the store. The message names it and says what is allowed."""


@dataclass(frozen=True)
class StoreNumbers:
    """What an operator watches of the store: what has happened since the start, and what is kept now."""

    saved: int = 0
    loaded: int = 0
    evicted: int = 0
    damaged: int = 0
    failed: int = 0
    files: int = 0
    nbytes: int = 0


class Store:
    """Runs in a folder. Its methods read and write files: call them in a thread, any thread."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Make the folder if need be.

        Args:
            folder: where the runs are.
            limit: bytes that all runs together may have.

        Raises:
            StoreError: it is no folder that this process may write to.
        """
        self.folder, self._limit = folder, limit
        self._lock = threading.Lock()  # one writer at a time, and the numbers
        self._numbers = StoreNumbers()
        self._said = -SAY_EVERY
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".{os.getpid()}{PART}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StoreError(
                f"NORMVIZ_STORE: {folder} is not possible ({reason}); "
                "allowed: a folder that this process may write to, or nothing"
            ) from None
        with self._lock:
            self._make_room(0, "")

    @property
    def numbers(self) -> StoreNumbers:
        """What has happened since the start."""
        return self._numbers

    def save(self, run: StoredRun) -> bool:
        """Keep a run, in the place of what was kept of it before; return whether it is on the disk now."""
        parts = runfile.write(run)
        size = sum(map(len, parts))
        with self._lock:
            if size > min(self._limit, runfile.MOST_BYTES):
                return self._refuse(run.id, f"{size:,} bytes are more than the store may have")
            path = self._path(run.id)
            part = path.with_name(f".{path.name}-{os.getpid()}{PART}")
            try:
                self._make_room(size, path.name)
                _write(part, parts)
                os.replace(part, path)
                _sync(self.folder)
            except OSError as error:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
                return self._refuse(run.id, error.strerror or type(error).__name__)
            self._count(saved=1)
        say = _log.info if run.status in OVER else _log.debug
        say("store saved", run=run.id, status=run.status, step=run.step, bytes=size)
        return True

    def load(self, run_id: str) -> StoredRun | None:
        """Return a run; None where it is not kept, or where its file is damaged, which is then set aside."""
        if not ID.fullmatch(run_id):
            return None
        path = self._path(run_id)
        try:
            run = runfile.read(_read(path))
            if run.id != run_id or run.config.key() != run_id.partition("-")[0]:
                raise RunFileError(f"it is run {run.id[:60]!r}")
        except FileNotFoundError:
            return None
        except RunFileError as error:
            self._set_aside(path, str(error))
            return None
        except OSError as error:
            _log.warning("store unreadable", run=run_id, reason=error.strerror)
            return None
        with suppress(OSError):
            os.utime(path)
        with self._lock:
            self._count(loaded=1)
        return run

    def latest(self, key: str) -> StoredRun | None:
        """Return the run of this configuration that was used last and did not fail; None where there is none."""
        own = [file for file in self._files() if file[2].startswith(f"{key}-")]
        for _, _, name in sorted(own, reverse=True):
            run = self.load(name.removesuffix(SUFFIX))
            if run is not None and run.status != "failed":
                return run
        return None

    def _path(self, run_id: str) -> Path:
        return self.folder / f"{run_id}{SUFFIX}"

    def _files(self) -> Iterator[tuple[float, int, str]]:
        """Yield (last use, bytes, name) of every run. Other files in the folder are nobody's business."""
        with os.scandir(self.folder) as entries:
            for entry in entries:
                name = entry.name
                if name.endswith(SUFFIX) and ID.fullmatch(name.removesuffix(SUFFIX)):
                    with suppress(FileNotFoundError):
                        info = entry.stat(follow_symlinks=False)
                        yield info.st_mtime, info.st_size, name

    def _make_room(self, size: int, for_name: str) -> None:
        """Remove what was not used for longest until ``size`` bytes more fit, and parts that nobody writes any more."""
        others = sorted(file for file in self._files() if file[2] != for_name)
        total = sum(nbytes for _, nbytes, _ in others)
        kept = len(others) + bool(for_name)
        for _, nbytes, name in others:
            if total + size <= self._limit:
                break
            (self.folder / name).unlink(missing_ok=True)
            total, kept = total - nbytes, kept - 1
            self._count(evicted=1)
            _log.info("store evicted", run=name.removesuffix(SUFFIX), bytes=nbytes)
        self._numbers = replace(self._numbers, files=kept, nbytes=total + size)
        for part in self.folder.glob(f".*{PART}"):
            with suppress(FileNotFoundError):
                if time.time() - part.stat().st_mtime > STALE_SECONDS:
                    part.unlink()

    def _set_aside(self, path: Path, reason: str) -> None:
        """Put a file where it is not looked at again, and say so; the newest of them stay."""
        aside = self.folder / ASIDE
        try:
            aside.mkdir(exist_ok=True)
            os.replace(path, aside / path.name)
            old = sorted(aside.iterdir(), key=lambda each: each.lstat().st_mtime, reverse=True)
            for each in old[MOST_ASIDE:]:
                each.unlink()
        except OSError as error:
            reason = f"{reason}; it stays, for {error.strerror}"
        with self._lock:
            self._count(damaged=1)
        _log.warning("store damaged", file=path.name, reason=reason, now=str(aside))

    def _refuse(self, run_id: str, reason: str) -> bool:
        """Say that a run cannot be saved, not too often; it goes on in memory."""
        self._count(failed=1)
        if time.monotonic() - self._said >= SAY_EVERY:
            self._said = time.monotonic()
            _log.warning(
                "store cannot save", run=run_id, reason=reason, failed=self._numbers.failed
            )
        return False

    def _count(self, **more: int) -> None:
        now = {name: getattr(self._numbers, name) + n for name, n in more.items()}
        self._numbers = replace(self._numbers, **now)


def _write(path: Path, parts: list[bytes]) -> None:
    """Write a file that nobody else may read, and wait until the disk has it."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with open(opened, "wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Wait until the disk has the folder's names."""
    opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _read(path: Path) -> bytes:
    """Read a file of the store: a plain one, and no larger than one can be.

    Raises:
        RunFileError: it is something else.
        OSError: it cannot be read.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        raise RunFileError("it is no plain file")
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(opened, "rb") as file:
        size = os.fstat(opened).st_size
        if size > runfile.MOST_BYTES:
            raise RunFileError(f"{size:,} bytes are more than a run can have")
        return file.read(runfile.MOST_BYTES + 1)
