"""The command line: tables, files, exit codes, and what it says to bad usage."""

import io
import json
import math
from html.parser import HTMLParser
from types import ModuleType

import pytest

from normviz import cli, reproduce
from normviz.config import LaneConfig
from normviz.reproduce import FIGURES, Entry, report
from normviz.reproduce.figure import Band, Figure, Line, Panel, Row, at_least, at_most
from normviz.reproduce.running import run

ALLOWED = [
    (["reproduce", "nope"], ["NAME", "'nope'", ", ".join(FIGURES)]),
    *(
        (["reproduce", "cs231n", "--seeds", value], ["--seeds", repr(value), "1 to 100"])
        for value in ("0", "101", "-1", "two", "1.5", "9" * 5000)
    ),
    (["reproduce", "cs231n", "--json", "/no/such/x"], ["--json", "'/no/such/x'", "folder"]),
    (["reproduce", "cs231n", "--html", "/"], ["--html", "'/'", "folder"]),
    (["run", "--steps", "0"], ["steps", "'0'", "1 to 100,000"]),
    (["run", "--set", "depth=0"], ["depth", "'0'", "a whole number from 1"]),
    (["run", "--set", "b.norm=nope"], ["b.norm", "'nope'", "one of none, batch"]),
    (["run", "--set", "depth"], ["--set", "'depth'", "FIELD=VALUE"]),
    (["run", "--set", "dpeth=3"], ["dpeth", "'3'", "no such field"]),
    (["run", "--link", "?lr=fast"], ["lr", "'fast'", "a number from"]),
    (["run", "--json", "/no/such/x"], ["--json", "'/no/such/x'", "folder"]),
    (["ruin"], ["COMMAND", "'ruin'", "reproduce"]),
    ([], ["COMMAND"]),
]
SMALL = ["--set", "depth=2", "--set", "width=8", "--set", "dataset=digits"]


@pytest.mark.parametrize(("arguments", "words"), ALLOWED)
def test_bad_usage_names_argument_value_and_what_is_allowed(arguments, words, capsys):
    with pytest.raises(SystemExit) as refused:
        cli.main(arguments)
    assert refused.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert all(word in said.err for word in words)


def test_list_has_every_figure_with_title_and_source(capsys):
    assert cli.main(["reproduce"]) == 0
    listed = capsys.readouterr().out
    for name, entry in FIGURES.items():
        assert f"{name} " in listed
        assert entry.title in listed
        assert entry.source in listed


def toy(seed: int) -> dict[str, float]:
    return {"good": 1.0 + seed, "bad": 5.0, "none": math.nan, "zero": 0.0}


@pytest.fixture
def figure(monkeypatch):
    """A figure in the list that takes no time; ``bad`` is outside its band."""
    module = ModuleType("toyfigure")
    module.FIGURE = Figure(  # pyright: ignore[reportAttributeAccessIssue]
        about="A <toy>.",
        parts={"only": toy},
        rows=[
            Row("good", "good & known", 1.5, Band(1, 2, "because", every_seed=False)),
            Row("bad", "bad", "four", at_most(4.5, "five is too many")),
            Row("none", "not a number"),
            Row("both", "of all seeds", None, at_least(2, "there are two")),
        ],
        panels=[Panel("P", "x", "y", [Line("l", [1, 2], ["good", "bad"], [1.5, 4.0])], log=True)],
        pool=lambda samples: {"both": float(len(samples))},
    )
    monkeypatch.setitem(__import__("sys").modules, "toyfigure", module)
    monkeypatch.setitem(reproduce.FIGURES, "toy", Entry("A toy", "nobody", "toyfigure:FIGURE"))
    return module


