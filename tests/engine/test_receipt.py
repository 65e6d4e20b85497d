"""The routes of the receipt against a real engine: take a run away as every file, bring its recording back."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.applications import Starlette

from normviz.config import parse
from normviz.engine.local import LocalEngine
from normviz.receipt import recording, route
from normviz.receipt.files import FILES
from normviz.stream.viewer import Viewer
from tests.engine.asgi import Client
from tests.engine.driving import start, with_engine

LANE = {"depth": 2, "width": 16, "dataset": "digits", "batch_size": 50}
CONFIG = parse({"lane": LANE, "others": [{"norm": "batch"}], "steps": 30})
Test = Callable[[Client, LocalEngine], Awaitable[Any]]


def with_routes(test: Test, base: str = "", **settings: Any) -> Any:
    async def main(engine: LocalEngine) -> Any:
        app = Starlette(routes=route.routes(base, lambda: engine))
        return await test(Client(app), engine)

    return with_engine(main, **settings)


async def trained(engine: LocalEngine):
    audience = await start(engine, CONFIG)
    await audience.play_to_the_end()
    return audience


def test_every_file_of_a_run_can_be_taken_away_and_what_is_not_there_is_said():
    async def main(client: Client, engine: LocalEngine):
        run = (await trained(engine)).run
        for name, file in FILES.items():
            answer = await client.get(f"/course/nv/receipt/{run.id}/{name}")
            assert answer.status == 200 and answer.content
            assert answer.headers["content-type"] == file.type
            which = "-a" if name == "script.py" else ""
            wanted = f'attachment; filename="normviz-{run.id}{which}-{name}"'
            assert answer.headers["content-disposition"] == wanted
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
        report = await client.get(f"/course/nv/receipt/{run.id}/report.html")
        assert "http://lab.example/course/?dataset=digits" in report.text
        other = await client.get(f"/course/nv/receipt/{run.id}/script.py?lane=B")
        assert (
            "Lane B (Normalization: Batch)" in other.text
            and "-b-script.py" in other.headers["content-disposition"]
        )
        facts = (await client.get(f"/course/nv/receipt/{run.id}/facts.json")).json()
        assert facts["run"] == run.id and facts["status"] == "finished" and facts["last_step"] == 30
        for path, words in {
            "nobody-1/data.csv": "does not keep that run",
            f"{run.id}/data.xls": "there are data.csv, data.parquet",
            f"{run.id}/script.py?lane=c": "the lanes a, b",
            f"{run.id}/script.py?lane=": "the lanes a, b",
        }.items():
            answer = await client.get(f"/course/nv/receipt/{path}")
            assert answer.status == 404 and words in answer.text

    with_routes(main, "/course")


def test_a_recording_comes_back_as_a_run_to_look_at():
    async def main(client: Client, engine: LocalEngine):
        audience = await trained(engine)
        packed = (await client.get(f"/nv/receipt/{audience.run.id}/recording.normviz")).content
        answer = await client.post("/nv/receipt/import", packed)
        assert answer.status == 200
        run = engine.find(answer.json()["run"])
        assert run is not None and run is not audience.run and run.status == "finished"
        assert "b.norm=batch" in answer.json()["link"]
        kept = list(audience.run.record.between(-1, 2**32))
        assert list(run.record.between(-1, 2**32)) == kept
        viewer = Viewer(engine)
        config = json.loads(CONFIG.canonical())
        await viewer.obey(json.dumps({"do": "open", "config": config, "run": run.id, "after": -1}))
        opened = json.loads(str(await viewer.next()))
        assert opened["run"] == run.id and opened["schema"]["lanes"][1]["name"] == "B"
        assert [await viewer.next() for _ in kept] == kept
        again = (await client.get(f"/nv/receipt/{run.id}/facts.json")).json()
        assert again["machine"]["cores"] and again["last_step"] == 30
        viewer.close()
        other = (await client.post("/nv/receipt/import", packed)).json()["run"]
        assert other != run.id and engine.open(CONFIG) == (
            audience.run,
            False,
        )  # nobody else is shown it

    with_routes(main)


def test_a_recording_goes_when_nobody_looks_at_it(monkeypatch):
    monkeypatch.setattr("normviz.engine.registry.ADMITTED_SECONDS", 0.2)

    async def main(client: Client, engine: LocalEngine):
        run = (await trained(engine)).run
        packed = (await client.get(f"/nv/receipt/{run.id}/recording.normviz")).content
        found = recording.read(packed)
        admitted = engine.admit(found.config, found.schema.to_json(), found.frames)
        assert engine.find(admitted.id) is admitted
        while engine.find(admitted.id):
            await asyncio.sleep(0.02)

    with_routes(main, grace_seconds=0.1)


def test_recordings_fill_no_more_memory_than_the_settings_allow():
    async def main(client: Client, engine: LocalEngine):
        run = (await trained(engine)).run
        packed = (await client.get(f"/nv/receipt/{run.id}/recording.normviz")).content
        most = 2**20 // run.record.nbytes
        answers = [await client.post("/nv/receipt/import", packed) for _ in range(most + 1)]
        assert [answer.status for answer in answers] == [200] * most + [503]
        assert "1 MB of this server's memory" in answers[-1].json()["error"]

    with_routes(main, records_mb=1)


def nobody() -> Any:
    """Stand for the engine where none is asked."""


def without_engine(test: Callable[[Client], Awaitable[None]]) -> None:
    """Run a test of what is refused before an engine is asked for anything."""

    async def main() -> None:
        await test(Client(Starlette(routes=route.routes("", nobody))))

    asyncio.run(main())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a .normviz file"),
        (b"x" * 3_000_000, "not a .normviz file"),
        (bytes(64 * 2**20 + 1), "more than 64 MB"),
    ],
    ids=["empty", "garbage", "huge"],
)
def test_a_file_that_is_no_recording_is_refused_with_the_reason(content: bytes, words: str):
    async def main(client: Client):
        answer = await client.post("/nv/receipt/import", content)
        assert answer.status == 200
        assert (
            answer.json()["error"].startswith("This file cannot be opened: ")
            and words in answer.text
        )

    without_engine(main)


def test_not_more_than_a_few_are_read_at_a_time():
    async def main(client: Client):
        gate, arrived = asyncio.Event(), list[None]()

        async def slow():
            arrived.append(None)
            yield b"PK"
            await gate.wait()

        waiting = [asyncio.create_task(client.post("/nv/receipt/import", slow())) for _ in range(2)]
        while len(arrived) < 2:
            await asyncio.sleep(0)
        answer = await client.post("/nv/receipt/import", b"")
        assert answer.status == 503 and "Try again" in answer.json()["error"]
        gate.set()
        answers = [await each for each in waiting]
        assert all("cannot be opened" in answer.text for answer in answers)

    without_engine(main)
