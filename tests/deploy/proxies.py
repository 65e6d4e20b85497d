"""The real proxies before real replicas, with the configuration of ``deploy/`` and a certificate of the moment."""

import re
import shutil
import signal
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.browser.serving import ROOT, Server, free_port, serving

DEPLOY = ROOT / "deploy"
#: A line of nginx's log: the route that came, the new one, the replicas that were tried, the status.
LOGGED = re.compile(r"(\S+) (\S+) \[(.*?)\] (\d+) ")
#: Where Debian puts what only an administrator starts.
PLACES = "/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"


def program(name: str) -> str:
    """Return a program's path, or skip the test where there is none."""
    found = shutil.which(name) or shutil.which(name, path=PLACES)
    if not found:
        pytest.skip(f"{name} is not installed; `make test` installs it where apt-get can")
    return found


@dataclass(frozen=True)
class Kind:
    """A proxy: its program, its configuration, and how it is told to look at that or to run with it."""

    name: str
    config: str
    check: Callable[[str, Path], list[str]]
    start: Callable[[str, Path], list[str]]


NGINX = Kind(
    "nginx",
    "nginx.conf",
    lambda program, config: [program, "-t", "-p", str(config.parent), "-c", str(config)],
    lambda program, config: [
        *(program, "-p", str(config.parent), "-c", str(config)),
        *("-e", "stderr", "-g", "daemon off;"),
    ],
)
HAPROXY = Kind(
    "haproxy",
    "haproxy.cfg",
    lambda program, config: [program, "-c", "-f", str(config)],
    lambda program, config: [program, "-db", "-f", str(config)],
)
KINDS = {kind.name: kind for kind in (NGINX, HAPROXY)}


def certificate(folder: Path) -> Path:
    """Make a certificate for localhost; return it, with its key in files of the names that the configurations have."""
    crt, key = folder / "tls.crt", folder / "tls.key"
    subprocess.run(
        [
            *(program("openssl"), "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(crt)),
        ],
        check=True,
        capture_output=True,
    )
    (folder / "tls.pem").write_text(crt.read_text() + key.read_text())
    return crt


def configure(kind: Kind, folder: Path, port: int, replicas: list[int]) -> Path:
    """Write the configuration of ``deploy/`` for this machine: other addresses, and nothing else."""
    text = (DEPLOY / kind.config).read_text()
    changes = {
        **({"/tmp/": f"{folder}/", "/dev/std": f"{folder}/std"} if kind is NGINX else {}),
        "8443 ssl": f"{port} ssl",
        "normviz-1:8501": f"127.0.0.1:{replicas[0]}",
        "normviz-2:8501": f"127.0.0.1:{replicas[1]}",
        "/etc/normviz/": f"{folder}/",
    }
    for old, new in changes.items():
        assert old in text, f"{kind.config}: {old}"
        text = text.replace(old, new)
    path = folder / kind.config
    path.write_text(text)
    return path


@dataclass
class Course:
    """Two replicas behind a proxy."""

    port: int
    folder: Path
    certificate: Path
    replicas: list[Server]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    def kill(self, replica: int) -> None:
        """Kill a replica's server; its training processes notice that it is gone."""
        self.replicas[replica].process.send_signal(signal.SIGKILL)
        self.replicas[replica].process.wait()

    def homes(self) -> dict[str, set[str]]:
        """Return, from what nginx has logged, at which replicas each route has been answered."""
        found = defaultdict[str, set[str]](set)
        for line in (self.folder / "stdout").read_text().splitlines():
            came, new, replicas, status = LOGGED.match(line).groups()  # pyright: ignore[reportOptionalMemberAccess]
            if status in ("200", "101"):
                found[came if came != "-" else new].add(replicas.rpartition(", ")[2])
        return found


@contextmanager
def course(kind: Kind, folder: Path, **settings: str) -> Generator[Course]:
    """Run two replicas and the proxy until the block ends."""
    path = program(kind.name)
    settings = {
        "NORMVIZ_WORKERS": "1",
        "STREAMLIT_SERVER_COOKIE_SECRET": "the same on both replicas, for the test",
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
        **settings,
    }
    crt, port = certificate(folder), free_port()
    with ExitStack() as stack:
        replicas = [
            stack.enter_context(serving(folder / f"replica-{i}", None, **settings)) for i in (1, 2)
        ]
        ports = [int(replica.url.rpartition(":")[2]) for replica in replicas]
        command = kind.start(path, configure(kind, folder, port, ports))
        out = stack.enter_context((folder / "proxy").open("wb"))
        process = subprocess.Popen(command, stdout=out, stderr=out)
        stack.callback(process.wait, 10)
        stack.callback(process.terminate)
        _listening(process, port, folder / "proxy")
        yield Course(port, folder, crt, replicas)


def _listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("localhost", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the proxy did not come up:\n{log.read_text()}")
