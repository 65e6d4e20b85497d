"""A file that somebody empties while another writes: what is written can be sent before it is complete."""

import io
from typing import Any


class Sink(io.RawIOBase):
    """Takes what is written, in order; there is no way back."""

    def __init__(self) -> None:
        super().__init__()
        self._parts = list[bytes]()
        self._at = 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        """Take some bytes."""
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        """Return how many bytes have been written."""
        return self._at

    def taken(self) -> bytes:
        """Return what has been written since the last call."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data
