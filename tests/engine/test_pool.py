"""Workers that die before they are ready."""

import asyncio
import socket
from multiprocessing.connection import Connection
from typing import Any

import pytest

from normviz.config import RunConfig
from normviz.engine.local import LocalEngine
from normviz.engine.nursery import Nursery
from normviz.engine.registry import EngineFull
from normviz.settings import Settings


def test_workers_that_die_at_birth_are_replaced_after_a_pause_and_visitors_are_told(
    monkeypatch: pytest.MonkeyPatch,
):
    hired = list[float]()

    def stillborn(nursery: Nursery, *settings: float) -> Any:
        ours, theirs = socket.socketpair()
        theirs.close()
        hired.append(asyncio.get_running_loop().time())
        return Connection(ours.detach())

    monkeypatch.setattr(Nursery, "worker", stillborn)

    async def main() -> None:
        async with LocalEngine(Settings(workers=2)) as engine:
            while engine.numbers().deaths < 2:
                await asyncio.sleep(0.02)
            with pytest.raises(EngineFull, match="at the moment"):
                engine.open(RunConfig())
            while len(hired) < 3:
                await asyncio.sleep(0.05)
            assert hired[2] - hired[1] >= 1.9

    asyncio.run(asyncio.wait_for(main(), 60))
