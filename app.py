"""The application: Streamlit's pages, the live stream and the engine, as one ASGI app.

``streamlit run app.py`` and ``uvicorn app:app`` both start it.
"""

import gc
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from normviz import logs
from normviz.charts import assets
from normviz.engine.local import LocalEngine
from normviz.engine.running import running
from normviz.receipt import route as receipt
from normviz.settings import Settings, SignIn
from normviz.stream import headers, operations, socket, studies
from normviz.stream.origin import OriginGuard
from normviz.stream.shutdown import graceful
from normviz.stream.sign_in import SignInGuard, by_proxy, check_forwarding
from normviz.ui import sign_in

settings = Settings()
logs.set_up(settings.log)
#: Imported before the first visitor comes. Two that come at once would import them in two threads, and Plotly looks at
#: whatever there is of pandas, half imported or not.
EARLY = ("pandas", "plotly.graph_objects", "normviz.ui.lab", "normviz.ui.lessons.page")


@asynccontextmanager
async def lifespan(_: Any) -> AsyncGenerator[dict[str, Any]]:  # noqa: ANN401 - Streamlit's App
    """Run the engine as long as the app runs."""
    async with LocalEngine(settings) as engine:
        assets.assets()
        for module in EARLY:
            import_module(module)
        gc.collect()
        gc.freeze()
        with running().lend(engine), graceful(engine.drain):
            yield {"engine": engine}


def signing(base: str) -> list[Middleware]:
    """Return what keeps out who has not signed in."""
    if settings.sign_in is SignIn.OIDC:
        sign_in.check()
        name = sign_in.by_cookie(settings.sign_in_claim)
        return [Middleware(SignInGuard, name, base, pages=False)]
    if settings.sign_in is SignIn.PROXY:
        check_forwarding(os.environ)
        name = by_proxy(settings.sign_in_header, settings.proxies)
        trusted = [str(proxy) for proxy in settings.proxies]
        return [
            Middleware(SignInGuard, name, base, pages=True),
            # Only now: the guard looks at the address of the proxy itself.
            Middleware(ProxyHeadersMiddleware, trusted),
        ]
    return []


#: The page that Streamlit sends first; scripts stand in it.
FRONT = Path(st.__file__).with_name("static") / "index.html"
base = "/" + path if (path := (st.get_option("server.baseUrlPath") or "").strip("/")) else ""
app = st.App(
    "normviz/ui/shell.py",
    routes=[
        assets.route(base),
        socket.route(base, lambda: app.state["engine"]),
        socket.rooms_route(base, lambda: app.state["engine"]),
        *receipt.routes(base, lambda: app.state["engine"]),
        *studies.routes(base, lambda: app.state["engine"]),
        *operations.routes(base, lambda: app.state["engine"].numbers()),
    ],
    middleware=[
        Middleware(
            headers.SecurityHeaders,
            policy=headers.policy(settings.frame_ancestors, headers.inline_scripts(FRONT)),
        ),
        Middleware(OriginGuard, allowed=st.get_option("server.corsAllowedOrigins") or ()),
        Middleware(operations.NumbersGuard, token=settings.metrics_token),
        *signing(base),
    ],
    lifespan=lifespan,
)
