"""What a worker needs of the pipe to whoever gives it runs."""

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Pipe(Protocol):
    """A :class:`multiprocessing.connection.Connection`, or what stands for one in another process."""

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Wait so many seconds at most, or for ever, until there is a message; tell whether there is one."""
        ...

    def recv(self) -> Any:  # noqa: ANN401 - any message
        """Return the next message.

        Raises:
            EOFError: the other end is closed.
        """
        ...

    def send(self, obj: Any, /) -> None:  # noqa: ANN401 - any message
        """Say something; wait while the other end has too much to read already."""
        ...
