"""One page that watches: what it asks for, and what it is sent."""

import asyncio
import json
from collections import deque
from typing import Any

from normviz.config import ConfigError, parse
from normviz.engine.downloads import Download, DownloadRefused
from normviz.engine.local import LocalEngine
from normviz.engine.registry import EngineFull
from normviz.engine.run import Run, Watcher
from normviz.stream.messages import BadMessage, choice, error, number, read

SPEEDS = (0, 1, 10, 30)
MAX_STEPS = 100
#: Answers and recorded frames that wait for a page; while there are more, nothing is read of what it says.
MAX_QUEUED = 4096
_VERBS = ("play", "pause", "step", "reset", "again", "backfill", "download", "cancel")


class Viewer:
    """A connection's state between the run and the socket.

    Answers and history wait in a queue; of live frames and of the run's state only the newest is sent, so a slow
    viewer skips and never piles up. Who says much and takes nothing has to wait: see :meth:`room`.
    """

    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine
        self._something = asyncio.Event()
        self._wake = self._something.set
        self._watcher = Watcher(self._wake)
        self._run: Run | None = None
        self._introduced = False
        self._queue: deque[str | bytes] = deque()
        self._room = asyncio.Event()
        self._seen_seq, self._seen_version = -1, -1
        self._download: Download | None = None
        self._seen_download = -1
        self._told_end = False

    # -- what the page asks for ----------------------------------------------------------------------------------

    async def obey(self, text: str) -> None:
        """Do what a message asks; a bad one is answered with an error and changes nothing."""
        try:
            await self._do(read(text))
        except (ConfigError, BadMessage, EngineFull) as refused:
            self._say(error(refused, "busy" if isinstance(refused, EngineFull) else None))

    async def _do(self, message: dict[str, Any]) -> None:
        match message.get("do"):
            case "open":
                await self._open(message)
            case "reset" | "again" if self._run:
                await self._attach(self._engine.restart(self._run), "new")
            case "play":
                self._pace(True, float(choice(message, "speed", SPEEDS)))
            case "pause":
                self._pace(False, 0.0)
            case "step":
                self._step(number(message, "n", 1, MAX_STEPS))
            case "backfill":
                self._backfill(
                    number(message, "after", -1, 2**32), number(message, "before", 0, 2**32)
                )
            case "download" | "cancel":
                self._fetch(message)
            case other:
                raise BadMessage(
                    f"do: {str(other)[:40]} is not possible now; allowed: open, then {', '.join(_VERBS)}"
                )

    async def _open(self, message: dict[str, Any]) -> None:
        config = parse(message.get("config"))
        asked = str(message.get("run") or "")
        beside = str(message.get("beside") or "")  # a room's run, which its lecturer alone trains
        known = await self._engine.keeping.find(asked, config)
        if known and known.id == beside != asked:
            known = None
        if known and known.id == asked:
            # a page that has frames of another server may have some that were not saved there
            mine = message.get("server", self._engine.server) == self._engine.server
            after = number(message, "after", -1, 2**32)
            await self._attach(known, *(("resumed", after) if mine else ("joined", -1)))
        elif known:
            await self._attach(known, "new" if known.untouched else "joined")
        else:
            run, new = self._engine.open(config, beside)
            await self._attach(run, "new" if new or run.untouched else "joined")

    async def _attach(self, run: Run, how: str, after: int = -1) -> None:
        """Watch this run from now on: its schema, the frames recorded after ``after``, then what happens."""
        self.leave(moved_on=run is not self._run)
        self._watcher.playing = False
        self._engine.watch(run, self._watcher)
        self._run, self._seen_version, self._introduced = run, -1, False
        await run.started.wait()
        latest = run.record.latest
        self._seen_seq = latest[0] if latest else -1
        history = list(run.record.between(after, self._seen_seq + 1))
        self._introduced = True
        self._queue.clear()
        if run.schema is not None:  # without one the start failed, and the state says why
            who = {"run": run.id, "server": self._engine.server}
            self._say({"is": "opened", **who, "how": how, "schema": run.schema})
            self._queue.extend(history)
            self._say({"is": "history", "frames": len(history)})

    def leave(self, *, moved_on: bool = False) -> None:
        """Stop watching, because the page has gone or has ``moved_on`` to another run."""
        if self._run:
            self._engine.leave(self._run, self._watcher, moved_on=moved_on)
        self._run = None

    def close(self) -> None:
        """The page has gone. A download that it asked for goes on."""
        self.leave()
        if self._download:
            self._download.askers.discard(self._wake)

    def _fetch(self, message: dict[str, Any]) -> None:
        """Wait for a download and be told how far it is, or wait no longer; it goes on while somebody else waits."""
        if message["do"] == "download":
            dataset = str(message.get("dataset"))[:40]
            try:
                self._download = self._engine.downloads.ask(dataset, self._wake)
            except DownloadRefused as error:
                refused = Download(dataset, "failed", reason="refused", detail=str(error))
                return self._say(refused.state())
            self._seen_download = -1
            self._wake()
        elif self._download and not self._download.over:
            self._engine.downloads.cancel(self._download, self._wake)
            self._say({**self._download.state(), "stage": "cancelled"})
            self._download = None
        return None

    def _pace(self, playing: bool, speed: float) -> None:
        self._watcher.playing, self._watcher.speed = playing, speed
        if self._run:
            self._engine.repace(self._run)

    def _step(self, n: int) -> None:
        if self._run and not self._run.over:
            self._engine.step(self._run, n)

    def _backfill(self, after: int, before: int) -> None:
        if self._run and len(self._queue) < MAX_QUEUED:
            self._queue.extend(self._run.record.between(after, before))
            self._something.set()

    # -- what the page is sent -----------------------------------------------------------------------------------

    def _say(self, message: dict[str, Any]) -> None:
        self._queue.append(json.dumps(message, separators=(",", ":")))
        self._something.set()

    def _kept(self) -> bool:
        """Tell whether the page will find its run again when the server is back."""
        return bool(self._run and self._engine.keeping.keeps(self._run))

    async def room(self) -> None:
        """Wait until the page has taken enough of what it was answered to say more."""
        while len(self._queue) >= MAX_QUEUED:
            self._room.clear()
            await self._room.wait()

    async def next(self) -> str | bytes:
        """Wait for the next thing to send: queued answers first, then the newest frame, after it the new state."""
        while True:
            if self._engine.draining and not self._told_end:
                self._told_end = True
                return json.dumps({"is": "closing", "kept": self._kept()})
            if self._queue:
                self._room.set()
                return self._queue.popleft()
            if self._download and self._download.version != self._seen_download:
                self._seen_download = self._download.version
                return json.dumps(self._download.state(), separators=(",", ":"))
            run, told = self._run, self._seen_version
            if run and (self._introduced or run.notice) and run.version != told:
                self._seen_version = run.version  # one that has to wait before it starts says why
                self._say(run.state())
            # the first state comes before any frame; a later one speaks of a step whose frame goes first
            newest = None if self._queue and told < 0 else self._newest(run)
            if newest is not None:
                return newest
            if self._queue:
                continue
            self._something.clear()
            await self._something.wait()

    def _newest(self, run: Run | None) -> bytes | None:
        """Return the newest frame if it is not sent yet; it counts as sent."""
        latest = run.record.latest if run and self._introduced else None
        if latest is None or latest[0] <= self._seen_seq:
            return None
        self._seen_seq = latest[0]
        return latest[2]
