"""The browser component: plain ES modules and a style sheet, served by the app itself under a versioned address."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_TYPES = {".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True)
class Assets:
    """All files of the component, gzipped once.

    Attributes:
        loader: the short text that is handed to Streamlit; it loads ``main.js`` from the app.
        module: address of ``main.js`` below the app's root; it changes whenever any file changes.
        packed: content of every file by name.
    """

    loader: str
    module: str
    packed: dict[str, bytes]


@cache
def assets() -> Assets:
    """Read the component's files."""
    texts = {
        f.name: f.read_bytes() for f in files(__name__).iterdir() if f.name.endswith(tuple(_TYPES))
    }
    digest = hashlib.sha256(
        b"".join(name.encode() + texts[name] for name in sorted(texts))
    ).hexdigest()[:12]
    packed = {name: gzip.compress(text, mtime=0) for name, text in texts.items()}
    return Assets(texts["loader.js"].decode(), f"nv/ui/{digest}/main.js", packed)


def route(base: str) -> Route:
    """Return the route that serves the files; ``base`` is the app's base path, empty or like "/course"."""

    async def serve(request: Request) -> Response:
        name = request.path_params["name"]
        packed = assets().packed.get(name)
        if packed is None:
            return Response("no such file", 404)
        headers = {
            "Content-Encoding": "gzip",
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(packed, headers=headers, media_type=_TYPES[name[name.rindex(".") :]])

    return Route(base + "/nv/ui/{version}/{name}", serve)
