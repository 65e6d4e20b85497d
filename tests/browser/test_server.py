"""What the server answers besides pages."""

import urllib.error
import urllib.request

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as open_socket
from websockets.typing import Origin


def get(url: str):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, dict(answer.headers), answer.read()


def test_the_routes_are_ours_and_not_the_page(server):
    from normviz.charts.assets import assets

    status, headers, body = get(f"{server.url}/{assets().module('live')}")
    assert status == 200
    assert headers["content-type"].startswith("text/javascript")
    assert "immutable" in headers["cache-control"]
    assert body[:2] == b"\x1f\x8b"


def test_an_unknown_file_is_not_found(server):
    with pytest.raises(urllib.error.HTTPError) as error:
        get(f"{server.url}/nv/ui/x/live/secrets.toml")
    with error.value as answer:
        assert answer.code == 404


@pytest.mark.parametrize("path", ["/nv/live", "/_stcore/stream"])
def test_a_foreign_page_cannot_open_a_socket(server, path):
    address = server.url.replace("http", "ws") + path
    with (
        pytest.raises(InvalidStatus) as refused,
        open_socket(address, origin=Origin("https://evil.example")),
    ):
        pass
    assert refused.value.response.status_code == 403
