"""The WebSocket routes: carry a page's messages both ways, and let go of one that takes nothing any more."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from normviz import logs
from normviz.engine.local import LocalEngine
from normviz.stream.attendant import Attendant
from normviz.stream.viewer import Viewer

MAX_TEXT = 20_000
#: A page that takes nothing of what it is sent for so long is let go: a laptop that was shut, a network that is gone.
TAKE_SECONDS = 20.0
#: It may come back; what it is told if it does take something in the seconds after that ("try again later").
STALLED = 1013
CLOSE_SECONDS = 10.0
_log = logs.of(__name__)


class Partner(Protocol):
    """Who talks with a page over a socket: see :class:`Viewer`."""

    async def obey(self, text: str) -> None:
        """Do what a message asks."""
        ...

    async def room(self) -> None:
        """Wait until the page may say more."""
        ...

    async def next(self) -> str | bytes | None:
        """Wait for the next thing to send; None when nothing comes any more."""
        ...

    def close(self) -> None:
        """The page has gone."""
        ...


def route(
    base: str, engine: Callable[[], LocalEngine], take_seconds: float = TAKE_SECONDS
) -> WebSocketRoute:
    """Return the route of the runs; ``base`` is the app's base path, and ``engine`` gives the running engine."""

    async def live(socket: WebSocket) -> None:
        await _serve(socket, Viewer(engine()), take_seconds)

    return WebSocketRoute(base + "/nv/live", live)


def rooms_route(
    base: str, engine: Callable[[], LocalEngine], take_seconds: float = TAKE_SECONDS
) -> WebSocketRoute:
    """Return the route of the rooms, in the same way."""

    async def room(socket: WebSocket) -> None:
        await _serve(socket, Attendant(engine().rooms), take_seconds)

    return WebSocketRoute(base + "/nv/room", room)


async def _serve(socket: WebSocket, partner: Partner, take_seconds: float) -> None:
    await socket.accept()
    try:
        stalled = await _carry(socket, partner, take_seconds)
    finally:
        partner.close()
    if stalled:
        _log.info("page stalled", seconds=take_seconds)
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
            await asyncio.wait_for(socket.close(STALLED, "too slow"), CLOSE_SECONDS)


async def _carry(socket: WebSocket, partner: Partner, take_seconds: float) -> bool:
    """Carry messages both ways until the page has gone, or takes nothing any more; return whether it is that."""
    ways = [
        asyncio.create_task(_receive(socket, partner)),
        asyncio.create_task(_send(socket, partner, take_seconds)),
    ]
    try:
        done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        ended = [way.result() for way in done]
        return any(ended)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _receive(socket: WebSocket, partner: Partner) -> bool:
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        await partner.obey((message.get("text") or "")[:MAX_TEXT])
        await partner.room()
    return False


async def _send(socket: WebSocket, partner: Partner, take_seconds: float) -> bool:
    while True:
        item = await partner.next()
        if item is None:
            return False
        sending = socket.send_text(item) if isinstance(item, str) else socket.send_bytes(item)
        try:
            async with asyncio.timeout(take_seconds):
                await sending
        except TimeoutError:
            return True
        except (WebSocketDisconnect, RuntimeError):
            return False
