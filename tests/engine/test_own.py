"""A visitor's own data in the engine: they reach the worker, and go with the last who holds them."""

import asyncio
import gc

from normviz.config import RunConfig, from_link
from normviz.data.own import Table, shelf
from tests.engine.driving import Audience, start, with_engine
from tests.unit.test_own import table


def config(of: Table) -> RunConfig:
    link = {"dataset": "own", "depth": "2", "width": "8", "batch_size": "10", "steps": "40"}
    return from_link({**link, "own": of.name})


def test_a_run_trains_on_own_data_and_holds_them_while_it_is_watched():
    async def main(engine):
        mine = shelf().put(table(21))
        wanted, name = config(mine), mine.name
        run = await start(engine, wanted)
        del mine  # the session has gone, the run goes on
        gc.collect()
        assert [held.name for held in shelf().find([name])] == [name]
        again = await start(engine, wanted)
        assert again.run is run.run
        assert run.run.schema is not None
        assert run.run.schema["planes"][0]["classes"] == ("a", "b", "c")
        await run.play_to_the_end()
        assert run.run.status == "finished"
        key = run.run.id
        run.leave()
        again.leave()
        await asyncio.sleep(0.2)
        assert engine.find(key) is None  # its frames show the points: they go too
        del run, again
        gc.collect()
        assert shelf().find([name]) == []

    with_engine(main, grace_seconds=0)


def test_a_run_on_data_that_nobody_holds_says_so_and_can_be_run_again_with_them():
    async def main(engine):
        wanted = config(table(22))
        run = Audience(engine, engine.open(wanted)[0])
        await run.until(lambda: run.run.over)
        notice = run.run.notice or {}
        assert notice["rule"] == "data_missing"
        assert list(notice["values"]) == ["error"]
        assert "A link does not hold them" in notice["values"]["error"]
        held = shelf().put(table(22))
        again = Audience(engine, engine.restart(run.run))
        await again.until(lambda: again.run.status == "ready")
        assert again.run.own == (held,)

    with_engine(main)
