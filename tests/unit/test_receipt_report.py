"""The report: whole, self-contained, small, and nobody's text is taken for HTML. The facts behind it."""

import json
import math
import platform
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from normviz.config import from_link
from normviz.frames import Frame, LaneInfo, build_schema, decode, encode
from normviz.receipt import facts, report, svg
from tests.unit.receipts import Recorded, recorded


def written(run: Recorded) -> str:
    return b"".join(
        report.write(run.facts(), run.config, run.schema, run.frames, "http://lab:1/")
    ).decode()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


def found_in(pattern: str, text: str, flags: int = 0) -> re.Match[str]:
    found = re.search(pattern, text, flags)
    assert found
    return found


def test_it_needs_nothing_but_itself():
    text = written(recorded())
    tags = Tags()
    tags.feed(text)
    assert not set(tags.names) & {"script", "link", "img", "iframe", "object"}
    assert [value for name, value in tags.attributes if name == "src"] == []
    links = {value for name, value in tags.attributes if name == "href"}
    assert links == {"http://lab:1/" + recorded().facts()["link"]}
    assert "url(" not in text and len(text) < 2_000_000


def test_every_chart_is_well_formed_and_has_a_title():
    charts = re.findall(r"<svg.*?</svg>", written(recorded()), re.DOTALL)
    assert len(charts) == 2 + 2 * 9  # learning, then two lanes
    for chart in charts:
        assert ET.fromstring(chart).get("aria-label")
    for title in (
        "Loss",
        "Mean of the pre-activations",
        "Spectral norm of the weight gradients",
        "Gradients",
    ):
        assert sum(title in chart for chart in charts) >= 1


def test_final_numbers_are_those_of_the_last_frame():
    run = recorded()
    last = decode(run.schema, run.frames[-1]).frame
    cells = found_in(r"loss of the minibatch \(nats\)</th>(.*?)</tr>", written(run))[1]
    assert re.findall(r">([\d.]+)<", cells) == [
        f"{float(last.lanes[i]['loss']):.4f}" for i in range(2)
    ]
    held = next(
        float(values)
        for data in reversed(run.frames)
        if math.isfinite(values := decode(run.schema, data).frame.lanes[1]["heldout_accuracy"])
    )
    cells = found_in(r"held-out accuracy</th>(.*?)</tr>", written(run))[1]
    assert re.findall(r">([\d.]+)<", cells)[1] == f"{held:.4f}"


def test_a_line_of_the_loss_passes_through_the_recorded_values():
    run = recorded()
    chart = ET.fromstring(found_in(r"<svg.*?</svg>", written(run), re.DOTALL)[0])
    path = next(
        p
        for p in chart.iter("path")
        if (t := p.find("title")) is not None and t.text == "A, minibatch"
    )
    points = [tuple(map(float, p.split())) for p in re.split("[ML]", str(path.get("d")))[1:]]
    losses = [float(decode(run.schema, data).frame.lanes[0]["loss"]) for data in run.frames]
    assert len(points) == len(losses)
    heights = np.array([y for _, y in points])
    assert np.corrcoef(heights, losses)[0, 1] < -0.999  # downwards on the page


def test_texts_of_a_recording_are_shown_and_not_obeyed():
    evil = '<script>alert(1)</script>"><img src=x onerror=y>'
    run = recorded()
    infos = tuple(
        replace(info, title=evil, name=evil, saturation=evil, device=evil)
        for info in run.schema.lanes
    )
    text = written(replace(run, schema=replace(run.schema, lanes=infos)))
    tags = Tags()
    tags.feed(text)
    assert not set(tags.names) & {"script", "img"} and "onerror" not in dict(tags.attributes)
    assert "&lt;script&gt;" in text


def test_a_deep_network_is_thinned_and_that_is_said():
    infos = [LaneInfo("A", "", "", 100, "")]
    fields = [p.field for p in recorded().schema.fields if p.lane == 0]
    schema = build_schema(zip(infos, [fields], strict=True))
    values = {p.field.name: np.full(p.shape, 0.5) for p in schema.fields}
    frames = [encode(schema, Frame(i, (values,)), i) for i in range(1000)]
    run = replace(
        recorded(),
        config=recorded().config.model_copy(update={"others": ()}),
        schema=schema,
        frames=tuple(frames),
    )
    text = written(run)
    assert "20 of 100 layers" in text and len(text) < 2_000_000


def test_a_run_without_frames_has_a_report_without_charts():
    text = written(replace(recorded(), frames=()))
    assert "0 frames" in text and "<svg" not in text


def test_facts_name_configuration_versions_machine_and_steps():
    run = recorded()
    found = json.loads(facts.written(run.facts()))
    assert from_link(dict(pair.split("=") for pair in found["link"][1:].split("&"))) == run.config
    assert found["key"] == run.config.key() and found["seed"] == 0
    assert found["config"] == json.loads(run.config.canonical())
    assert (found["frames"], found["first_step"], found["last_step"]) == (13, 0, 12)
    assert found["versions"]["python"] == platform.python_version()
    assert found["versions"]["torch"].startswith("2.") and found["versions"]["normviz"].startswith(
        "code "
    )
    assert (
        found["machine"]["cores"] >= 1
        and platform.node() not in json.dumps(found["machine"]).split()
    )
    histogram = next(q for q in found["quantities"] if q["name"] == "pre_hist")
    assert histogram["bins"] == {"lo": -6.0, "hi": 6.0, "n": 64, "log10": False}


@pytest.mark.parametrize(
    "values",
    [[], [math.nan], [0.0, 0.0], [1e-30, 1e30], [-5.0, -5.0], [math.inf, 1.0], [1e308, -1e308]],
    ids=str,
)
@pytest.mark.parametrize("log", [False, True])
def test_any_numbers_make_a_chart(values: list[float], log: bool):
    line = svg.Line("a", [(float(i), v) for i, v in enumerate(values)], "#000")
    chart = svg.over_steps("t", "u", [line], log=log)
    assert ET.fromstring(found_in(r"<svg.*</svg>", chart)[0]) is not None
    assert "nan" not in chart and "inf" not in chart
