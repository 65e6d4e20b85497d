"""Downloads of data sets that a visitor asked for: one at a time, each in a process of its own; no run waits for it."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from normviz import catalog
from normviz.engine.process import end, environment

#: Seconds without a word of the process, and seconds in all, after which it is ended.
SILENCE = 120.0
LONGEST = 1800.0
OVER = frozenset({"done", "failed", "cancelled"})


class DownloadRefused(RuntimeError):
    """A download that may not start. The text says why."""


@dataclass(eq=False)
class Download:
    """One attempt at a data set.

    Attributes:
        stage: connect, receive, check, store; then done, failed or cancelled.
        come: bytes of the file so far.
        total: bytes in all, or None where the other side does not say.
        reason: why it failed: unreachable, contents, storage, silent, long or died.
        askers: the wake functions of all who wait for it.
        version: counts changes.
    """

    dataset: str
    stage: str = "connect"
    come: int = 0
    total: int | None = None
    reason: str = ""
    detail: str = ""
    askers: set[Callable[[], None]] = field(default_factory=set[Callable[[], None]])
    version: int = 0

    @property
    def over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self.stage in OVER

    def state(self) -> dict[str, Any]:
        """Return what those who wait are told."""
        return {
            "is": "download",
            "dataset": self.dataset,
            "stage": self.stage,
            "come": self.come,
            "total": self.total,
            "reason": self.reason,
            "detail": self.detail,
        }

    def tell(
        self,
        stage: str,
        come: int = 0,
        total: int | None = None,
        reason: str = "",
        detail: str = "",
    ) -> None:
        """Change the state and wake who waits; after the end nothing changes any more."""
        if self.over:
            return
        self.stage, self.come, self.total = stage, come, total
        self.reason, self.detail = reason, detail
        self.version += 1
        for wake in self.askers:
            wake()


class Downloads:
    """The one place where downloads start and end. All methods belong to one event loop.

    Attributes:
        command: what is started, with the data set's key behind it; it says how far it is in lines of JSON.
        silence: seconds without a line after which it is ended.
        current: the newest download.
    """

    def __init__(self, allowed: bool) -> None:
        self.command = [sys.executable, "-m", "normviz.data.openml"]
        self.silence = SILENCE
        self.current: Download | None = None
        self._allowed = allowed
        self._task: asyncio.Task[None] | None = None
        self._tasks = set[asyncio.Task[None]]()  # this one, and those whose process is ending

    def ask(self, dataset: str, wake: Callable[[], None]) -> Download:
        """Return the download of this data set that all who ask share, started if need be.

        Raises:
            DownloadRefused: downloads are not allowed here, there is none of this set, or another one is under way.
        """
        choice = catalog.DATASETS.get(dataset)
        if choice is None or not choice.download:
            raise DownloadRefused("There is no download of this data set.")
        if not self._allowed:
            raise DownloadRefused("Downloads are switched off on this server (NORMVIZ_DOWNLOADS).")
        current = self.current
        if current is None or current.over:
            current = self.current = Download(dataset)
            self._task = asyncio.create_task(self._watch(current))
            self._tasks.add(self._task)
            self._task.add_done_callback(self._tasks.discard)
        elif current.dataset != dataset:
            label = catalog.DATASETS[current.dataset].label
            raise DownloadRefused(f"Another download is under way ({label}). Ask again after it.")
        current.askers.add(wake)
        return current

    def cancel(self, download: Download, wake: Callable[[], None]) -> None:
        """Say that somebody waits no longer; when nobody does, the download ends."""
        download.askers.discard(wake)
        if not download.askers and download is self.current:
            self._stop()

    async def close(self) -> None:
        """End what is under way, and wait until its process is gone."""
        self._stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _stop(self) -> None:
        """End the current download, unless its process is ending already."""
        if self.current and not self.current.over and self._task:
            self.current.tell("cancelled")
            self._task.cancel()

    async def _watch(self, download: Download) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await self._run(download)
        except TimeoutError:
            download.tell("failed", reason="long", detail=f"{LONGEST / 60:.0f} min")
        except (OSError, ValueError, TypeError) as error:
            download.tell("failed", reason="died", detail=str(error)[:200])
        download.tell("failed", reason="died")

    async def _run(self, download: Download) -> None:
        """Start the process and pass on what it says; it is gone when this returns."""
        started = await asyncio.create_subprocess_exec(
            *self.command,
            download.dataset,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env=environment(),
        )
        assert started.stdout is not None
        try:
            while line := await asyncio.wait_for(started.stdout.readline(), self.silence):
                download.tell(**json.loads(line))
        except TimeoutError:
            download.tell("failed", reason="silent", detail=f"{self.silence:.0f} s")
        finally:
            await end(started)
