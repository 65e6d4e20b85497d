"""Visitors behind a proxy: each with Streamlit's socket, our own, and the route cookie."""

import asyncio
import json
import ssl
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from tests.bench.clients import rerun
from tests.deploy.proxies import Course

CONFIG = {"lane": {"dataset": "digits", "depth": 2, "width": 16, "seed": 81}}


@dataclass
class Visitor:
    """One browser: its cookie, how often each of its two sockets has been answered, and how often one was lost."""

    course: Course
    cookie: str = ""
    opened: int = 0
    scripts: int = 0
    lost: int = 0

    async def visit(self, context: ssl.SSLContext) -> None:
        """Get the first page and with it the route; then stay until this is cancelled."""
        async with httpx.AsyncClient(verify=context, trust_env=False) as browser:
            answer = await browser.get(self.course.url)
            assert answer.status_code == 200
            self.cookie = "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
        async with asyncio.TaskGroup() as sockets:
            sockets.create_task(self._stay("/nv/live", context, self._watch))
            sockets.create_task(self._stay("/_stcore/stream", context, self._run_script))

    async def _stay(self, path: str, context: ssl.SSLContext, speak: Any) -> None:
        """Keep a socket open; come back as a browser does when it is lost."""
        given: dict[str, Any] = (
            {"subprotocols": [Subprotocol("streamlit")]} if "stcore" in path else {}
        )
        while True:
            try:
                async with connect(
                    self.course.url.replace("https", "wss") + path,
                    ssl=context,
                    origin=Origin(self.course.url),
                    additional_headers={"Cookie": self.cookie},
                    max_size=None,
                    proxy=None,
                    **given,
                ) as socket:
                    await speak(socket)
                    await socket.wait_closed()
            except (OSError, WebSocketException):
                pass
            self.lost += 1
            await asyncio.sleep(0.2)

    async def _watch(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"do": "open", "config": CONFIG}))
        async for message in socket:
            if isinstance(message, str) and json.loads(message)["is"] == "history":
                self.opened += 1
                return

    async def _run_script(self, socket: ClientConnection) -> None:
        await rerun(socket)
        self.scripts += 1


async def answered(visitors: list[Visitor], times: int, seconds: float) -> None:
    """Wait until both sockets of everybody have been answered so often."""
    async with asyncio.timeout(seconds):
        while not all(min(each.opened, each.scripts) >= times for each in visitors):
            await asyncio.sleep(0.05)


def trusting(course: Course) -> ssl.SSLContext:
    """Return a context that knows the certificate of the moment."""
    return ssl.create_default_context(cafile=str(course.certificate))
