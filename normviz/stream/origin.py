"""Refuse WebSockets that a page of another site opens, and what it sends us, before anything else looks at them."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

REFUSED = 1008


class OriginGuard:
    """ASGI middleware. A WebSocket passes when its Origin names this host, is allowed by name, or is absent.

    So does a POST to a route of ours; Streamlit has its own guard for its routes.

    Streamlit checks its own socket only, and looks the machine's external address up to do so, which stops the whole
    event loop for 20 s where nothing gets out.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str] = ()) -> None:
        self._app = app
        self._allowed = {_host(origin) for origin in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on, or close it with code 1008 before it is accepted (HTTP status 403)."""
        if scope["type"] == "websocket" and not self._welcome(Headers(scope=scope)):
            return await WebSocketClose(REFUSED)(scope, receive, send)
        if _sends_to_us(scope) and not self._welcome(Headers(scope=scope)):
            return await PlainTextResponse("not from a page of another site", 403)(
                scope, receive, send
            )
        return await self._app(scope, receive, send)

    def _welcome(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        return (
            origin is None or _host(origin) == headers.get("host") or _host(origin) in self._allowed
        )


def _sends_to_us(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "POST" and "/nv/" in scope["path"]


def _host(origin: str) -> str:
    return origin.partition("://")[2] or origin
