"""A process with the engine and the live stream alone, behind the same uvicorn as the app: what its clients do to it.

``python -m tests.engine.live_server PORT TAKE_SECONDS``; settings come from the environment, as the app's do.
"""

import os
import sys
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from normviz import logs
from normviz.engine.local import LocalEngine
from normviz.settings import Settings
from normviz.stream import socket


def app(take_seconds: float) -> Starlette:
    """Return the application."""

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncGenerator[dict[str, Any]]:
        async with LocalEngine(Settings()) as engine:
            await engine.warm()
            app.state.engine = engine
            yield {}

    async def now(_: Request) -> JSONResponse:
        return JSONResponse(inside(app.state.engine))

    live = socket.route("", lambda: app.state.engine, take_seconds)
    rooms = socket.rooms_route("", lambda: app.state.engine, take_seconds)

    async def opened(_: Request) -> JSONResponse:
        room = app.state.engine.rooms.open()
        return JSONResponse({"code": room.code, "key": room.key})

    routes = [live, rooms, Route("/now", now), Route("/open", opened)]
    app = Starlette(routes=routes, lifespan=lifespan)
    return app


def inside(engine: LocalEngine) -> dict[str, Any]:
    """Return what may leak: viewers, runs, threads, open files and memory of this process."""
    numbers = engine.numbers()
    with open("/proc/self/statm") as statm:
        resident = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {
        "viewers": numbers.viewers,
        "runs": numbers.runs,
        "held": sum(len(worker.runs) for worker in engine.workers),
        "threads": threading.active_count(),
        "files": len(os.listdir("/proc/self/fd")),
        "bytes": resident,
    }


if __name__ == "__main__":
    logs.set_up(Settings().log)
    uvicorn.run(
        app(float(sys.argv[2])),
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_ping_interval=30,
        ws_ping_timeout=30,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=2,
    )
