"""``python -m tests.bench [NAME ...]``: measure, print one table, write ``bench.json``."""

import argparse
import importlib
import json
import os
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if sys.argv[1:] != ["gpu"]:
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")  # both sides of every comparison on the CPU

NAMES = (
    "training",
    "meter",
    "networks",
    "lanes",
    "engine",
    "snapshot",
    "opening",
    "browser",
    "laptop",
    "watching",
    "load",
    "rooms",
    "shares",
    "gpu",
    "ray",
)
PACKAGES = ("torch", "numpy", "streamlit", "playwright", "tensorboard", "ray")
OUT = Path("bench.json")


def main() -> int:
    """Run the named benches, or all; return 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"one of {', '.join(NAMES)}; all without one"
    )
    chosen = parser.parse_args().names or list(NAMES)
    if unknown := [name for name in chosen if name not in NAMES]:
        parser.error(f"NAME: {unknown[0]} is not possible; allowed: {', '.join(NAMES)}")
    from tests.bench.report import table

    rows, raw = [], {}
    for name in chosen:
        start = time.monotonic()
        result = importlib.import_module(f"tests.bench.{name}").bench()
        rows += result.rows
        raw[name] = {**result.raw, "seconds": time.monotonic() - start}
        print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print(table(rows))
    OUT.write_text(
        json.dumps(
            {"machine": machine(), "rows": [vars(row) for row in rows], "raw": raw}, indent=1
        )
    )
    return int(any(row.met is False for row in rows))


def machine() -> dict[str, Any]:
    """Say what it was measured on."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "python": platform.python_version(),
        **{package: _version(package) for package in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    sys.exit(main())
