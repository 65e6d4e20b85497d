"""Published figures that visitors have run again: one at a time, each in a process of its own, one result for all.

The process is :mod:`normviz.reproduce.study`: the web process has no torch.
"""

import asyncio
import json
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from normviz.engine.process import end, environment
from normviz.language import _, language
from normviz.reproduce import FIGURES

#: Every study runs with the seeds 0, 1, 2.
SEEDS = 3
#: Bytes of a line that a study's process may say.
LONGEST_LINE = 2**24
OVER = frozenset({"done", "failed", "cancelled"})

Wake = Callable[[], None]
#: What a process says in a line.
Said = dict[str, Any]


class StudyRefused(RuntimeError):
    """A study that may not start. The text says why."""


@dataclass(eq=False)
class Study:
    """One run of a figure.

    Attributes:
        stage: waiting, running; then done, failed or cancelled.
        done: parts that have been measured.
        total: parts in all; 0 while that is not known.
        began: when it began, by the monotonic clock.
        reason: why it failed: died or long.
        detail: the last word of the process, or the time limit.
        outcome: what came out.
        askers: who wants it.
    """

    figure: str
    stage: str = "waiting"
    done: int = 0
    total: int = 0
    began: float = 0.0
    reason: str = ""
    detail: str = ""
    outcome: Said | None = None
    askers: set[Hashable] = field(default_factory=set[Hashable])

    @property
    def over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self.stage in OVER

    def hear(self, said: Said) -> None:
        """Take in a line of the process."""
        if "progress" in said:
            self.done, self.total = int(said["progress"]["done"]), int(said["progress"]["total"])
        elif "outcome" in said:
            self.outcome = dict(said["outcome"])

    def end(self, stage: str, reason: str = "", detail: str = "") -> None:
        """Say how it ended; the first word counts."""
        if not self.over:
            self.stage, self.reason, self.detail = stage, reason, detail


