"""How much memory the server takes: this process and all that it has started."""

import os
from collections.abc import Mapping
from pathlib import Path

PROC = Path("/proc")


def taken() -> int | None:
    """Return the bytes that the server's processes take, shared pages counted once; None where that cannot be read.

    It is the proportional set size of Linux. A process that ends meanwhile counts nothing.
    """
    if not (PROC / "self" / "smaps_rollup").exists():
        return None
    parents = {pid: parent for pid in _pids() if (parent := _parent(pid))}
    return sum(map(_bytes, _family(os.getpid(), parents)))


def _family(root: int, parents: Mapping[int, int]) -> set[int]:
    """Return a process and all below it."""
    family, grown = {root}, True
    while grown:
        below = {pid for pid, parent in parents.items() if parent in family}
        grown = not below <= family
        family |= below
    return family


def _pids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _parent(pid: int) -> int:
    """Return the parent of a process; its name, in brackets, may have any character in it."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return 0
    return int(stat[stat.rindex(")") + 2 :].split()[1])


def _bytes(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
