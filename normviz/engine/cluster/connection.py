"""The connection to a Ray cluster, held by a thread that stays until it is closed."""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

import ray

#: Seconds until a cluster that does not answer counts as absent, and from one look at its processors to the next.
PATIENCE, LOOK_EVERY = 30.0, 1.0
_log = logging.getLogger(__name__)


class ClusterAbsent(RuntimeError):
    """There is no connection to the cluster. The text names the setting and says what to do."""


@dataclass(frozen=True)
class Processors:
    """The processors that the cluster has for training, and those of them that nobody has reserved."""

    total: int = 0
    free: int = 0


class Connection:
    """Connects this process to a cluster. One at a time in a process.

    Ray replaces the handler of SIGTERM if it is started in the main thread, and what it starts in a passing thread
    would end with that thread; hence a thread of its own. ``look`` is told there about the processors now and then.

    Raises:
        ClusterAbsent: nothing answers, the token is not the cluster's, or its versions are others.
    """

    def __init__(self, address: str, look: Callable[[Processors], None]) -> None:
        self._address, self._look = address, look
        self._closed = threading.Event()
        connected = Future[None]()
        self._keeper = threading.Thread(
            target=self._keep, args=(connected,), name="ray-keeper", daemon=True
        )
        self._keeper.start()
        try:
            connected.result(PATIENCE)
        except TimeoutError:
            raise ClusterAbsent(_absent(address, f"nothing for {PATIENCE:.0f} s")) from None
        except (
            Exception
        ) as error:  # Ray raises ConnectionError, RuntimeError, ValueError and its own
            raise ClusterAbsent(_absent(address, str(error))) from error

    def close(self) -> None:
        """Disconnect; what this process has started in the cluster ends."""
        self._closed.set()
        self._keeper.join(10)

    def _keep(self, connected: "Future[None]") -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            ray.init(address=self._address, log_to_driver=False, logging_level=logging.ERROR)
        except BaseException as error:  # it goes to the thread that waits
            connected.set_exception(error)
            return
        connected.set_result(None)
        while not self._closed.wait(LOOK_EVERY):
            try:
                self._look(processors())
            except Exception as error:  # whatever the cluster cannot say now it may say later
                _log.warning("The cluster does not say what processors it has: %s", error)
        ray.shutdown()


def processors() -> Processors:
    """Ask the cluster for its processors."""
    total, free = ray.cluster_resources(), ray.available_resources()
    return Processors(int(total.get("CPU", 0)), int(free.get("CPU", 0)))


def _absent(address: str, reason: str) -> str:
    text = reason.strip().split("\n")[0][:300]
    return (
        f"NORMVIZ_RAY_ADDRESS: no connection to the Ray cluster at {address} ({text}). Needed: a node of that "
        "cluster on this machine (ray start --address=... --num-cpus=0), the same Ray and Python on all nodes, and "
        "where the cluster has a token the same RAY_AUTH_MODE=token and RAY_AUTH_TOKEN here. See docs/ray.md."
    )
