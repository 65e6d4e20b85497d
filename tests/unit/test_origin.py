"""Foreign pages may not open a WebSocket here."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from normviz.stream.origin import OriginGuard


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")


async def take(request: Request) -> PlainTextResponse:
    return PlainTextResponse("taken")


@pytest.fixture
def client():
    app = Starlette(
        routes=[
            WebSocketRoute("/live", greet),
            Route("/nv/take", take, methods=["GET", "POST"]),
            Route("/other", take, methods=["POST"]),
        ],
        middleware=[Middleware(OriginGuard, allowed=["https://course.example"])],
    )
    return TestClient(app, base_url="http://lab.example:8501")


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://lab.example:8501"}, {"origin": "https://course.example"}]
)
def test_own_allowed_and_absent_origins_are_welcome(client, headers):
    with client.websocket_connect(
        "/live", headers={"host": "lab.example:8501", **headers}
    ) as socket:
        assert socket.receive_text() == "hello"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://lab.example",
        "http://lab.example:8501.evil.example",
        "null",
        "",
        "http://[",
        "lab.example:8501@evil.example",
    ],
)
def test_foreign_origins_are_refused(client, origin):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect("/live", headers={"host": "lab.example:8501", "origin": origin}),
    ):
        pass
    assert refused.value.code == 1008


def test_what_a_foreign_page_sends_us_is_refused(client):
    foreign = {"origin": "https://evil.example"}
    assert client.post("/nv/take", headers=foreign).status_code == 403
    for allowed in (
        {},
        {"origin": "http://lab.example:8501"},
        {"origin": "https://course.example"},
    ):
        assert (
            client.post("/nv/take", headers={"host": "lab.example:8501", **allowed}).text == "taken"
        )
    assert client.get("/nv/take", headers=foreign).text == "taken"
    assert client.post("/other", headers=foreign).text == "taken"
