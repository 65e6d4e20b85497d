"""The routes of the studies: what is published of a figure, how a run of it goes, and what came out."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from normviz.engine.local import LocalEngine
from normviz.engine.studies import SEEDS, Studies, StudyRefused, no_such
from normviz.language import N_, _, speaking
from normviz.reproduce import FIGURES

NOT_TOLD = N_("What is published cannot be read on this server now. Try again in a moment.")
#: Closes a connection that cannot become one; a page does not try again.
REFUSED = 1008
#: The query parameter that names the language in which a page is told.
_LANGUAGE = "language"
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class Reader:
    """A page that shows a figure: what it asks for, and what it is told. Only the newest state is sent."""

    def __init__(self, studies: Studies, figure: str, grace: float) -> None:
        self._studies, self._figure, self._grace = studies, figure, grace
        self._news = asyncio.Event()
        self._wake = self._news.set
        self._asked = False
        self._refused = ""
        self._told_outcome: Any = None
        studies.look(figure, self._wake)
        self._wake()

    def obey(self, text: str) -> None:
        """Do what a message asks: look, run, or cancel. Anything else is answered with what is allowed."""
        self._refused = ""
        match _wish(text):
            case "run":
                try:
                    self._studies.ask(self._figure, self)
                    self._asked = True
                except StudyRefused as error:
                    self._refused = str(error)
            case "cancel":
                self._asked = False
                self._studies.withdraw(self._figure, self)
            case "look":
                pass
            case _:
                self._refused = _('A message is {"do": "look"}, {"do": "run"} or {"do": "cancel"}.')
        self._wake()

    def close(self) -> None:
        """The page has gone; what it asked for goes on for the grace time, in case it comes back."""
        self._studies.look_away(self._figure, self._wake)
        if self._asked:
            loop = asyncio.get_running_loop()
            loop.call_later(self._grace, self._studies.withdraw, self._figure, self)

    async def next(self) -> list[dict[str, Any]]:
        """Wait until something changes; return what the page is told."""
        await self._news.wait()
        self._news.clear()
        study = self._studies.find(self._figure)
        outcome = study.outcome if study and study.stage == "done" else None
        told = [self._state()]
        if outcome is not None and outcome is not self._told_outcome:
            told.insert(0, {"is": "outcome", "outcome": outcome})
        self._told_outcome = outcome
        return told

    def _state(self) -> dict[str, Any]:
        study = self._studies.find(self._figure)
        state: dict[str, Any] = {
            "is": "state",
            "stage": "none",
            "seeds": SEEDS,
            "offered": self._studies.most > 0,
            "asked": self._asked,
            "refused": self._refused,
        }
        if study is None:
            return state
        return state | {
            "stage": study.stage,
            "place": self._studies.place(study),
            "done": study.done,
            "total": study.total,
            "seconds": time.monotonic() - study.began if study.stage == "running" else 0,
            "others": len(study.askers - {self}),
            "reason": study.reason,
            "detail": study.detail,
        }


def _wish(text: str) -> object:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message.get("do") if isinstance(message, dict) else None


def routes(base: str, engine: Callable[[], LocalEngine]) -> list[BaseRoute]:
    """Return the routes; ``base`` is the app's base path, and ``engine`` gives the running engine."""

    async def numbers(request: Request) -> Response:
        with speaking(request.query_params.get(_LANGUAGE, "")):
            return await _numbers(request.path_params["figure"], engine().studies)

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        with speaking(socket.query_params.get(_LANGUAGE, "")):
            await _serve(socket, socket.path_params["figure"], engine())

    return [
        WebSocketRoute(base + "/nv/study/{figure}", live),
        Route(base + "/nv/study/{figure}", numbers, methods=["GET"]),
    ]


async def _numbers(figure: str, studies: Studies) -> Response:
    """Answer with what is published and, when it has been run, with what came out."""
    if figure not in FIGURES:
        return PlainTextResponse(no_such(figure), 404, _HEADERS)
    published = await studies.published(figure)
    if published is None:
        return PlainTextResponse(_(NOT_TOLD), 503, _HEADERS)
    study = studies.find(figure)
    outcome = study.outcome if study and study.stage == "done" else None
    name = f'inline; filename="normviz-{figure}.json"'
    headers = {**_HEADERS, "Content-Disposition": name}
    return JSONResponse({"published": published, "outcome": outcome}, 200, headers)


async def _serve(socket: WebSocket, figure: str, engine: LocalEngine) -> None:
    if figure not in FIGURES:
        await socket.send_json({"is": "error", "text": no_such(figure)})
        return await socket.close(REFUSED)
    reader = Reader(engine.studies, figure, engine.settings.grace_seconds)
    sender = asyncio.create_task(_send(socket, reader, engine.studies, figure))
    try:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            reader.obey((message.get("text") or "")[:1000])
    finally:
        reader.close()
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)
    return None


async def _send(socket: WebSocket, reader: Reader, studies: Studies, figure: str) -> None:
    try:
        published = await studies.published(figure)
        if published is None:
            await socket.send_json({"is": "error", "text": _(NOT_TOLD)})
            return await socket.close(REFUSED)
        await socket.send_json({"is": "published", "published": published})
        while True:
            for told in await reader.next():
                await socket.send_json(told)
    except (WebSocketDisconnect, RuntimeError):
        return None
