"""The routes of the receipt: files about a run to take away, and a recording to bring back."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from normviz.config import LANES, to_link
from normviz.engine.local import LocalEngine
from normviz.engine.registry import EngineFull
from normviz.engine.run import Run
from normviz.receipt import recording
from normviz.receipt.files import FILES, Kept
from normviz.receipt.recording import MOST_PACKED, Recording, RecordingError

#: Recordings that come in at the same time; each may take some hundred megabytes.
AT_ONCE = 2
#: Seconds in which a recording has to arrive.
PATIENCE = 120
LAST = 2**33
#: Nothing in a file may load anything or run.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_GONE = (
    "This server does not keep that run any more, or has no picture of it yet. Open its link again."
)

Engine = Callable[[], LocalEngine]


def routes(base: str, engine: Engine) -> list[Route]:
    """Return the routes; ``base`` is the app's base path, and ``engine`` gives the running engine."""
    entry = asyncio.Semaphore(AT_ONCE)

    async def export(request: Request) -> Response:
        return _answer(engine().find(request.path_params["run"]), request, base)

    async def admit(request: Request) -> Response:
        if entry.locked():
            return _refused(503, "The server is reading other recordings. Try again in a moment.")
        async with entry:
            return await _take_in(request, engine())

    return [
        Route(base + "/nv/receipt/import", admit, methods=["POST"]),
        Route(base + "/nv/receipt/{run}/{name}", export, methods=["GET"]),
    ]


def _answer(run: Run | None, request: Request, base: str) -> Response:
    """Answer with a file, which is made in a thread, part by part, as it is sent."""
    name, letter = request.path_params["name"], request.query_params.get("lane", LANES[0]).lower()
    if name not in FILES:
        return _missing(f"There is no such file; there are {', '.join(FILES)}.")
    if run is None or run.schema is None:
        return _missing(_GONE)
    letters = LANES[: len(run.config.lanes())]
    if not letter or letter not in letters:
        return _missing(f"The run has the lanes {', '.join(letters)}.")
    kept = Kept(
        run.id,
        run.config,
        run.status,
        run.notice,
        run.schema,
        list(run.record.between(-1, LAST)),
        letters.index(letter),
        f"{request.url.scheme}://{request.url.netloc}{base}/",
        run.origin,
    )
    stem, _, ending = name.partition(".")
    which = f"-{letter}" if FILES[name].by_lane and len(letters) > 1 else ""
    filename = f"normviz-{run.id}{which}-{stem}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', **_HEADERS}
    return StreamingResponse(FILES[name].write(kept), headers=headers, media_type=FILES[name].type)


def _missing(text: str) -> Response:
    return PlainTextResponse(text, 404, _HEADERS)


def _refused(status: int, text: str) -> Response:
    return JSONResponse({"error": text}, status, _HEADERS)


async def _take_in(request: Request, engine: LocalEngine) -> Response:
    """Read a recording; answer with the id of its run and its link, or with what is wrong.

    A file that is none is an answer like any other: a browser would log a status of 400 as an error of the page.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            packed = await _body(request)
        found = await asyncio.to_thread(recording.read, packed)
        run = _admitted(found, engine)
    except RecordingError as error:
        return _refused(200, f"This file cannot be opened: {error}.")
    except EngineFull as error:
        return _refused(503, str(error))
    except (TimeoutError, ClientDisconnect):
        return _refused(408, "The file did not arrive in time.")
    return JSONResponse({"run": run.id, "link": urlencode(to_link(run.config))}, 200, _HEADERS)


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST_PACKED:
            raise RecordingError(f"it has more than {MOST_PACKED // 2**20} MB")
    return bytes(data)


def _admitted(found: Recording, engine: LocalEngine) -> Run:
    run = engine.admit(found.config, found.schema.to_json(), found.frames)
    run.origin = found.origin
    run.tell(found.status, found.notice, step=run.step)
    return run
