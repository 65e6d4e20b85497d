"""What every answer tells a browser about what it may do."""

from pathlib import Path

import pytest
import streamlit
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from normviz.settings import Settings
from normviz.stream.headers import SecurityHeaders, inline_scripts, policy


def directives(text: str) -> dict[str, list[str]]:
    return {name: words for name, *words in (part.split() for part in text.split("; "))}


def test_nothing_comes_from_elsewhere_and_no_text_becomes_a_script():
    found = directives(policy(["self"], ["'sha256-x'"]))
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == ["'self'", "'wasm-unsafe-eval'", "blob:", "'sha256-x'"]
    everything = {word for words in found.values() for word in words}
    assert not {word for word in everything if word == "*" or word.startswith("http")}
    assert [name for name, words in found.items() if "'unsafe-inline'" in words] == ["style-src"]


def test_the_script_in_streamlits_own_page_is_named_by_its_digest(tmp_path: Path):
    # echo -n abc | openssl dgst -sha256 -binary | base64
    page = tmp_path / "index.html"
    page.write_text("<script>abc</script><script src=x></script>")
    assert inline_scripts(page) == ["'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='"]
    assert len(inline_scripts(Path(streamlit.__file__).parent / "static/index.html")) == 1


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("", ["'self'"]),
        ("none", ["'none'"]),
        (
            "self, https://lms.example https://*.uni.example:8443",
            ["'self'", "https://lms.example", "https://*.uni.example:8443"],
        ),
    ],
)
def test_who_may_frame_the_app_is_a_setting(monkeypatch, said: str, written: list[str]):
    if said:
        monkeypatch.setenv("NORMVIZ_FRAME_ANCESTORS", said)
    assert directives(policy(Settings().frame_ancestors, ()))["frame-ancestors"] == written


@pytest.mark.parametrize(
    "said", ["*", "none self", "lms.example", "https://a.example;script-src", "https://", " , "]
)
def test_what_is_no_site_is_refused_with_what_is_allowed(monkeypatch, said: str):
    monkeypatch.setenv("NORMVIZ_FRAME_ANCESTORS", said)
    with pytest.raises(ValidationError, match=r"(?s)frame_ancestors.*allowed: self, none"):
        Settings()


def test_every_answer_has_the_headers_and_keeps_its_own():
    own = {"Content-Security-Policy": "sandbox"}
    app = Starlette(
        routes=[
            Route("/page", lambda _: PlainTextResponse("page")),
            Route("/file", lambda _: PlainTextResponse("file", headers=own)),
        ],
        middleware=[Middleware(SecurityHeaders, policy="default-src 'none'")],
    )
    client = TestClient(app)
    for path, expected in (("/page", "default-src 'none'"), ("/file", "sandbox"), ("/no", None)):
        headers = client.get(path).headers
        assert headers.get_list("content-security-policy") == [expected or "default-src 'none'"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert headers["cross-origin-opener-policy"] == "same-origin"
