"""What an operator's tools ask: whether the server lives, whether it is ready, and its numbers for Prometheus."""

import asyncio
import hmac
from collections.abc import Callable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from normviz.engine import ages, memory
from normviz.engine.numbers import Numbers

#: Where there are numbers: ours and Streamlit's own.
_NUMBERS = ("/nv/metrics", "/_stcore/metrics")
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class EngineNumbers(Collector):
    """The engine's numbers as metrics."""

    def __init__(self, now: Numbers, memory: int | None) -> None:
        self._now, self._memory = now, memory

    def collect(self) -> Iterator[Metric]:
        """Yield all numbers."""
        now = self._now
        runs = GaugeMetricFamily("normviz_runs", "Runs that are kept.", labels=["status"])
        for status, count in sorted(now.runs.items()):
            runs.add_metric([status], count)
        yield runs
        gauges = {
            "normviz_viewers": ("Pages that watch a run.", now.viewers),
            "normviz_runs_training": ("Runs that train now.", now.training),
            "normviz_runs_waiting": ("Runs that wait for their turn to train.", now.waiting),
            "normviz_workers": ("Training processes.", now.workers),
            "normviz_workers_ready": ("Training processes that have warmed up.", now.ready),
            "normviz_record_bytes": ("Memory of the records of all runs.", now.record_bytes),
            "normviz_studies": ("Published figures that run or wait.", now.studies),
            "normviz_store_runs": ("Runs in the store.", now.store.files),
            "normviz_store_bytes": ("Disk that they take.", now.store.nbytes),
        }
        if self._memory is not None:
            gauges["normviz_memory_bytes"] = ("Memory of all processes.", self._memory)
        for name, (about, value) in gauges.items():
            yield GaugeMetricFamily(name, about, value=value)
        counters = {
            "normviz_frames": ("Frames that runs have emitted.", now.frames),
            "normviz_worker_deaths": ("Training processes that died.", now.deaths),
            "normviz_runs_refused": ("Runs refused because too many train.", now.refused),
        }
        store = {
            "saved": ("Runs saved in the store.", now.store.saved),
            "loaded": ("Runs that came back from the store.", now.store.loaded),
            "evicted": ("Runs that left the store for others.", now.store.evicted),
            "damaged": ("Damaged files of the store set aside.", now.store.damaged),
            "failed": ("Runs that could not be saved in the store.", now.store.failed),
        }
        ends = [*map(str, ages.BOUNDS), "+Inf"]
        yield HistogramMetricFamily(
            "normviz_frame_age_seconds",
            "Age of frames when they come from the training process.",
            buckets=list(zip(ends, now.frame_ages, strict=True)),
            sum_value=now.frame_age_seconds,
        )
        counters |= {f"normviz_store_{name}": told for name, told in store.items()}
        for name, (about, value) in counters.items():
            yield CounterMetricFamily(name, about, value=value)


def routes(base: str, numbers: Callable[[], Numbers]) -> list[Route]:
    """Return the routes; ``base`` is the app's base path. The numbers need :class:`NumbersGuard` before them."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("alive", headers=_HEADERS)

    async def readyz(_: Request) -> Response:
        now = numbers()
        ready = now.ready == now.workers and not now.draining
        said = f"{now.ready} of {now.workers} training processes are warm"
        said = "the server is about to end" if now.draining else said
        return PlainTextResponse(said, 200 if ready else 503, headers=_HEADERS)

    async def metrics(_: Request) -> Response:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(EngineNumbers(numbers(), await asyncio.to_thread(memory.taken)))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST, headers=_HEADERS)

    return [
        Route(base + "/healthz", healthz),
        Route(base + "/readyz", readyz),
        Route(base + "/nv/metrics", metrics),
    ]


class NumbersGuard:
    """ASGI middleware. Numbers, ours and Streamlit's, are for who carries the token; without one they are nobody's."""

    def __init__(self, app: ASGIApp, token: str = "") -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 404 where there is no token, 403 where another one is given."""
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(_NUMBERS):
            if not self._token:
                return await PlainTextResponse("switched off", 404)(scope, receive, send)
            if not self._may(Headers(scope=scope)):
                return await PlainTextResponse("not for everybody", 403)(scope, receive, send)
        return await self._app(scope, receive, send)

    def _may(self, headers: Headers) -> bool:
        """Tell whether the token is given, in a time that says nothing of how much of it is right."""
        given = headers.get("authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {self._token}".encode())
