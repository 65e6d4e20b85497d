"""The WebSocket route: carries a viewer's messages both ways."""

import asyncio
from collections.abc import Callable

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from normviz.engine.local import LocalEngine
from normviz.stream.viewer import Viewer

MAX_TEXT = 20_000


def route(base: str, engine: Callable[[], LocalEngine]) -> WebSocketRoute:
    """Return the route; ``base`` is the app's base path, and ``engine`` gives the running engine."""

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        viewer = Viewer(engine())
        sender = asyncio.create_task(_send(socket, viewer))
        try:
            await _receive(socket, viewer)
        finally:
            viewer.close()
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    return WebSocketRoute(base + "/nv/live", live)


async def _receive(socket: WebSocket, viewer: Viewer) -> None:
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        await viewer.obey((message.get("text") or "")[:MAX_TEXT])


async def _send(socket: WebSocket, viewer: Viewer) -> None:
    while True:
        item = await viewer.next()
        try:
            await (socket.send_text(item) if isinstance(item, str) else socket.send_bytes(item))
        except (WebSocketDisconnect, RuntimeError):
            return
