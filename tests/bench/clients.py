"""The load of :mod:`tests.bench.watching`, as a process: WebSocket viewers and Streamlit sessions."""

import asyncio
import json
import struct
import sys
import time
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.bench.report import median, quantile

RERUN_EVERY = 5.0
SENT_AT = 16


async def viewer(
    url: str, first: bool, ready: asyncio.Semaphore, ages: list[float], window: list[float]
) -> None:
    """Watch the run; the first one presses Train."""
    config = {"lane": {"seed": 77}, "steps": 100_000}
    async with connect(url + "/nv/live", compression=None, max_size=None, max_queue=8) as socket:
        await socket.send(json.dumps({"do": "open", "config": config}))
        if first:
            await socket.send(json.dumps({"do": "play", "speed": 0}))
        async for message in socket:
            if isinstance(message, str):
                if json.loads(message)["is"] == "history":
                    ready.release()
            elif window and window[0] <= (now := time.time()) <= window[1]:
                ages.append(now - struct.unpack_from("<d", message, SENT_AT)[0])


async def session(url: str, delay: float, waits: list[float], window: list[float]) -> None:
    """Be a page of the Lab whose script reruns every few seconds."""
    async with connect(
        url + "/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None
    ) as socket:
        await rerun(socket)
        await asyncio.sleep(delay)
        while True:
            await asyncio.sleep(RERUN_EVERY)
            start = time.perf_counter()
            await rerun(socket)
            if window:
                waits.append(time.perf_counter() - start)


async def rerun(socket: ClientConnection) -> None:
    """Ask for a rerun and wait until the script has finished."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    await socket.send(message.SerializeToString())
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(await socket.recv())  # pyright: ignore
        if answer.WhichOneof("type") == "script_finished":
            return


async def main(url: str, count: int, sessions: int, seconds: float) -> dict[str, Any]:
    """Connect all, say so, watch for the given time, and sum up."""
    url, window, waits = url.replace("http", "ws"), list[float](), list[float]()
    ready, ages = asyncio.Semaphore(0), [list[float]() for _ in range(count)]
    tasks = [asyncio.create_task(viewer(url, i == 0, ready, ages[i], window)) for i in range(count)]
    tasks += [
        asyncio.create_task(session(url, RERUN_EVERY * i / sessions, waits, window))
        for i in range(sessions)
    ]
    for _ in range(count):
        await asyncio.wait_for(ready.acquire(), 120)
    await asyncio.sleep(2 + (2 * RERUN_EVERY if sessions else 0))
    print("ready", flush=True)
    cpu = time.process_time()
    window += [time.time(), time.time() + seconds + (2 * RERUN_EVERY if sessions else 0)]
    await asyncio.sleep(window[1] - window[0])
    length = window[1] - window[0]
    for task in tasks:
        task.cancel()
    failures = [
        r for r in await asyncio.gather(*tasks, return_exceptions=True) if isinstance(r, Exception)
    ]
    every = [age for of_one in ages for age in of_one]
    return {
        "fps": median([len(of_one) / length for of_one in ages]),
        "fps_worst": min(len(of_one) / length for of_one in ages),
        "age_p50_ms": 1e3 * median(every),
        "age_p99_ms": 1e3 * quantile(every, 0.99),
        "clients_cpu": (time.process_time() - cpu) / length,
        "reruns": len(waits),
        "rerun_p50_ms": 1e3 * median(waits),
        "rerun_p99_ms": 1e3 * quantile(waits, 0.99),
        "failures": [repr(failure) for failure in failures],
    }


if __name__ == "__main__":
    print(
        json.dumps(
            asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
        ),
        flush=True,
    )
