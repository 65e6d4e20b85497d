"""SIGTERM to a real server while it trains: pages are told, runs are saved, and it ends well and soon."""

import asyncio
import json
import logging
import os
import signal
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from normviz.config import parse
from normviz.engine.store import Store
from tests.browser.serving import Server, serving

RUNS = 20
SECONDS = 10

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="reads /proc")


class Watching:
    """A page's socket: opens a run of its own and lets it train."""

    def __init__(self, seed: int) -> None:
        lane = {"dataset": "digits", "depth": 3, "width": 16, "seed": seed}
        self.config = parse({"lane": lane, "steps": 100_000}).model_dump(exclude_none=True)
        self.run = ""
        self.step = 0
        self.told: dict | None = None
        self.code: int | None = None
        self.trains = asyncio.Event()

    async def stay(self, url: str) -> None:
        """Watch until the server closes the connection."""
        async with connect(url.replace("http", "ws") + "/nv/live", max_size=None) as socket:
            for message in (
                {"do": "open", "config": self.config, "run": None, "after": -1},
                {"do": "play", "speed": 0},
            ):
                await socket.send(json.dumps(message))
            await self._listen(socket)

    async def _listen(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                if isinstance(message, str):
                    self._hear(json.loads(message))
        except ConnectionClosed:
            pass
        self.code = socket.close_code

    def _hear(self, told: dict) -> None:
        match told["is"]:
            case "opened":
                self.run = told["run"]
            case "state":
                self.step = told["step"]
                if told["status"] == "running" and self.step > 50:
                    self.trains.set()
            case "closing":
                self.told = told
            case _:
                pass


async def ended(server: Server) -> tuple[list[Watching], list[int], float]:
    """Let 20 runs train, send SIGTERM; return who watched, the processes that trained, and how long the end took."""
    watching = [Watching(seed) for seed in range(RUNS)]
    staying = [asyncio.create_task(each.stay(server.url)) for each in watching]
    async with asyncio.timeout(90):
        await asyncio.gather(*(each.trains.wait() for each in watching))
    workers, began = server.workers(), time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(server.process.wait, SECONDS + 5)
    took = time.monotonic() - began
    await asyncio.gather(*staying)
    return watching, workers, took


def test_sigterm_while_20_runs_train(tmp_path: Path):
    store = str(tmp_path / "store")
    with serving(tmp_path / "log", NORMVIZ_STORE=store, NORMVIZ_LOG="json") as server:
        watching, workers, took = asyncio.run(ended(server))
        assert server.process.returncode == 0
        assert took < SECONDS
    assert workers and not any(os.path.exists(f"/proc/{pid}") for pid in workers)
    kept = Store(tmp_path / "store", 2**40)
    for each in watching:
        assert each.told == {"is": "closing", "kept": True} and each.code == 1012
        stored = kept.load(each.run)
        assert stored is not None and stored.status == "paused"
        assert stored.step == stored.frames[-1][1] >= each.step > 50
    assert len(list((tmp_path / "store").iterdir())) == RUNS
    logging.getLogger(__name__).info("the server took %.1f s to end", took)
    _look_at(tmp_path / "log", {each.run for each in watching})


def _look_at(log: Path, runs: set[str]) -> None:
    """Every line after Streamlit's greeting is an event; each run's life is there, and nobody's address."""
    text = log.read_text()
    lines = [line for line in text.splitlines() if line.strip()]
    greeting = [line for line in lines if not line.startswith("{")]
    assert len(greeting) <= 3 and "Traceback" not in text, greeting
    events = [json.loads(line) for line in lines if line.startswith("{")]
    assert all({"time", "level", "logger", "event"} <= event.keys() for event in events)
    ours = [event for event in events if event["logger"].startswith("normviz")]
    for name in ("run opened", "run joined", "run running", "run paused"):
        assert {event["run"] for event in ours if event["event"] == name} == runs
    (draining,) = [event for event in ours if event["event"] == "server draining"]
    assert draining["training"] == RUNS
    assert ours[-1]["event"] == "server stop"
    assert all(event["key"] == event["run"].partition("-")[0] for event in ours if "key" in event)
    assert "127.0.0.1" not in json.dumps(ours)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_does_nothing_ends_at_once(tmp_path: Path, number: signal.Signals):
    with serving(tmp_path / "log") as server:
        server.process.send_signal(number)
        assert server.process.wait(SECONDS) == 0
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_a_folder_that_cannot_be_the_store_stops_the_start_with_its_name(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(RuntimeError, match=r"NORMVIZ_STORE: .*/file is not possible"),
        serving(tmp_path / "log", NORMVIZ_STORE=str(tmp_path / "file")),
    ):
        pass
