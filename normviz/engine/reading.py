"""What is read back of a run from a file that anybody may have written: frames in order, and the words of its end."""

import math
from typing import Any

from normviz.frames import FrameError, Schema, decode

#: Numbers below this are numbers everywhere.
LARGEST = 1e15
LONGEST_TEXT = 400
MOST_VALUES = 32
MOST_FRAMES = 20_000
MOST_FRAMES_BYTES = 256 * 2**20
MOST_NOTES = 256 * 1024


class Frames:
    """Checks the frames of one run, one after another."""

    def __init__(self, schema: Schema, steps: int) -> None:
        self._schema, self._steps = schema, steps
        self._count = self._total = 0
        self._seq = self._step = -1

    def check(self, data: bytes) -> tuple[int, int, bytes]:
        """Return a frame as (number, step, data).

        Raises:
            FrameError: it is none, it does not follow the one before, or it is one too many.
        """
        self._count += 1
        self._total += len(data)
        if self._count > MOST_FRAMES or self._total > MOST_FRAMES_BYTES:
            raise FrameError(
                f"more than {MOST_FRAMES:,} frames or {MOST_FRAMES_BYTES // 2**20} MB of them"
            )
        found = decode(self._schema, data)
        seq, step = found.seq, found.frame.step
        follows = seq > self._seq and self._step <= step <= self._steps
        if not follows or not math.isfinite(found.time):
            raise FrameError(
                f"number {seq}, step {step} do not follow "
                f"number {self._seq}, step {self._step} of {self._steps:,} steps"
            )
        self._seq, self._step = seq, step
        return seq, step, data


def notice(sent: Any) -> dict[str, Any] | None:  # noqa: ANN401 - this is where unknown input becomes known
    """Return the words of a run's end, a rule and plain values, or None where nothing was said.

    Raises:
        ValueError: it is neither.
    """
    if sent is None:
        return None
    values = sent.get("values") if isinstance(sent, dict) else None
    rule = sent.get("rule") if isinstance(sent, dict) else None
    if not isinstance(rule, str) or not isinstance(values, dict) or len(values) > MOST_VALUES:
        raise ValueError("notice is neither null nor a rule with values")
    for name, value in values.items():
        number = isinstance(value, int | float) and -LARGEST < value < LARGEST
        if not number and not (isinstance(value, str) and len(value) <= LONGEST_TEXT):
            raise ValueError(f"notice: {name[:40]} is neither a number nor a short text")
    return {"rule": rule[:80], "values": values}
