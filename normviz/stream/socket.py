"""The WebSocket route: carries a viewer's messages both ways, and lets go of a page that takes nothing any more."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from normviz import logs
from normviz.engine.local import LocalEngine
from normviz.stream.viewer import Viewer

MAX_TEXT = 20_000
#: A page that takes nothing of what it is sent for so long is let go: a laptop that was shut, a network that is gone.
TAKE_SECONDS = 20.0
#: It may come back; what it is told if it does take something in the seconds after that ("try again later").
STALLED = 1013
CLOSE_SECONDS = 10.0
_log = logs.of(__name__)


def route(
    base: str, engine: Callable[[], LocalEngine], take_seconds: float = TAKE_SECONDS
) -> WebSocketRoute:
    """Return the route; ``base`` is the app's base path, and ``engine`` gives the running engine."""

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        viewer = Viewer(engine())
        try:
            stalled = await _carry(socket, viewer, take_seconds)
        finally:
            viewer.close()
        if stalled:
            _log.info("page stalled", seconds=take_seconds)
            with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
                await asyncio.wait_for(socket.close(STALLED, "too slow"), CLOSE_SECONDS)

    return WebSocketRoute(base + "/nv/live", live)


async def _carry(socket: WebSocket, viewer: Viewer, take_seconds: float) -> bool:
    """Carry messages both ways until the page has gone, or takes nothing any more; return whether it is that."""
    ways = [
        asyncio.create_task(_receive(socket, viewer)),
        asyncio.create_task(_send(socket, viewer, take_seconds)),
    ]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        ended = [way.result() for way in done]
        return any(ended)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _receive(socket: WebSocket, viewer: Viewer) -> bool:
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        await viewer.obey((message.get("text") or "")[:MAX_TEXT])
        await viewer.room()
    return False


async def _send(socket: WebSocket, viewer: Viewer, take_seconds: float) -> bool:
    while True:
        item = await viewer.next()
        sending = socket.send_text(item) if isinstance(item, str) else socket.send_bytes(item)
        try:
            async with asyncio.timeout(take_seconds):
                await sending
        except TimeoutError:
            return True
        except (WebSocketDisconnect, RuntimeError):
            return False
