"""What pages say, read with suspicion: JSON objects, and fields of them within bounds."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

from normviz.config import ConfigError

T = TypeVar("T", int, str)

#: Characters of an answer to a message that cannot be; a long one may have thousands of faults.
LONGEST_ERROR = 4000


class BadMessage(ValueError):
    """A message that a page cannot send. The text says what is allowed."""


def read(text: str) -> dict[str, Any]:
    """Read a message.

    Raises:
        BadMessage: it is no JSON object.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("a message is a JSON object") from None
    if not isinstance(message, dict):
        raise BadMessage("a message is a JSON object")
    return message


def number(message: dict[str, Any], field: str, low: int, high: int) -> int:
    """Return a field that is a whole number.

    Raises:
        BadMessage: it is none, or not within these.
    """
    value = message.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise BadMessage(
            f"{field}: {str(value)[:40]} is not possible; allowed: a whole number from {low} to {high}"
        )
    return value


def choice(message: dict[str, Any], field: str, allowed: Sequence[T]) -> T:
    """Return a field that is one of these.

    Raises:
        BadMessage: it is none of them.
    """
    value = message.get(field)
    found = [each for each in allowed if each == value and not isinstance(value, bool)]
    if not found:
        raise BadMessage(
            f"{field}: {str(value)[:40]} is not possible; allowed: one of {', '.join(map(str, allowed))}"
        )
    return found[0]


def error(refused: Exception, rule: str | None = None) -> dict[str, Any]:
    """Return the answer to a message that was refused; ``rule`` is its reason, where the kind does not say it."""
    text = str(refused)
    text = text if len(text) <= LONGEST_ERROR else text[:LONGEST_ERROR] + "…"
    rule = rule or ("config" if isinstance(refused, ConfigError) else "message")
    return {"is": "error", "rule": rule, "values": {"text": text}}
