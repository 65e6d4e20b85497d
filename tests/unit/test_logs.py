"""The server's log: every line is an event, in one of two forms, whatever stands in it."""

import json
import logging
import warnings
from collections.abc import Iterator

import pytest

from normviz import logs
from normviz.logs import COMMON, JsonLines, LogFormat, Text


@pytest.fixture
def quiet() -> Iterator[None]:
    """Put all loggers back as they were, with their handlers and formatters."""
    loggers = [logging.getLogger(name) for name in ("", "normviz", "other", "py.warnings")]
    handlers = [(each, list(each.handlers), each.propagate, each.level) for each in loggers]
    forms = [(one, one.formatter) for each in loggers for one in each.handlers]
    yield
    logging.captureWarnings(False)
    for each, before, propagate, level in handlers:
        each.handlers, each.propagate = before, propagate
        each.setLevel(level)
    for one, form in forms:
        one.setFormatter(form)


def record(event: str, /, **fields: logs.Value) -> logging.LogRecord:
    made = logging.LogRecord("normviz.x", logging.WARNING, "", 0, "%s", (event,), None)
    made.fields = fields
    made.created = 1769860800.25
    return made


def test_a_json_line_has_time_level_logger_and_event_first_and_then_its_fields():
    line = JsonLines().format(record("run finished", run="ab-1", step=3, rule=None, event="no"))
    assert "\n" not in line
    told = json.loads(line)
    assert list(told) == [*COMMON, "run", "step", "rule"]
    assert told == {
        "time": "2026-01-31T12:00:00.250+00:00",
        "level": "warning",
        "logger": "normviz.x",
        "event": "run finished",
        "run": "ab-1",
        "step": 3,
        "rule": None,
    }


@pytest.mark.parametrize("text", ['two\nlines "and" quotes', "a=b", "", "ünï", "\x1b[31mred"])
def test_a_value_never_breaks_a_line_nor_reaches_a_terminal_raw(text: str):
    assert json.loads(JsonLines().format(record("x", reason=text)))["reason"] == text
    line = Text().format(record("x", reason=text))
    assert "\n" not in line and "\x1b" not in line
    assert line.endswith(f" x reason={text}" if text == "ünï" else f" x reason={json.dumps(text)}")


def test_what_others_log_is_a_json_line_too(quiet: None, capsys: pytest.CaptureFixture[str]):
    other = logging.getLogger("other")
    other.handlers, other.propagate = [logging.StreamHandler()], False
    logs.set_up(LogFormat.JSON)
    logs.of("normviz.engine").info("server start", workers=2)
    logs.of("normviz.engine").debug("not of interest")
    try:
        raise ValueError("a fault")
    except ValueError:
        other.exception("what\nfailed")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        logging.captureWarnings(True)
        warnings.warn("mind the step", stacklevel=1)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    ours = next(line for line in told if line["logger"] == "normviz.engine")
    assert (ours["event"], ours["workers"]) == ("server start", 2)
    fault = next(line for line in told if line["logger"] == "other")
    assert fault["event"] == "what\nfailed" and "ValueError: a fault" in fault["traceback"]
    assert not any(line["event"] == "not of interest" for line in told)


def test_text_is_one_readable_line(quiet: None, capsys: pytest.CaptureFixture[str]):
    logs.set_up(LogFormat.TEXT)
    logs.of("normviz.engine").warning("store damaged", file="a.run", reason="cut short?")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith('WARNING store damaged file=a.run reason="cut short?"')
