"""The end of the server: on SIGTERM or SIGINT it first drains, then stops, and its exit code is 0."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, suppress
from types import FrameType

from uvicorn import Server

#: Seconds that draining may take, and that connections may take to close after it.
DRAIN_SECONDS = 6.0
CLOSE_SECONDS = 2
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def graceful(drain: Callable[[], Awaitable[None]]) -> Generator[None]:
    """Drain before the uvicorn that runs this event loop stops. Nothing changes where it is not uvicorn's main thread.

    uvicorn's own handler closes all connections at once, waits for them as long as it takes, and lets the process die
    of the signal at the end. A second signal is uvicorn's.
    """
    loop = asyncio.get_running_loop()
    before = {each: signal.getsignal(each) for each in _SIGNALS}
    server = getattr(before[signal.SIGTERM], "__self__", None)
    if not isinstance(server, Server):
        yield
        return
    ending = list[asyncio.Task[None]]()

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin)
        for each, handler in before.items():
            signal.signal(each, handler)

    def begin() -> None:
        server.config.timeout_graceful_shutdown = CLOSE_SECONDS
        ending.append(asyncio.create_task(_end(server, drain)))

    for each in _SIGNALS:
        signal.signal(each, handle)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


async def _end(server: Server, drain: Callable[[], Awaitable[None]]) -> None:
    try:
        with suppress(TimeoutError):
            await asyncio.wait_for(drain(), DRAIN_SECONDS)
    finally:
        server.should_exit = True
