"""A client that speaks to an ASGI application on the running event loop."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """Sends requests to an application, as from a page of ``lab.example``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def get(self, address: str) -> Answer:
        return await self._ask("GET", address, _whole(b""))

    async def post(self, address: str, content: bytes | AsyncIterator[bytes]) -> Answer:
        return await self._ask(
            "POST", address, _whole(content) if isinstance(content, bytes) else content
        )

    async def _ask(self, method: str, address: str, content: AsyncIterator[bytes]) -> Answer:
        path, _, query = address.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", b"lab.example")],
            "server": ("lab.example", 80),
            "scheme": "http",
            "http_version": "1.1",
            "root_path": "",
        }
        sent: list[Message] = []
        ended = asyncio.Event()

        async def receive() -> Message:
            async for part in content:
                return {"type": "http.request", "body": part, "more_body": True}
            if not ended.is_set():
                ended.set()
                return {"type": "http.request", "body": b"", "more_body": False}
            return await asyncio.Future()  # the other side stays

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(
            sent[0]["status"], headers, b"".join(each.get("body", b"") for each in sent[1:])
        )


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]
