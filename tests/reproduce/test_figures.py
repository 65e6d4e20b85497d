"""The figures that take seconds come out with one or two seeds; of the slow ones, table and charts are complete."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from normviz.reproduce import FIGURES, glorot, he30, learns2015, schoenholz
from normviz.reproduce.running import run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")
CHEAP = {"cs231n": 2, "yang": 1, "preprocess": 1, "table2015": 1, "ioffe1": 1, "lsuv": 1}


def keys_shown(name: str) -> set[str]:
    figure = FIGURES[name].load()
    lines = [line for panel in figure.panels for line in panel.lines]
    assert all(len(line.x) == len(line.keys) for line in lines)
    assert all(len(line.published) in (0, len(line.x)) for line in lines)
    planes = [[*plane.notes.values(), *sum(plane.keys, ())] for plane in figure.planes]
    return {row.key for row in figure.rows}.union(*(line.keys for line in lines), *planes)


@pytest.mark.parametrize("name", CHEAP)
def test_cheap_figure_is_inside_its_bands(name: str):
    outcome = run(name, range(CHEAP[name]))
    outside = [judged.row.label for judged in outcome.rows() if judged.inside is False]
    assert not outside
    assert keys_shown(name) <= {*outcome.samples[0], *outcome.pooled}


@pytest.mark.parametrize("init", glorot.DRAW)
def test_gradients_and_jacobians_of_glorot_and_bengio(init: str):
    numbers = glorot.at_initialization(init, seed=0)
    rows = [row for row in glorot.FIGURE.rows if row.band and row.key.startswith(f"{init}.")]
    assert len(rows) >= 2
    assert all(row.band and row.band.holds([numbers[row.key]]) for row in rows)


@pytest.mark.parametrize("part", ["theory", "growth.ordered", "growth.critical", "growth.chaotic"])
def test_theory_of_schoenholz_and_gradients_of_a_network(part: str):
    numbers = schoenholz.FIGURE.parts[part](0)
    rows = [row for row in schoenholz.FIGURE.rows if row.band and row.key in numbers]
    assert rows
    assert all(row.band and row.band.holds([numbers[row.key]]) for row in rows)


def instant(lane, steps, measured):
    """A training run that takes no time and shows ones."""
    names = ("heldout_accuracy", "heldout_loss")
    for step in range(steps + 1):
        yield step, {**dict.fromkeys(names, np.float32(1)), "act_std": np.ones(lane["depth"])}


@pytest.mark.parametrize(("name", "module"), [("he30", he30), ("learns2015", learns2015)])
def test_every_number_shown_of_a_slow_figure_is_measured(name, module, monkeypatch):
    monkeypatch.setattr(module, "frames", instant)
    assert keys_shown(name) <= run(name, [0]).samples[0].keys()


def test_every_number_shown_of_trained_tanh_networks_is_measured(monkeypatch):
    monkeypatch.setattr(schoenholz, "STEPS", 1)
    monkeypatch.setattr(schoenholz, "MEASURED_WIDTH", 50)
    assert keys_shown("schoenholz") <= run("schoenholz", [0]).samples[0].keys()


def test_every_number_shown_of_glorot_and_bengio_is_measured(monkeypatch):
    monkeypatch.setattr(glorot, "WIDTH", 20)
    assert keys_shown("glorot") <= run("glorot", [0]).samples[0].keys()


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_judges_something_and_gives_reasons(name: str):
    figure = FIGURES[name].load()
    bands = [row.band for row in figure.rows if row.band]
    assert figure.about
    assert figure.panels
    assert bands
    assert all(band.reason and band.low < band.high for band in bands)
    assert all(not math.isinf(band.low) or not math.isinf(band.high) for band in bands)
    assert len({row.key for row in figure.rows}) == len(figure.rows)


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_and_band_is_documented(name: str):
    section = PAGE.split(f"\n## {name}\n", 1)[1].split("\n## ", 1)[0]
    assert FIGURES[name].source in section
    for row in FIGURES[name].load().rows:
        if row.band:
            (line,) = [line for line in section.splitlines() if line.startswith(f"| {row.label} |")]
            assert f"| {row.band} |" in line
            assert row.band.reason in line


def test_nothing_else_is_documented():
    assert [line[3:] for line in PAGE.splitlines() if line.startswith("## ")] == list(FIGURES)


def test_listing_needs_no_torch():
    code = (
        "import sys, json, normviz.cli; normviz.cli.main(['reproduce']);"
        "print(json.dumps([name for name in ('torch', 'plotly') if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_same_seed_gives_the_same_numbers_and_another_seed_others():
    once, again, other = (run("cs231n", [seed]).samples[0] for seed in (0, 0, 1))
    assert once == again
    assert once != other
