"""What a run was: its configuration, seed and link, the versions and the machine, and what its frames hold."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from normviz.config import RunConfig, to_link
from normviz.engine.build import versions
from normviz.frames import HEADER, Schema


def gather(
    run: str,
    config: RunConfig,
    status: str,
    schema: Schema,
    frames: Sequence[bytes],
    origin: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return all facts as JSON values.

    Versions and machine are those of this server, or of a recording's ``origin``.
    """
    steps = [HEADER.unpack_from(data)[4] for data in frames]
    return {
        "run": run,
        "key": config.key(),
        "link": "?" + urlencode(to_link(config)),
        "status": status,
        "seed": config.lane.seed,
        "config": json.loads(config.canonical()),
        "lanes": [
            {**vars(info), "config": lane.model_dump()}
            for info, lane in zip(schema.lanes, config.lanes(), strict=True)
        ],
        "frames": len(frames),
        "first_step": steps[0] if steps else None,
        "last_step": steps[-1] if steps else None,
        "quantities": [
            {
                "lane": schema.lanes[placed.lane].name,
                "name": placed.field.name,
                "axes": placed.field.axes,
                "unit": placed.field.unit,
                "description": placed.field.description,
                "bins": vars(placed.field.bins) if placed.field.bins else None,
            }
            for placed in schema.fields
        ],
        **(origin or {"versions": versions(), "machine": machine()}),
    }


@cache
def machine() -> dict[str, str | int]:
    """Return the processor, its cores that this server may use, and the platform; nothing that names the machine."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    return {
        "processor": _processor(),
        "cores": cores,
        "architecture": platform.machine(),
        "platform": f"{platform.system()} {platform.release()}",
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def written(facts: dict[str, Any]) -> bytes:
    """Write them as a JSON file."""
    return (json.dumps(facts, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
