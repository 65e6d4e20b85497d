"""What the server writes about itself: events with fields, as readable lines or as one JSON object a line.

An event never holds who somebody is: no address, no name, nothing of what a visitor has uploaded.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum

#: Values that a field may have.
Value = str | int | float | bool | None
#: Fields that every line has.
COMMON = ("time", "level", "logger", "event")
_ROOT = "normviz"


class LogFormat(StrEnum):
    """How a line looks."""

    TEXT = "text"
    JSON = "json"


class Events:
    """Writes events of one module."""

    def __init__(self, name: str) -> None:
        self._log = logging.getLogger(name)

    def debug(self, event: str, **fields: Value) -> None:
        """Write what is of interest only in search of a fault."""
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: Value) -> None:
        """Write what happened."""
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: Value) -> None:
        """Write what an operator should look at."""
        self._write(logging.WARNING, event, fields)

    def fault(self, event: str, **fields: Value) -> None:
        """Write an exception that is being handled, with where it came from."""
        self._write(logging.ERROR, event, fields, exc_info=True)

    def _write(
        self, level: int, event: str, fields: dict[str, Value], *, exc_info: bool = False
    ) -> None:
        if self._log.isEnabledFor(level):
            self._log.log(level, "%s", event, extra={"fields": fields}, exc_info=exc_info)


def of(name: str) -> Events:
    """Return what writes the events of a module."""
    return Events(name)


def _fields(record: logging.LogRecord) -> dict[str, Value]:
    return getattr(record, "fields", {})


class Text(logging.Formatter):
    """``2026-01-31 12:00:00 INFO run finished run=… step=…``."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line, with the fields behind it."""
        told = "".join(f" {name}={_plain(value)}" for name, value in _fields(record).items())
        return super().formatMessage(record) + told


def _plain(value: Value) -> str:
    """Write a value so that it is one word."""
    text = str(value)
    plain = text and text.isprintable() and not set(text) & set(' "=')
    return text if plain else json.dumps(text)


class JsonLines(logging.Formatter):
    """One JSON object a line: time (ISO 8601, UTC), level, logger, event, then the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        common = (when, record.levelname.lower(), record.name, record.getMessage())
        line = dict[str, Value](zip(COMMON, common, strict=True))
        line |= {name: value for name, value in _fields(record).items() if name not in COMMON}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up(form: LogFormat) -> None:
    """Write our events to the standard error; with JSON, let all who write there already do it in this form too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form is LogFormat.JSON else Text())
    ours = logging.getLogger(_ROOT)
    ours.handlers, ours.propagate = [handler], False
    ours.setLevel(logging.INFO)
    if form is LogFormat.JSON:
        logging.captureWarnings(True)
        root = logging.getLogger()
        root.handlers = root.handlers or [handler]
        for each in (root, *logging.root.manager.loggerDict.values()):
            for other in each.handlers if isinstance(each, logging.Logger) else ():
                other.setFormatter(JsonLines())