class Page(HTMLParser):
    """Counts elements and checks that they are closed; keeps what would be fetched from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: dict[str, int] = {}
        self.fetched: list[str | None] = []

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.fetched += [value for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "link", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_table_files_and_exit_code_of_a_figure(figure, tmp_path, capsys):
    files = ["--json", str(tmp_path / "f.json"), "--html", str(tmp_path / "f.html")]
    assert cli.main(["reproduce", "toy", "--seeds", "2", *files]) == 1
    said = capsys.readouterr()
    assert said.err == ""
    lines = {line.split("  ")[0]: line for line in said.out.splitlines()}
    assert " ".join(lines["good & known"].split()) == "good & known 1.5 1.5 ± 0.71 1 to 2 inside"
    assert " ".join(lines["bad"].split()) == "bad four 5 ± 0 <= 4.5 OUTSIDE"
    assert " ".join(lines["of all seeds"].split()) == "of all seeds 2 >= 2 inside"
    assert "2 of 3 inside their bands, 2 seeds" in said.out

    def no_constant(name: str) -> None:
        raise AssertionError(name)

    (written,) = json.loads((tmp_path / "f.json").read_text(), parse_constant=no_constant)[
        "figures"
    ]
    assert written["inside"] is False
    assert written["seeds"] == [0, 1]
    assert [row["inside"] for row in written["rows"]] == [True, False, None, True]
    assert written["rows"][0]["values"] == [1, 2]
    assert written["rows"][1]["band"] == {
        "low": None,
        "high": 4.5,
        "every_seed": True,
        "reason": "five is too many",
    }
    assert written["numbers"][1] == {"good": 2, "bad": 5, "none": None, "zero": 0}

    page = Page()
    text = (tmp_path / "f.html").read_text(encoding="utf-8")
    page.feed(text)
    page.close()
    assert page.open == []
    assert page.fetched == []
    assert page.count["tr"] == 5
    assert "A &lt;toy&gt;." in text
    assert "good &amp; known" in text
    assert text.count("Plotly.newPlot(") >= 1
    assert len(text) > 1_000_000  # the script is inside


def test_exit_code_is_0_when_all_are_inside(figure, capsys):
    figure.FIGURE = Figure("", figure.FIGURE.parts, figure.FIGURE.rows[:1])
    assert cli.main(["reproduce", "toy", "--seeds", "1"]) == 0
    assert "1 of 1 inside" in capsys.readouterr().out


def test_a_page_of_two_figures_has_the_script_once(figure):
    outcome = run("toy", [0])
    one, two = (len(report.as_html([outcome] * n)) for n in (1, 2))
    assert two - one < 100_000


@pytest.mark.parametrize(
    ("values", "every_seed", "inside"),
    [
        ([1, 2], True, True),
        ([1, 2.1], True, False),
        ([1, 2.1], False, True),
        ([0.9], True, False),
        ([math.nan], True, False),
        ([1.5, math.nan], False, False),
    ],
)
def test_what_is_inside_a_band(values, every_seed, inside):
    assert Band(1, 2, "", every_seed).holds(values) is inside


def test_running_counts_parts_and_refuses_nothing_to_do(figure):
    ticks: list[tuple[int, int]] = []
    run("toy", [0, 1, 2], lambda done, total: ticks.append((done, total)))
    assert ticks == [(0, 3), (1, 3), (2, 3), (3, 3)]
    with pytest.raises(ValueError, match="seeds"):
        run("toy", [])
    with pytest.raises(KeyError):
        run("nope", [0])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_for_terminals_only():
    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        bar = cli.Progress("toy", stream)
        bar(1, 3)
        bar.clear()
    assert "toy [##########....................] 1/3" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert pipe.getvalue() == ""


def test_run_prints_and_writes_every_evaluation(tmp_path, capsys):
    file = tmp_path / "run.json"
    arguments = ["run", "--steps", "25", "--set", "b.norm=batch", *SMALL, "--json", str(file)]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["lane A: Normalization: none", "lane B: Normalization: Batch"]
    assert [line.split()[:2] for line in said[3:]] == [
        [str(step), lane] for step in (0, 10, 20, 25) for lane in "AB"
    ]
    written = json.loads(file.read_text())
    assert written["config"]["steps"] == 25
    last = written["frames"][-1]
    assert (last["step"], last["lane"], last["heldout_accuracy"]) == (25, "B", None)
    assert len(last["dw_spectral"]) == 3


def test_run_takes_a_link_and_later_words_count(capsys):
    link = "https://example.org/lab?depth=1&width=4&dataset=digits&steps=500&embed=true&norm=batch"
    assert cli.main(["run", "--link", link, "--steps", "10", "--set", "norm=layer"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]] == ["0", "10"]
    assert cli.main(["run", "--link", "?" + link.partition("?")[2], "--steps", "1"]) == 0


def test_run_of_a_network_that_diverges_says_so(capsys):
    fields = ("init=unit", "lr=100", "activation=relu", "depth=3", "width=100", "dataset=digits")
    sets = [part for each in fields for part in ("--set", each)]
    assert cli.main(["run", "--steps", "20", *sets]) == 1
    assert "lane A diverged at step" in capsys.readouterr().out


def test_unknown_field_lists_the_fields(capsys):
    with pytest.raises(SystemExit):
        cli.main(["run", "--set", "x"])
    said = capsys.readouterr().err
    assert all(field in said for field in LaneConfig.model_fields)
