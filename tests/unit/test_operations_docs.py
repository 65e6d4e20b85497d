"""docs/operations.md names every setting as it is, and every event of the log."""

import re
from enum import Enum
from pathlib import Path

import pytest

from normviz.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| `")
]
#: An event, where a module writes one.
WRITTEN = re.compile(r'(?:_log\.(?:debug|info|warning|fault)|say)\(\s*"([a-z ]+)"')


def told(value: object) -> str:
    """A default as the page has it."""
    match value:
        case None | "" | ():
            return ""
        case bool():
            return f"`{'on' if value else 'off'}`"
        case Enum():
            return f"`{value.value}`"
        case tuple():
            return f"`{' '.join(map(str, value))}`"
        case float():
            return f"`{value:g}`"
        case _:
            return f"`{value}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str):
    (row,) = [row for row in ROWS if row[0] == f"`NORMVIZ_{name.upper()}`"]
    field = Settings.model_fields[name]
    default = "processor cores" if field.default_factory else told(field.default)
    assert row[1:] == [default, field.description]


def test_no_other_setting_is():
    named = re.findall(r"^\| `NORMVIZ_([A-Z_]+)`", PAGE, re.MULTILINE)
    assert [name.lower() for name in named] == list(Settings.model_fields)


def test_every_event_is_documented():
    sources = [ROOT / "app.py", *ROOT.glob("normviz/**/*.py")]
    written = {
        event for path in sources for event in WRITTEN.findall(path.read_text(encoding="utf-8"))
    }
    assert {"server start", "store saved", "store damaged", "refused"} <= written
    named = PAGE.split("| event | its fields |")[1].split("\n\n")[0]
    assert {event for event in written if f"`{event}`" not in named} == set()
