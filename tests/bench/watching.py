"""One run watched by many WebSocket clients, and many Streamlit sessions beside them."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.processes import cpu_seconds
from tests.bench.report import Result, Row
from tests.browser.serving import Server, serving

CLIENTS = (1, 20, 100, 200, 500)
SECONDS = 8.0
SESSIONS = 50
RERUN_EVERY = 5.0


def bench() -> Result:
    """Measure frames/s a client, the age of frames, and what the server spends on each."""
    rows, raw = [], {}
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "log") as server:
        for count in CLIENTS:
            figures = raw[str(count)] = watch(server, count, sessions=0)
            rows.append(Row(f"{count} viewers of one run", _words(figures)))
        figures = raw["200+50"] = watch(server, 200, sessions=SESSIONS)
        reruns = f"; {figures['reruns']} reruns p50 {figures['rerun_p50_ms']:.0f}, p99 {figures['rerun_p99_ms']:.0f} ms"
        rows.append(
            Row(f"200 viewers, {SESSIONS} sessions rerunning every 5 s", _words(figures) + reruns)
        )
    return Result(rows, raw)


def _words(figures: dict[str, Any]) -> str:
    return (
        f"{figures['fps']:.1f} frames/s each, age p50 {figures['age_p50_ms']:.1f}, p99 {figures['age_p99_ms']:.1f} ms, "
        f"server {figures['server_cpu']:.0%} CPU, {figures['us_per_frame_and_client']:.0f} us a frame and viewer, "
        f"clients {figures['clients_cpu']:.0%}"
    )


def watch(server: Server, count: int, sessions: int) -> dict[str, Any]:
    """Let the clients run in a process of their own, and weigh the server meanwhile."""
    command = [
        sys.executable,
        "-m",
        "tests.bench.clients",
        server.url,
        str(count),
        str(sessions),
        str(SECONDS),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as clients:
        assert clients.stdout is not None
        clients.stdout.readline()  # all are connected and the run trains
        before, start = cpu_seconds([server.process.pid]), time.monotonic()
        figures = json.loads(clients.stdout.readline())
        spent, seconds = cpu_seconds([server.process.pid]) - before, time.monotonic() - start
    frames = max(1e-9, figures["fps"] * seconds * count)
    return {
        **figures,
        "server_cpu": spent / seconds,
        "us_per_frame_and_client": spent / frames * 1e6,
    }
