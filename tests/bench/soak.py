"""``python -m tests.bench.soak --minutes 30``: twenty students who change settings at random; is the memory flat?

Prints a line every few seconds, writes ``soak.json``, and returns 1 where the memory grows or somebody saw an error.
"""

import argparse
import json
import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.load import classroom, ready
from tests.bench.processes import cpu_seconds, memory_mb
from tests.bench.report import Row, at_most, table
from tests.browser.serving import Server, serving

SAMPLE_EVERY = 10.0
#: Until then caches and the allocator's reserves fill: of all the time, and at most.
WARM_SHARE, WARM_MOST_S = 1 / 3, 600.0
#: Growth a minute that counts as flat, in MB: a server that runs for a day has 1.4 GB more then.
FLAT = 1.0
OUT = Path("soak.json")
TOKEN = "soak"
NAMES = {
    "web_rest": "the web process without records",
    "records": "records",
    "workers": "training processes",
}


def main() -> int:
    """Run it for so many minutes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="0.5 to 1440; 30 without it")
    minutes = parser.parse_args().minutes
    if not 0.5 <= minutes <= 1440:
        parser.error(f"--minutes: {minutes:g} is not possible; allowed: 0.5 to 1440")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "log", NORMVIZ_METRICS_TOKEN=TOKEN) as server,
    ):
        ready(server)
        samples, seen = soak(server, 60 * minutes)
    rows = judged(samples, seen)
    print(table(rows))
    OUT.write_text(json.dumps({"samples": samples, "seen": seen}, indent=1))
    return int(any(row.met is False for row in rows))


def soak(server: Server, seconds: float) -> tuple[list[dict[str, float]], dict[str, Any]]:
    """Return a sample of the server's memory and processor time every few seconds, and what the students saw."""
    samples = list[dict[str, float]]()
    with classroom(server, "soak", 0.0, seconds) as clients:
        start = time.monotonic()
        while time.monotonic() < start + seconds - SAMPLE_EVERY:
            samples.append(sample(server, time.monotonic() - start))
            print(
                " ".join(f"{name}={value:.1f}" for name, value in samples[-1].items()), flush=True
            )
            time.sleep(SAMPLE_EVERY)
        assert clients.stdout is not None
        return samples, json.loads(clients.stdout.readline())


def sample(server: Server, at: float) -> dict[str, float]:
    """Weigh the web process and the training processes."""
    web, workers = [server.process.pid], server.workers()
    whole, records = memory_mb(web), records_mb(server)
    return {
        "s": at,
        "web_mb": whole,
        "records_mb": records,
        "web_rest_mb": whole - records,
        "workers_mb": memory_mb(workers),
        "web_cpu_s": cpu_seconds(web),
        "workers_cpu_s": cpu_seconds(workers),
    }


def records_mb(server: Server) -> float:
    """Return what the records of runs take, as the server says: they grow to their bounds, by design."""
    asked = urllib.request.Request(
        server.url + "/nv/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        told = re.search(r"^normviz_record_bytes (\S+)", answer.read().decode(), re.MULTILINE)
    assert told
    return float(told[1]) / 2**20


def slope(samples: list[dict[str, float]], name: str) -> tuple[float, float]:
    """Return the growth in MB a minute by a line of least squares through the later samples, and its standard error."""
    warm = min(WARM_MOST_S, samples[-1]["s"] * WARM_SHARE)
    points = np.array([(each["s"] / 60, each[name]) for each in samples if each["s"] >= warm])
    at = points[:, 0] - points[:, 0].mean()
    grown = float(at @ points[:, 1] / (at @ at))
    rest = points[:, 1] - points[:, 1].mean() - grown * at
    return grown, float(np.sqrt(rest @ rest / max(1, len(at) - 2) / (at @ at)))


def judged(samples: list[dict[str, float]], seen: dict[str, Any]) -> list[Row]:
    """Return the slope of each kind of process, and the students' errors."""
    rows = [at_most("soak: errors", len(seen["errors"]), 0, f" ({seen['clicks']} clicks)")]
    for name in NAMES:
        grown, off = slope(samples, f"{name}_mb")
        sizes = [each[f"{name}_mb"] for each in samples]
        note = f" ± {off:.2g}; {sizes[0]:.0f} MB at first, {max(sizes):.0f} at most, {sizes[-1]:.0f} at last"
        title = f"soak: growth of {NAMES[name]}, MB a minute"
        if name == "records":
            rows.append(Row(title, f"{grown:.3g}{note}"))
        else:
            rows.append(at_most(title, grown, FLAT, note))
    return rows


if __name__ == "__main__":
    sys.exit(main())
