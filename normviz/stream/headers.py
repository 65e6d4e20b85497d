"""Security headers: what a page may load, who may frame it, and what a browser may guess or give away."""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
#: What no page here asks for.
_NO_USE_OF = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)


def inline_scripts(page: Path) -> list[str]:
    """Return what names the scripts that stand in an HTML file itself: their SHA-256, as a policy has it."""
    digests = (hashlib.sha256(text).digest() for text in _INLINE.findall(page.read_bytes()))
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


def policy(frame_ancestors: Iterable[str], scripts: Iterable[str]) -> str:
    """Return the content security policy.

    Measured with Streamlit 1.67 in Chromium, page by page: no ``unsafe-eval``. Streamlit imports a component's inline
    module from a ``blob:`` address, has small images and KaTeX's fonts as ``data:``, decodes long integers with
    WebAssembly, and writes styles into the page while it runs, so ``unsafe-inline`` stays for these. Plotly draws the
    picture that it saves from a ``blob:``.

    Args:
        frame_ancestors: who may show the app in a frame: self, none, or sites.
        scripts: the scripts that stand in Streamlit's page itself, as :func:`inline_scripts` names them.
    """
    framers = (f"'{word}'" if word in ("self", "none") else word for word in frame_ancestors)
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self' 'wasm-unsafe-eval' blob:", *scripts)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            " ".join(("frame-ancestors", *framers)),
        )
    )


class SecurityHeaders:
    """ASGI middleware. Every answer gets the headers that it does not set itself."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": ", ".join(f"{name}=()" for name in _NO_USE_OF),
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add the headers to its answer."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, answer)