class Studies:
    """The one place where studies start and end. All methods belong to one event loop.

    Attributes:
        command: what is started: without more it tells what is published, with a figure and a number of seeds it runs.
        most: studies that may run or wait at the same time.
        seconds: after which one is ended.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self.command = [sys.executable, "-m", "normviz.reproduce.study"]
        self.most, self.seconds = most, seconds
        self._studies: dict[str, Study] = {}  # the newest of each figure
        self._queue = deque[Study]()
        self._running: Study | None = None
        self._task: asyncio.Task[None] | None = None
        self._lookers: dict[str, set[Wake]] = {}
        self._published: dict[tuple[str, str], Said] = {}  # by figure and language
        self._telling: asyncio.Task[None] | None = None
        self._closed = False

    # -- what is published ---------------------------------------------------------------------------------------

    async def published(self, figure: str) -> Said | None:
        """Return what is published of a figure, or None where that cannot be said now; the first call takes seconds.

        It is in the language that is spoken here.
        """
        wanted = figure, language()
        if wanted not in self._published and not self._closed:
            if self._telling is None or self._telling.done():
                self._telling = asyncio.create_task(self._tell_published())
            await asyncio.wait({self._telling})
        return self._published.get(wanted)

    async def _tell_published(self) -> None:
        try:
            async with asyncio.timeout(self.seconds), self._process() as (lines, _word):
                async for said in lines:
                    told = said["published"]
                    self._published[told["figure"], told["language"]] = told
        except (TimeoutError, OSError, ValueError, TypeError, KeyError):
            return  # those that have come stay, and who asks for another asks again

    # -- studies -------------------------------------------------------------------------------------------------

    def find(self, figure: str) -> Study | None:
        """Return the newest study of a figure."""
        return self._studies.get(figure)

    def count(self) -> int:
        """Return how many studies run or wait."""
        return len(self._queue) + (self._running is not None)

    def place(self, study: Study) -> int:
        """Return how many studies are before this one; 0 when it runs or is over."""
        return self._queue.index(study) + (self._running is not None) if study in self._queue else 0

    def look(self, figure: str, wake: Wake) -> None:
        """Call ``wake`` whenever something changes about this figure."""
        self._lookers.setdefault(figure, set()).add(wake)

    def look_away(self, figure: str, wake: Wake) -> None:
        """Call it no longer."""
        self._lookers.get(figure, set[Wake]()).discard(wake)

    def ask(self, figure: str, asker: Hashable) -> Study:
        """Return the study of this figure that all who ask share, started or put in the queue if need be.

        Raises:
            StudyRefused: there is no such figure, studies are switched off, or too many wait.
        """
        if figure not in FIGURES:
            raise StudyRefused(no_such(figure))
        study = self._studies.get(figure)
        if study is None or study.stage in ("failed", "cancelled"):
            self._check_room()
            study = self._studies[figure] = Study(figure)
            self._queue.append(study)
            self._next()
        study.askers.add(asker)
        self._tell(figure)
        return study

    def withdraw(self, figure: str, asker: Hashable) -> None:
        """Say that somebody does not want it any more; when nobody does, it ends."""
        study = self._studies.get(figure)
        if study is None:
            return
        study.askers.discard(asker)
        if not study.askers and not study.over:
            self._cancel(study)
        self._tell(figure)

    async def close(self) -> None:
        """End everything, and wait until the processes are gone."""
        self._closed = True
        self._queue.clear()
        tasks = [task for task in (self._task, self._telling) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _check_room(self) -> None:
        if self.most == 0:
            raise StudyRefused(_("Studies are switched off on this server (NORMVIZ_STUDIES)."))
        if len(self._queue) + (self._running is not None) >= self.most or self._closed:
            raise StudyRefused(
                _("{n} studies run or wait already. Ask again after one.").format(n=self.most)
            )

    def _cancel(self, study: Study) -> None:
        study.end("cancelled")
        if study in self._queue:
            self._queue.remove(study)
            self._tell_all()
        elif study is self._running and self._task:
            self._task.cancel()

    def _next(self, ended: object = None) -> None:
        """Start the next study once the process of the one before is gone."""
        if ended is not None:
            self._running = None
        if self._running is None and self._queue:
            self._running = self._queue.popleft()
            self._task = asyncio.create_task(self._run(self._running))
            self._task.add_done_callback(self._next)
            self._tell_all()

    def _tell(self, figure: str) -> None:
        for wake in self._lookers.get(figure, ()):
            wake()

    def _tell_all(self) -> None:
        for figure in self._lookers:
            self._tell(figure)

    async def _run(self, study: Study) -> None:
        if not study.over:
            study.stage, study.began = "running", time.monotonic()
            self._tell(study.figure)
        try:
            async with asyncio.timeout(self.seconds):
                await self._listen(study)
        except TimeoutError:
            study.end("failed", "long", f"{self.seconds / 60:.3g} min")
        except (OSError, ValueError, TypeError, KeyError) as error:
            study.end("failed", "died", str(error)[:200])
        finally:
            study.end("cancelled")
            self._tell(study.figure)

    async def _listen(self, study: Study) -> None:
        """Start the process and pass on what it says; it is gone when this returns."""
        async with self._process(study.figure, str(SEEDS)) as (lines, last_word):
            async for said in lines:
                study.hear(said)
                self._tell(study.figure)
            if study.outcome is None:
                study.end("failed", "died", await last_word)
            study.end("done")

    @asynccontextmanager
    async def _process(
        self, *arguments: str
    ) -> AsyncGenerator[tuple[AsyncIterator[Said], asyncio.Task[str]]]:
        """Start a process; yield its lines, and what will be the last line of its complaints."""
        started = await asyncio.create_subprocess_exec(
            *self.command,
            *arguments,
            stdin=asyncio.subprocess.PIPE,  # it ends with this process, however that goes
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            env=environment(),
        )
        assert started.stdout is not None
        assert started.stderr is not None
        last_word = asyncio.create_task(_last_line(started.stderr))
        try:
            yield _lines(started.stdout), last_word
        finally:
            await end(started)
            last_word.cancel()


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[Said]:
    while line := await stream.readline():
        yield json.loads(line)


async def _last_line(stream: asyncio.StreamReader) -> str:
    """Read all; return the last line that has something in it, shortened."""
    last = b""
    while line := await stream.readline():
        last = line.strip() or last
    return last.decode(errors="replace")[:200]


def no_such(figure: str) -> str:
    """Say that there is no such figure, and which there are."""
    return _("There is no figure {figure!r}; there are {known}.").format(
        figure=figure[:40], known=", ".join(FIGURES)
    )
