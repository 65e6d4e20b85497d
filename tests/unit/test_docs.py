"""The documentation names every control and every choice, as they are."""

from pathlib import Path

import pytest

from normviz.config import CHOICES, LaneConfig, RunConfig, limits
from normviz.config.presets import PRESETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")
FIELDS = {**LaneConfig.model_fields, "steps": RunConfig.model_fields["steps"]}
CASES = [(field, key) for field, table in CHOICES.items() for key in table]


def table_after(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its head."""
    lines = PAGE.split(f"# {heading}\n", 1)[1].split("\n#", 1)[0].splitlines()
    rows = [line.strip("|").split("|") for line in lines if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.mark.parametrize("field", FIELDS)
def test_every_control_is_documented(field: str):
    (row,) = [row for row in table_after("Controls") if row[1] == f"`{field}`"]
    title, _, about, takes, default = row
    assert title == FIELDS[field].title
    assert about
    assert takes == (limits(field) or ", ".join(f"`{key}`" for key in CHOICES[field]))
    value = FIELDS[field].default
    assert default == f"`{str(value).lower() if isinstance(value, bool) else value}`"


@pytest.mark.parametrize(("field", "key"), CASES)
def test_every_choice_is_documented(field: str, key: str):
    rows = table_after(str(FIELDS[field].title))
    (row,) = [row for row in rows if row[1] == f"`{key}`"]
    choice = CHOICES[field][key]
    assert row[0] == choice.label
    assert row[2] == (f"${choice.formula}$" if choice.formula else "")


def test_nothing_else_is_documented():
    assert [row[1].strip("`") for row in table_after("Controls")] == list(FIELDS)
    for field, table in CHOICES.items():
        rows = table_after(str(FIELDS[field].title))
        assert [row[1].strip("`") for row in rows] == list(table)


def test_every_preset_is_documented():
    lines = (ROOT / "docs" / "lab.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    known = [row for row in rows if len(row) == 3 and row[1].startswith("`?")]
    written = [
        [preset.title, f"`?{'&'.join(f'{k}={v}' for k, v in preset.link.items())}`", preset.about]
        for preset in PRESETS.values()
    ]
    assert known == written
