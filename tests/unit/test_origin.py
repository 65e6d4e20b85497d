"""Foreign pages may not open a WebSocket here."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from normviz.stream.origin import OriginGuard


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")


@pytest.fixture
def client():
    app = Starlette(
        routes=[WebSocketRoute("/live", greet)],
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
