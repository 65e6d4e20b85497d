"""Who asks. Where visitors sign in, nobody else gets past here."""

from collections.abc import Callable, Collection, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

REFUSED = 1008
#: Asked by an operator's tools, which have no name; the numbers have their own guard.
_OPEN = ("/healthz", "/readyz", "/_stcore/health", "/nv/metrics", "/_stcore/metrics")
_HEADERS = {"Cache-Control": "no-store"}

#: Tells the name of who asks; None where there is none that can be trusted.
Name = Callable[[HTTPConnection], str | None]


class SignInIncomplete(ValueError):
    """What a sign-in needs is not there. The text says what."""


def check_forwarding(environment: Mapping[str, str]) -> None:
    """Look whether the server will tell a proxy's own address, and not the one that the proxy forwards.

    Raises:
        SignInIncomplete: it might not.
    """
    if environment.get("FORWARDED_ALLOW_IPS") != "":
        raise SignInIncomplete(
            "NORMVIZ_SIGN_IN=proxy needs FORWARDED_ALLOW_IPS set to nothing (FORWARDED_ALLOW_IPS=): the server would "
            "take the address that a proxy forwards for the proxy's own"
        )


def by_proxy(header: str, proxies: Collection[IPv4Network | IPv6Network]) -> Name:
    """Return who reads the name from a header that one of these proxies has set.

    The address of a connection is what the server says it is. A server that believes ``X-Forwarded-For``
    (``FORWARDED_ALLOW_IPS``) says what stands in there, which anybody may have written: an address that stands in there
    is not believed.
    """

    def name(asked: HTTPConnection) -> str | None:
        peer = asked.client.host if asked.client else ""
        forwarded = ",".join(asked.headers.getlist("x-forwarded-for")).split(",")
        if not _among(peer, proxies) or peer in map(_host, forwarded):
            return None
        names = asked.headers.getlist(header)
        return names[0].strip() or None if len(names) == 1 else None

    return name


def _among(peer: str, proxies: Collection[IPv4Network | IPv6Network]) -> bool:
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in proxies)


def _host(forwarded: str) -> str:
    """Return an address without its port."""
    text = forwarded.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


class SignInGuard:
    """ASGI middleware. Who has no name is answered with 403; a WebSocket closes before it is accepted.

    Args:
        app: what stands behind it.
        name: tells who asks.
        base: the app's base path.
        pages: whether Streamlit's own addresses are guarded too. They stay open where its pages ask to sign in.
    """

    def __init__(self, app: ASGIApp, name: Name, base: str = "", *, pages: bool) -> None:
        self._app, self._name, self._pages = app, name, pages
        self._open = frozenset(base + path for path in _OPEN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on, or refuse it."""
        if scope["type"] == "lifespan" or self._may(HTTPConnection(scope)):
            return await self._app(scope, receive, send)
        if scope["type"] == "websocket":
            return await WebSocketClose(REFUSED)(scope, receive, send)
        return await PlainTextResponse("sign in first", 403, _HEADERS)(scope, receive, send)

    def _may(self, asked: HTTPConnection) -> bool:
        path = asked.scope["path"]
        guarded = path not in self._open and (self._pages or "/nv/" in path)
        return not guarded or self._name(asked) is not None
