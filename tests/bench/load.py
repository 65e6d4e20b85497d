"""A lecture, a lab class and the worst case: students by their WebSockets and Chromium pages among them, one server."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.bench.classroom import EVERY
from tests.bench.processes import cpu_seconds, family, memory_mb
from tests.bench.report import Result, Row, at_least, at_most
from tests.bench.seats import Seat, seats
from tests.browser.chromium import FLAGS, executable
from tests.browser.serving import Server, children, serving

#: What students of a case do stands in :data:`tests.bench.classroom.CASES`; these are the links of the Chromium pages,
#: and whether they click.
PAGES = {
    "lecture": (("seed=77&steps=100000",) * 2, False),
    "lab": (("", "seed=0"), True),
    "all different": (("seed=900001", "seed=900002"), True),
}
SETTLE, SECONDS = 3.0, 31.0
#: Sixty different runs of the presets take more memory than two training processes may have if nobody says more.
WORKER_MB = "6144"
SAMPLE_EVERY = 2.0
FPS = 30


def bench() -> Result:
    """Measure each case on a server of its own."""
    rows, raw = list[Row](), dict[str, Any]()
    for name, (links, clicks) in PAGES.items():
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(Path(folder) / "log", NORMVIZ_WORKER_MB=WORKER_MB) as server,
            sync_playwright() as playwright,
        ):
            ready(server)
            browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
            try:
                raw[name] = attended(server, name, seats(browser, server.url, links), clicks)
            finally:
                browser.close()
        rows += _rows(name, raw[name])
    return Result(rows, raw)


def ready(server: Server, seconds: float = 60) -> None:
    """Wait until the training processes are warm.

    Raises:
        TimeoutError: they are not.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(server.url + "/readyz", timeout=5):
            return
        time.sleep(0.2)
    raise TimeoutError(f"{server.url}: the training processes are not warm after {seconds:.0f} s")


@contextmanager
def classroom(
    server: Server, case: str, settle: float, seconds: float
) -> Generator[subprocess.Popen[str]]:
    """Let the students come; go on when all of them are there."""
    command = [sys.executable, "-m", "tests.bench.classroom", server.url, case]
    with subprocess.Popen(
        [*command, str(settle), str(seconds)], stdout=subprocess.PIPE, text=True
    ) as clients:
        assert clients.stdout is not None
        if not clients.stdout.readline():
            raise RuntimeError("the students' process has failed; its message stands above")
        yield clients


def attended(server: Server, case: str, taken: list[Seat], clicks: bool) -> dict[str, Any]:
    """Return what students and pages see, and what the processes take meanwhile."""
    with classroom(server, case, SETTLE, SECONDS) as clients, Scales(server) as scales:
        pages = sit(taken, SECONDS - 1.0, clicks)
        assert clients.stdout is not None
        seen = json.loads(clients.stdout.readline())
    return {**seen, **scales.figures(), "pages": pages}


def sit(taken: list[Seat], seconds: float, clicks: bool) -> list[dict[str, Any]]:
    """Let the pages paint for so long, and change a control in each of them when it is time."""
    end, due = time.monotonic() + seconds, time.monotonic()
    for seat in taken:
        seat.begin()
    while time.monotonic() < end:
        if clicks and time.monotonic() >= due:
            due += EVERY
            for seat in taken:
                seat.click()
        taken[0].page.wait_for_timeout(200)
    return [seat.seen() for seat in taken]


class Scales:
    """Weighs the server's processes while it is entered: processor time over all of it, memory every few seconds."""

    def __init__(self, server: Server) -> None:
        web = server.process.pid
        below = [pid for child in children(web) for pid in family(child)]
        mine = set(family(os.getpid())) - set(family(web))
        self._groups = {"web": [web], "workers": below, "rest": sorted(mine)}
        self._memory: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._weigh)

    def __enter__(self) -> "Scales":
        self._start, self._before = time.monotonic(), self._cpu()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        after, seconds = self._cpu(), time.monotonic() - self._start
        self._spent = {name: (after[name] - self._before[name]) / seconds for name in after}

    def figures(self) -> dict[str, float]:
        """Return cores that each group used, and the most memory that each took, in MB."""
        cpu = {f"{name}_cores": spent for name, spent in self._spent.items()}
        return {**cpu, **{f"{name}_mb": most for name, most in self._memory.items()}}

    def _cpu(self) -> dict[str, float]:
        return {name: cpu_seconds(pids) for name, pids in self._groups.items()}

    def _weigh(self) -> None:
        while True:
            for name in ("web", "workers"):
                now = memory_mb(self._groups[name])
                self._memory[name] = max(now, self._memory.get(name, 0.0))
            if self._over.wait(SAMPLE_EVERY):
                return


def _rows(name: str, seen: dict[str, Any]) -> list[Row]:
    """Put a case into words; a lecture is to have its frames, and nobody an error."""
    errors = len(seen["errors"]) + sum(len(page["errors"]) for page in seen["pages"])
    frames = (
        f" each (5th percentile {seen['fps_p5']:.1f}; all together {seen['fps_all']:.0f}), age"
        f" {seen['age_p50_ms']:.0f} / {seen['age_p95_ms']:.0f} ms"
    )
    rows = [
        at_most(f"{name}: errors", errors, 0),
        Row(f"{name}: open the link to first frame", _waits(seen, "arrival")),
        at_least(f"{name}: frames/s", seen["fps"], 0.95 * FPS, frames)
        if name == "lecture"
        else Row(f"{name}: frames/s", f"{seen['fps']:.1f}{frames}"),
    ]
    if seen["clicks"]:
        rows += [
            Row(
                f"{name}: click to first frame", f"{_waits(seen, 'click')}, {seen['clicks']} clicks"
            ),
            Row(f"{name}: Train to first step", _waits(seen, "trained")),
        ]
    painted = "; ".join(
        f"{page['painted']:.1f} painted frames/s"
        + "".join(f", {wait:.0f} ms" for wait in page["clicks_ms"])
        for page in seen["pages"]
    )
    cores = (
        f"web {seen['web_cores']:.2f}, training {seen['workers_cores']:.2f}, students and browser"
        f" {seen['rest_cores']:.2f} cores; web {seen['web_mb']:.0f}, training {seen['workers_mb']:.0f} MB"
    )
    return [
        *rows,
        Row(f"{name}: Chromium pages, with clicks to first painted frame", painted),
        Row(f"{name}: processor and memory", cores),
    ]


def _waits(seen: dict[str, Any], what: str) -> str:
    return (
        f"{seen[f'{what}_p50_ms']:.0f} ms median, {seen[f'{what}_p95_ms']:.0f} ms 95th percentile"
    )
