"""The browser components: plain ES modules and style sheets, served by the app itself under a versioned address."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

#: One folder a component; its ``main.js`` is what Streamlit gets. A component may import from another one's folder.
FOLDERS = ("live", "sketch", "study")
_TYPES = {".js": "text/javascript", ".css": "text/css"}


@dataclass(frozen=True)
class Assets:
    """All files of the components, gzipped once.

    Attributes:
        loader: the short text that is handed to Streamlit; it loads a component's ``main.js`` from the app.
        version: changes whenever any file changes.
        packed: content of every file by folder and name, as ``"live/main.js"``.
    """

    loader: str
    version: str
    packed: dict[str, bytes]

    def module(self, folder: str) -> str:
        """Return the address of a component's ``main.js`` below the app's root."""
        return f"nv/ui/{self.version}/{folder}/main.js"

    def words(self, folder: str, language: str) -> str:
        """Return the address of a component's words in a language; empty for English, which it has itself."""
        name = f"{folder}/words.{language}.js"
        return f"nv/ui/{self.version}/{name}" if name in self.packed else ""


@cache
def assets() -> Assets:
    """Read the components' files."""
    texts = {
        f"{folder}/{file.name}": file.read_bytes()
        for folder in FOLDERS
        for file in files(f"normviz.charts.{folder}").iterdir()
        if file.name.endswith(tuple(_TYPES))
    }
    digest = hashlib.sha256(b"".join(name.encode() + texts[name] for name in sorted(texts)))
    packed = {name: gzip.compress(text, mtime=0) for name, text in texts.items()}
    return Assets(texts["live/loader.js"].decode(), digest.hexdigest()[:12], packed)


def route(base: str) -> Route:
    """Return the route that serves the files; ``base`` is the app's base path, empty or like "/course"."""

    async def serve(request: Request) -> Response:
        name = "{folder}/{name}".format_map(request.path_params)
        packed = assets().packed.get(name)
        if packed is None:
            return Response("no such file", 404)
        headers = {
            "Content-Encoding": "gzip",
            "Cache-Control": "public, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(packed, headers=headers, media_type=_TYPES[name[name.rindex(".") :]])

    return Route(base + "/nv/ui/{version}/{folder}/{name}", serve)
