"""Who is let in: by the header of a trusted proxy, by the cookie that Streamlit signs."""

import json
import random
from ipaddress import ip_network
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.auth_util import set_cookie_with_chunks
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from normviz.settings import Settings, SignIn, in_force
from normviz.stream.sign_in import SignInGuard, by_proxy
from normviz.ui import sign_in

PROXIES = (ip_network("10.0.0.7/32"), ip_network("192.168.4.0/24"), ip_network("fd00::/64"))
OURS = ("/nv/ui/1/live/main.js", "/nv/receipt/run/data.csv", "/nv/study/table2015")
OPEN = ("/healthz", "/readyz", "/_stcore/health", "/nv/metrics", "/_stcore/metrics")
PAGES = ("/", "/lessons", "/_stcore/host-config", "/media/x")
SECRET = "a secret of more than thirty-two characters"
#: Does not become smaller by compression.
LARGE = random.Random(0).randbytes(6000).hex()
ORIGIN = "https://course.example"


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")


def guarded(name, *, pages: bool, base: str = "") -> Starlette:
    routes = [Route(base + path, lambda _: PlainTextResponse("in")) for path in OURS + OPEN + PAGES]
    return Starlette(
        routes=[*routes, *(WebSocketRoute(base + p, greet) for p in ("/nv/live", "/other"))],
        middleware=[Middleware(SignInGuard, name, base, pages=pages)],
    )


def opens(client: TestClient, path: str, **headers: str) -> bool:
    try:
        with client.websocket_connect(path, headers=headers) as socket:
            return socket.receive_text() == "hello"
    except WebSocketDisconnect:
        return False


@pytest.mark.parametrize("base", ["", "/course"])
def test_without_a_name_only_what_an_operator_asks_is_open(base: str):
    client = TestClient(guarded(lambda _: None, pages=True, base=base))
    for path in OPEN:
        assert client.get(base + path).text == "in"
    for path in (*OURS, *PAGES):
        assert client.get(base + path).status_code == 403, path
    assert not opens(client, base + "/nv/live") and not opens(client, base + "/other")


def test_where_pages_ask_themselves_only_our_routes_are_guarded():
    client = TestClient(guarded(lambda _: None, pages=False))
    for path in (*OPEN, *PAGES):
        assert client.get(path).text == "in"
    for path in OURS:
        assert client.get(path).status_code == 403, path
    assert not opens(client, "/nv/live") and opens(client, "/other")


def test_who_has_a_name_comes_in():
    client = TestClient(guarded(lambda _: "ada", pages=True))
    assert all(client.get(path).text == "in" for path in (*OURS, *PAGES))
    assert opens(client, "/nv/live")


def asked(peer: str | None, *headers: tuple[str, str], path: str = "/nv/x") -> HTTPConnection:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    client = (peer, 4711) if peer else None
    return HTTPConnection({"type": "http", "path": path, "headers": raw, "client": client})


@pytest.mark.parametrize(
    "peer", ["10.0.0.7", "192.168.4.250", "::ffff:10.0.0.7", "fd00::1", "FD00::1"]
)
def test_the_header_counts_from_a_trusted_proxy(peer: str):
    name = by_proxy("X-Remote-User", PROXIES)
    assert name(asked(peer, ("X-Remote-User", "ada"))) == "ada"
    # what a proxy adds of its visitors changes nothing
    assert name(asked(peer, ("x-remote-user", " ada "), ("X-Forwarded-For", "6.6.6.6"))) == "ada"


@pytest.mark.parametrize(
    "peer", ["10.0.0.8", "127.0.0.1", "fd01::1", "", None, "unix:", "10.0.0.7:5"]
)
def test_the_header_counts_from_nobody_else(peer: str | None):
    assert by_proxy("X-Remote-User", PROXIES)(asked(peer, ("X-Remote-User", "ada"))) is None


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("X-Remote-User", " ")],
        [("X-Remote-User", "ada"), ("X-Remote-User", "eve")],
        [("X-Remote-User-2", "ada")],
    ],
)
def test_a_header_that_is_missing_empty_or_twice_names_nobody(headers):
    assert by_proxy("X-Remote-User", PROXIES)(asked("10.0.0.7", *headers)) is None


def believing(app: Any, whom: str) -> Any:
    """The app behind what its server does with X-Forwarded-For from these addresses."""
    return ProxyHeadersMiddleware(app, whom)


