"""What processes take of the machine, from Linux's /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

from tests.browser.serving import children

HERTZ = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all below it."""
    return [pid, *(each for child in children(pid) for each in family(child))]


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the processor time that processes have used; one that has ended counts nothing."""
    return sum(map(_cpu, pids))


def memory_mb(pids: Iterable[int]) -> float:
    """Return the memory that processes take, shared pages divided among those that share them (PSS)."""
    return sum(map(_pss, pids)) / 1024


def _cpu(pid: int) -> float:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HERTZ if fields else 0.0


def _pss(pid: int) -> int:
    lines = _read(pid, "smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
