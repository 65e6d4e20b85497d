"""What pages can do to the server: take nothing, say too much, come and go a thousand times."""

import asyncio
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from normviz.frames import HEADER
from normviz.stream.socket import STALLED
from tests.browser.serving import ROOT, free_port

pytestmark = pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="reads /proc")

#: Large frames, and no end to them.
LANE = {"dataset": "digits", "depth": 100, "width": 16}
LARGE = {"lane": LANE, "steps": 100_000}
OTHER = {"lane": {**LANE, "seed": 1}, "steps": 100_000}
TAKE_SECONDS = 2.0
MB = 2**20


@dataclass
class Live:
    """A server of its own, and what it says of itself."""

    port: int
    log: Path

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}/nv/live"

    def now(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/now", timeout=30) as answer:
            return json.load(answer)

    async def until(self, holds: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict:
        """Wait until the server says something."""
        end = time.monotonic() + seconds
        while not holds(now := await asyncio.to_thread(self.now)):
            assert time.monotonic() < end, now
            await asyncio.sleep(0.1)
        return now


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """Run a server for all tests here; nothing may go wrong inside it."""
    server = Live(free_port(), tmp_path_factory.mktemp("live") / "log")
    environment = {**os.environ, "NORMVIZ_WORKERS": "1", "NORMVIZ_GRACE_SECONDS": "4"}
    command = [sys.executable, "-m", "tests.engine.live_server", str(server.port)]
    with server.log.open("ab") as out:
        process = subprocess.Popen(
            [*command, str(TAKE_SECONDS)], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        end = time.monotonic() + 90
        while process.poll() is None and time.monotonic() < end:
            with suppress(OSError):
                server.now()
                break
            time.sleep(0.2)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    said = server.log.read_text()
    # uvicorn itself writes one where bytes are no UTF-8, and ends that connection
    theirs = said.count("Invalid UTF-8 sequence received from client.")
    assert said.count("Traceback") == theirs, said[-3000:]


def raw(port: int) -> socket.socket:
    """Open a connection that takes in as little as a kernel lets it."""
    page = socket.socket()
    page.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    page.settimeout(30)
    page.connect(("127.0.0.1", port))
    return page


#: What a page asks for to become a WebSocket.
ASKED = (
    b"GET /nv/live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


def handshake(page: socket.socket) -> None:
    """Become a WebSocket, and read no further than that."""
    page.sendall(ASKED)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += page.recv(1)
    assert head.startswith(b"HTTP/1.1 101 "), head


def text(said: str) -> bytes:
    """Return a message as a client's frame (its mask is zero)."""
    data = said.encode()
    length = (
        bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
    )
    return b"\x81" + length + bytes(4) + data


def said(**message: Any) -> bytes:
    return text(json.dumps(message))


def frames_in(stream: bytes) -> list[tuple[int, bytes]]:
    """Take a server's stream of whole frames apart: (opcode, what it carries)."""
    found, at = list[tuple[int, bytes]](), 0
    while at + 2 <= len(stream):
        opcode, size, at = stream[at] & 15, stream[at + 1] & 127, at + 2
        if size == 126:
            size, at = int.from_bytes(stream[at : at + 2], "big"), at + 2
        elif size == 127:
            size, at = int.from_bytes(stream[at : at + 8], "big"), at + 8
        found.append((opcode, stream[at : at + size]))
        at += size
    return found


async def watch(server: Live, came: list[tuple[float, int]]) -> None:
    """Watch the run and let it train; note when each frame comes, and its number."""
    async with connect(server.address, max_size=None, compression=None) as page:
        await page.send(json.dumps({"do": "open", "config": LARGE}))
        await page.send(json.dumps({"do": "play", "speed": 0}))
        async for message in page:
            if isinstance(message, bytes):
                number = HEADER.unpack_from(message)[3]
                came.append((time.monotonic(), number))


def test_a_page_that_takes_nothing_is_let_go_and_nobody_else_notices(server):
    async def main(pages: list[socket.socket]) -> None:
        before, came = server.now(), list[tuple[float, int]]()
        watching = asyncio.create_task(watch(server, came))
        await server.until(lambda now: len(came) > 10)
        for page in pages:
            handshake(page)
            page.sendall(said(do="open", config=LARGE) + said(do="play", speed=0))
        began, crowd = len(came), await server.until(lambda now: now["viewers"] == 9)
        after = await server.until(lambda now: now["viewers"] == 1)
        watching.cancel()
        # Each of them holds what the transport and the viewer buffer, and no more.
        assert max(now["bytes"] for now in (crowd, after)) - before["bytes"] < 100 * MB
        numbers = [number for _, number in came]
        assert numbers == sorted(set(numbers))
        gaps = sorted(after - before for (before, _), (after, _) in pairwise(came[began:]))
        assert len(gaps) > 10 and gaps[len(gaps) // 2] < 1
        assert server.log.read_text().count("page stalled") == 8
        for page in pages:
            page.close()
        await server.until(lambda now: now["viewers"] == 0 and now["files"] <= before["files"] + 2)

    with ExitStack() as opened:
        asyncio.run(main([opened.enter_context(raw(server.port)) for _ in range(8)]))


def test_a_page_that_was_asleep_is_told_to_come_again(server):
    with raw(server.port) as page:
        handshake(page)
        page.sendall(said(do="open", config=OTHER) + said(do="play", speed=0))
        asyncio.run(server.until(lambda now: now["viewers"] == 1))
        asyncio.run(server.until(lambda now: now["viewers"] == 0))
        stream = bytearray()
        while part := page.recv(MB):
            stream += part
        opcode, closing = frames_in(bytes(stream))[-1]
        assert opcode == 8 and int.from_bytes(closing[:2], "big") == STALLED


@pytest.mark.parametrize(
    "nonsense",
    [text("{"), said(do="open", config={"lane": {f"a{i}": 1 for i in range(1500)}})],
    ids=["short", "thousands of faults"],
)
def test_a_page_that_only_talks_takes_no_memory(server, nonsense):
    with raw(server.port) as page:
        before = server.now()
        handshake(page)
        page.settimeout(2)
        sent, end = 0, time.monotonic() + 8
        with suppress(OSError):  # the server reads no more of it, or has let it go
            while time.monotonic() < end:
                sent += page.send(nonsense * 20)
        assert sent > 20_000
        assert server.now()["bytes"] - before["bytes"] < 100 * MB
        page.close()
        asyncio.run(server.until(lambda now: now["files"] <= before["files"] + 2))


async def come_and_go(server: Live, number: int) -> None:
    """Come in one of seven ways, and go in the middle of it: only the sixth and seventh stay for what they asked."""
    way, seed = number % 7, number // 7
    config = {"lane": {"dataset": "digits", "depth": 2, "width": 16, "seed": seed}}
    if way >= 5:
        return await stay(server, config, politely=way == 5)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    abruptly = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, abruptly)
    if way == 1:
        writer.write(ASKED[: seed % len(ASKED)])
    if way >= 2:
        writer.write(ASKED)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    if way >= 3:
        opening = said(do="open", config=config)
        writer.write(opening if way == 3 else opening[: seed % len(opening)])
    await writer.drain()
    writer.transport.abort()
    return None


async def stay(server: Live, config: dict[str, Any], politely: bool) -> None:
    """Open a run of one's own and go when it is there, or train the one that all share, and be gone."""
    shared = {"lane": {"dataset": "digits", "depth": 3, "width": 16}, "steps": 100_000}
    async with connect(server.address, max_size=None, compression=None) as page:
        await page.send(json.dumps({"do": "open", "config": config if politely else shared}))
        await page.send(json.dumps({"do": "pause"} if politely else {"do": "play", "speed": 0}))
        while json.loads(await answer(page))["is"] != "history":
            pass
        if not politely:
            page.transport.abort()


async def answer(page: ClientConnection) -> str:
    """Return the next text; whatever is refused here would be an error of the test's."""
    while not isinstance(message := await page.recv(), str):
        pass
    assert '"is":"error"' not in message, message
    return message


def test_a_thousand_pages_come_and_go_and_leave_nothing_behind(server):
    async def many(numbers: range) -> dict[str, Any]:
        turns = asyncio.Semaphore(20)

        async def one(number: int) -> None:
            async with turns:
                await come_and_go(server, number)

        async with asyncio.timeout(240):
            await asyncio.gather(*map(one, numbers))
        return await server.until(lambda now: now["viewers"] == now["held"] == 0)

    before = asyncio.run(many(range(140)))  # by then everything is there that stays
    after = asyncio.run(many(range(140, 1140)))
    after = asyncio.run(server.until(lambda now: now["files"] <= before["files"]))
    assert after["threads"] == before["threads"]
    assert set(after["runs"]) <= {"ended"}
    assert after["bytes"] - before["bytes"] < 40 * MB, (before, after)


def nonsense(source: random.Random) -> bytes:
    """Return bytes that are no message: any frame of any length that holds anything, or no frame at all."""
    data = source.randbytes(source.choice((0, 1, 5, 125, 126, 3000)))
    if source.random() < 0.3:
        return data
    frame = bytearray(text("x" * len(data)))
    frame[0] = source.choice(
        (0x81, 0x82, 0x80, 0x01, 0x88, 0x89, 0x8A, 0xF1, source.randrange(256))
    )
    frame[1] ^= source.choice((0, 0, 0, 0x80, source.randrange(128)))
    return bytes(frame[: len(frame) - len(data)]) + data


def test_bytes_that_are_no_messages_end_their_own_connection_at_most(server):
    source = random.Random(1)
    for _ in range(300):
        with raw(server.port) as page, suppress(OSError):  # the server may close it at any time
            handshake(page)
            for _ in range(3):
                page.sendall(nonsense(source))

    async def main() -> None:
        await server.until(lambda now: now["viewers"] == 0)
        async with connect(server.address, max_size=None) as page:
            await page.send(json.dumps({"do": "open", "config": LARGE}))
            assert json.loads(await answer(page))["is"] in ("opened", "state")

    asyncio.run(main())