@pytest.mark.parametrize(
    "forwarded", ["10.0.0.7", "10.0.0.7:80", "1.2.3.4, 10.0.0.7", "[fd00::1]:4", "fd00::1"]
)
def test_an_address_that_the_visitor_wrote_is_not_believed(forwarded: str):
    """A server that trusts everybody's X-Forwarded-For must not make a proxy of a visitor."""
    guard = guarded(by_proxy("X-Remote-User", PROXIES), pages=True)
    everybody = TestClient(believing(guard, "*"), client=("66.6.6.6", 1))
    headers = {"X-Remote-User": "admin", "X-Forwarded-For": forwarded}
    assert everybody.get("/nv/study/table2015", headers=headers).status_code == 403
    # the same request from the proxy itself, to a server that believes nobody
    nobody = TestClient(believing(guard, ""), client=("10.0.0.7", 1))
    headers["X-Forwarded-For"] = "66.6.6.6"
    assert nobody.get("/nv/study/table2015", headers=headers).text == "in"


def cookies(secret: str = SECRET, name: str = "_streamlit_user", **user: object) -> str:
    """The cookies that Streamlit sets, large ones in pieces."""
    written: dict[str, str] = {}

    def sign(cookie: str, value: str) -> bytes:
        return create_signed_value(secret, cookie, value)

    def keep(cookie: str, value: str) -> None:
        written[cookie] = sign(cookie, value).decode()

    told = {"is_logged_in": True, "origin": ORIGIN, "email": "ada@uni.example", **user}
    set_cookie_with_chunks(keep, sign, name, told, cookie_attr_size=80)
    return "; ".join(f"{cookie}={value}" for cookie, value in written.items())


@pytest.fixture
def by_cookie(monkeypatch):
    monkeypatch.setattr(sign_in, "get_cookie_secret", lambda: SECRET)
    return sign_in.by_cookie("email")


def test_the_signed_cookie_names_the_visitor(by_cookie):
    for headers in ([], [("Origin", ORIGIN)]):
        assert by_cookie(asked("1.2.3.4", ("Cookie", cookies()), *headers)) == "ada@uni.example"
    large = cookies(picture=LARGE)
    assert "_streamlit_user_2=" in large
    assert by_cookie(asked("1.2.3.4", ("Cookie", large))) == "ada@uni.example"


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Cookie", "_streamlit_user=x")],
        [("Cookie", f"_streamlit_user={json.dumps({'is_logged_in': True})}")],
        [("Cookie", cookies(secret="another secret of more than thirty-two characters"))],
        [("Cookie", cookies(name="_streamlit_user_tokens"))],
        [("Cookie", cookies(is_logged_in=False))],
        [("Cookie", cookies(email=None))],
        [("Cookie", cookies(email=["ada@uni.example"]))],
        [("Cookie", cookies(email_verified=False))],
        [("Cookie", cookies(origin="https://other.example")), ("Origin", ORIGIN)],
        [("Cookie", cookies(picture=LARGE).rpartition("; ")[0])],
        [("Cookie", cookies()[:-1])],
    ],
)
def test_no_other_cookie_does(by_cookie, headers):
    assert by_cookie(asked("1.2.3.4", *headers)) is None


def test_another_claim_can_be_the_name():
    user = {"is_logged_in": True, "sub": "4711", "email_verified": False}
    assert sign_in.named(user, "sub") == "4711"
    assert sign_in.named(user | {"email": "a@b"}, "email") is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SIGN_IN": "ldap"}, r"sign_in\n.*'none', 'oidc' or 'proxy'"),
        ({"SIGN_IN": "proxy"}, r"proxies\n.*at least one address"),
        ({"SIGN_IN": "proxy", "PROXIES": "gateway"}, "gateway"),
        ({"OPERATORS": "ada"}, r"operators\n.*only with sign_in=oidc or sign_in=proxy"),
        ({"SIGN_IN_HEADER": "X Remote"}, "sign_in_header"),
    ],
)
def test_a_sign_in_that_could_not_work_is_refused_at_the_start(monkeypatch, settings, said: str):
    for name, value in settings.items():
        monkeypatch.setenv(f"NORMVIZ_{name}", value)
    with pytest.raises(ValidationError, match=f"(?s){said}"):
        Settings()


def test_proxies_and_operators_are_lists(monkeypatch):
    monkeypatch.setenv("NORMVIZ_SIGN_IN", "proxy")
    monkeypatch.setenv("NORMVIZ_PROXIES", "10.0.0.7, 192.168.4.0/24 fd00::/64")
    monkeypatch.setenv("NORMVIZ_OPERATORS", "ada@uni.example,grace")
    found = Settings()
    assert found.sign_in is SignIn.PROXY and found.proxies == PROXIES
    assert found.operators == ("ada@uni.example", "grace")


def test_settings_are_read_again_when_the_environment_changes(monkeypatch):
    first = in_force()
    assert in_force() is first
    monkeypatch.setenv("NORMVIZ_SIGN_IN", "oidc")
    assert in_force().sign_in is SignIn.OIDC
