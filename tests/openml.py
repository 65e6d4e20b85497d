"""OpenML for tests: a proxy on this machine that answers for www.openml.org, over TLS, with a certificate of its own.

What asks is the real code, down to urllib; the environment tells it of the proxy and of the certificate.
"""

import gzip
import hashlib
import json
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

DATA = "/data/v1/download/7/table.arff"
needs_openssl = pytest.mark.skipif(
    not shutil.which("openssl"), reason="openssl makes a certificate"
)


def table(pixels: np.ndarray, labels: np.ndarray) -> bytes:
    """The file that OpenML has of such a set: one row an image, its class last."""
    head = [f"@ATTRIBUTE pixel{i + 1} real" for i in range(pixels.shape[1])]
    rows = [",".join(map(str, [*row, label])) for row, label in zip(pixels, labels, strict=True)]
    return "\n".join(
        ["@RELATION digits", *head, "@ATTRIBUTE class {0,1}", "@DATA", *rows, ""]
    ).encode()


@dataclass
class OpenML:
    """What it answers.

    Attributes:
        arff: the table.
        status: of the answer that has the table.
        md5: what the description says of the table; empty: the truth.
        share: how much of the table is sent before the connection closes.
        parts: in how many parts it comes.
        pause: seconds of silence before each of them.
        asked: the paths that were asked for.
        environment: what tells a process to ask here.
    """

    arff: bytes
    status: int = 200
    md5: str = ""
    share: float = 1.0
    parts: int = 1
    pause: float = 0.0
    asked: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    @cached_property
    def packed(self) -> bytes:
        """The table as it travels."""
        return gzip.compress(self.arff, 1)

    def answer(self, path: str) -> dict[str, Any]:
        """What the API says."""
        if "/list/" in path:
            return {"data": {"dataset": [{"did": 7, "version": 1}]}}
        if "/features/" in path:
            plain = {"is_target": "false", "is_ignore": "false", "is_row_identifier": "false"}
            plain |= {"number_of_missing_values": "0", "data_type": "numeric"}
            names = [{**plain, "name": f"pixel{i + 1}"} for i in range(784)]
            digit = {**plain, "name": "class", "data_type": "nominal", "is_target": "true"}
            return {"data_features": {"feature": [*names, digit]}}
        if "/qualities/" in path:
            return {"data_qualities": {"quality": []}}
        return {
            "data_set_description": {
                "status": "active",
                "format": "ARFF",
                "url": f"https://www.openml.org{DATA}",
                "md5_checksum": self.md5 or hashlib.md5(self.arff).hexdigest(),
                "description": "",
            }
        }


class Server(ThreadingHTTPServer):
    """Has what every connection needs."""

    daemon_threads = True

    def __init__(self, site: OpenML, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), Proxy)
        self.site, self.tls = site, tls

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what some tests are about."""


class Answers(BaseHTTPRequestHandler):
    """What OpenML says."""

    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        site = self.server.site
        path = urlsplit(
            self.path
        ).path  # asking again through a proxy, urllib sends the whole address
        site.asked.append(path)
        if path == DATA:
            self.say(site.status, site.packed, {"Content-Encoding": "gzip"})
        else:
            self.say(200, json.dumps(site.answer(path)).encode(), {})

    def say(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        site = self.server.site
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        whole = not headers
        size = len(body) if whole else -(-len(body) // site.parts)
        end = len(body) if whole else int(len(body) * site.share)
        for start in range(0, end, size):
            time.sleep(0 if whole else site.pause)
            self.wfile.write(body[start : min(end, start + size)])
            self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Proxy(Answers):
    """What is asked to connect to OpenML."""

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        with self.server.tls.wrap_socket(self.connection, server_side=True) as inner:
            Answers(inner, self.client_address, self.server)
        self.close_connection = True


def certified(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for www.openml.org and its key, once in a folder."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    if certificate.exists():
        return certificate, key
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=www.openml.org", "-addext", "subjectAltName=DNS:www.openml.org"]
    command += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    return certificate, key


@contextmanager
def openml(folder: Path, arff: bytes) -> Generator[OpenML]:
    """Serve until the block ends."""
    site, tls = OpenML(arff), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate, key = certified(folder)
    tls.load_cert_chain(certificate, key)
    with Server(site, tls) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        site.environment = {
            "https_proxy": f"http://127.0.0.1:{server.server_port}",
            "SSL_CERT_FILE": str(certificate),
            "no_proxy": "",
        }
        yield site
        server.shutdown()
