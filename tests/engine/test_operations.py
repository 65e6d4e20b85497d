"""What an operator asks: health, readiness, and numbers that are not for everybody."""

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from normviz.config import parse
from normviz.engine.ages import BOUNDS, Ages
from normviz.engine.local import LocalEngine
from normviz.engine.numbers import Numbers
from normviz.engine.registry import EngineFull
from normviz.engine.store import StoreNumbers
from normviz.frames import HEADER, MAGIC, VERSION
from normviz.settings import Settings
from normviz.stream import operations
from tests.engine.driving import start, with_engine

TOKEN = {"authorization": "Bearer secret"}


def counted(**numbers: Any) -> Numbers:
    every: dict[str, Any] = dict.fromkeys(Numbers.__dataclass_fields__, 0)
    every |= {"runs": {}, "workers": 2, "ready": 1, "draining": False, "store": StoreNumbers()}
    every |= {"frame_ages": (0,) * 11 + (99,), "frame_age_seconds": 12.5}
    every |= numbers
    return Numbers(**every)


def client(token: str = "", base: str = "", **numbers: Any) -> TestClient:
    other = Route("/_stcore/metrics", lambda _: PlainTextResponse("streamlit's"))
    return TestClient(
        Starlette(
            routes=[*operations.routes(base, lambda: counted(**numbers)), other],
            middleware=[Middleware(operations.NumbersGuard, token=token)],
        )
    )


def test_a_server_that_answers_is_alive_and_ready_once_all_workers_are_warm():
    assert client().get("/healthz").text == "alive"
    cold, warm = client().get("/readyz"), client(ready=2).get("/readyz")
    assert (cold.status_code, cold.text) == (503, "1 of 2 training processes are warm")
    assert (warm.status_code, warm.text) == (200, "2 of 2 training processes are warm")
    assert client(base="/course").get("/course/healthz").status_code == 200


def test_a_server_that_drains_lives_and_gets_nobody_new():
    ending = client(ready=2, draining=True)
    assert ending.get("/healthz").status_code == 200
    told = ending.get("/readyz")
    assert (told.status_code, told.text) == (503, "the server is about to end")


def test_the_store_is_counted():
    stored = StoreNumbers(saved=5, loaded=4, evicted=3, damaged=2, failed=1, files=7, nbytes=99)
    lines = client("secret", store=stored).get("/nv/metrics", headers=TOKEN).text.splitlines()
    for line in (
        "normviz_store_saved_total 5.0",
        "normviz_store_loaded_total 4.0",
        "normviz_store_evicted_total 3.0",
        "normviz_store_damaged_total 2.0",
        "normviz_store_failed_total 1.0",
        "normviz_store_runs 7.0",
        "normviz_store_bytes 99.0",
    ):
        assert line in lines


@pytest.mark.parametrize("path", ["/nv/metrics", "/_stcore/metrics", "/_stcore/metrics/"])
@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        ("", {}, 404),
        ("", {"authorization": "Bearer "}, 404),
        ("secret", {}, 403),
        ("secret", {"authorization": "Bearer secre"}, 403),
        ("secret", {"authorization": "secret"}, 403),
        ("secret", TOKEN, 200),
    ],
)
def test_numbers_are_for_who_carries_the_token(
    path: str, token: str, headers: dict[str, str], status: int
):
    assert client(token).get(path, headers=headers).status_code == status


def test_numbers_are_in_the_form_that_prometheus_reads():
    runs = {"running": 3, "ended": 1}
    asked = client("secret", runs=runs, viewers=7, deaths=2, frames=99)
    answer = asked.get("/nv/metrics", headers=TOKEN)
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    for line in (
        'normviz_runs{status="running"} 3.0',
        "normviz_viewers 7.0",
        "normviz_workers_ready 1.0",
        "normviz_worker_deaths_total 2.0",
        "normviz_frames_total 99.0",
        "# TYPE normviz_frames counter",
        'normviz_frame_age_seconds_bucket{le="+Inf"} 99.0',
        "normviz_frame_age_seconds_sum 12.5",
    ):
        assert line in lines or line.replace("normviz_frames", "normviz_frames_total") in lines


def test_the_engine_counts_what_happens():
    async def main(engine: LocalEngine):
        lane = {"depth": 2, "width": 16, "dataset": "digits"}
        before = engine.numbers()
        assert (before.workers, before.ready, before.runs) == (1, 1, {})
        audience = await start(engine, parse({"lane": lane}))
        await audience.steps(3)
        await audience.until(lambda: audience.run.status == "paused")
        with pytest.raises(EngineFull):
            engine.open(parse({"lane": {**lane, "seed": 1}}))
        now = engine.numbers()
        assert now.runs == {"paused": 1}
        assert (now.viewers, now.frames, now.refused, now.deaths) == (1, 4, 1, 0)
        assert now.frame_ages[-1] == 4 and list(now.frame_ages) == sorted(now.frame_ages)
        assert 0 < now.frame_age_seconds < 60
        assert now.record_bytes == audience.run.record.nbytes > 0

    with_engine(main, held=1)


def test_a_token_that_no_header_can_carry_is_refused_at_the_start():
    with pytest.raises(ValueError, match="metrics_token"):
        Settings(metrics_token="two words")


def test_ages_are_counted_in_classes_and_a_clock_put_back_makes_none_negative(
    monkeypatch: pytest.MonkeyPatch,
):
    counted = Ages()
    for age in (-3600.0, 0.003, 0.02, 7.0):
        data = HEADER.pack(MAGIC, VERSION, HEADER.size, 0, 0, 1000.0 - age, 0, 0, 0)
        monkeypatch.setattr("time.time", lambda: 1000.0)
        counted.add(data)
    at_most = dict(zip((*BOUNDS, "all"), counted.counts(), strict=True))
    assert (at_most[0.001], at_most[0.005], at_most[0.025], at_most[2.5], at_most["all"]) == (
        1,
        2,
        3,
        3,
        4,
    )
    assert counted.seconds == pytest.approx(7.023)
