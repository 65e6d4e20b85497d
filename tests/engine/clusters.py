"""A real Ray cluster of two nodes on this machine, with a token: a head without processors, and a node with two."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-the-tests-0123456789"
#: As an operator sets it: the token, no reports to anybody, where nodes find normviz, and soon a node that is lost.
ENVIRONMENT = {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": TOKEN,
    "RAY_USAGE_STATS_ENABLED": "0",
    "PYTHONPATH": str(ROOT),
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "1000",
    "RAY_health_check_failure_threshold": "5",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
MEMORY = 80 * 2**20


class TestCluster:
    """The cluster, whose second node can be lost and come again."""

    __test__ = False

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        self._cluster: Any = Cluster()
        self._cluster.add_node(num_cpus=0, object_store_memory=MEMORY, include_dashboard=False)
        self.address: str = self._cluster.address
        self._node: Any = None

    def add(self, processors: int = 2) -> None:
        """Start the second node."""
        self._node = self._cluster.add_node(num_cpus=processors, object_store_memory=MEMORY)

    def lose(self) -> None:
        """Kill all processes of the second node."""
        self._cluster.remove_node(self._node, allow_graceful=False)

    def close(self) -> None:
        """End all nodes."""
        self._cluster.shutdown()


@contextmanager
def cluster() -> Generator[TestCluster]:
    """Start a cluster for the length of a block."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        found = TestCluster()
        found.add()
        try:
            yield found
        finally:
            found.close()


def lives(pid: int) -> bool:
    """Tell whether a process is there, and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
