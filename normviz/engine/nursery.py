"""The nursery: a process that has torch and the default data loaded and forks a warm worker on request.

A fork of it is ready in tens of milliseconds and shares its memory, where a fresh interpreter takes seconds. It is a
process of its own (not the standard library's fork server) so that workers never import the web process's main module.
It never runs a backward pass itself, so that its forks may.
"""

import os
import signal
import socket
import subprocess
import sys
from multiprocessing.connection import Connection


class Nursery:
    """The web process's end: starts the nursery and asks it for workers."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "normviz.engine.nursery", str(theirs.fileno())]
            environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            self._process = subprocess.Popen(
                command, pass_fds=[theirs.fileno()], env=environment, start_new_session=True
            )

    def worker(self, *settings: float) -> Connection:
        """Fork a worker and return the pipe to it; ``settings`` go to :func:`normviz.engine.worker.main`."""
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._socket, [repr(settings).encode()], [theirs.fileno()])
        return Connection(ours.detach())

    def close(self) -> None:
        """End the nursery. Its workers end by themselves when their pipes close.

        One that still loads does not look at its socket, and has nothing to lose.
        """
        self._socket.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _serve(requests: socket.socket) -> None:
    """Fork a worker for every request until the web process closes the socket."""
    from normviz.catalog import DATASETS
    from normviz.config import LaneConfig
    from normviz.engine import worker

    DATASETS[LaneConfig().dataset].load()()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, fds, _, _ = socket.recv_fds(requests, 1024, 1)
        if not fds:
            return
        if os.fork() == 0:
            requests.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            worker.main(
                Connection(fds[0]), *map(float, message.decode().strip("()").rstrip(",").split(","))
            )
            os._exit(0)
        os.close(fds[0])


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
