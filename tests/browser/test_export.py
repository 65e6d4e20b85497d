"""Take a run away as a person does, as data, script, report and pictures; bring its recording back."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.browser.lab import Lab

LINK = "dataset=digits&depth=3&width=16&steps=60&device=cpu&seed=51&b.norm=batch"


def menu(lab: Lab) -> Lab:
    lab.button("Export").click()
    lab.page.get_by_role("dialog", name="Export this run").wait_for()
    return lab


def taken(lab: Lab, entry: str, folder: Path) -> Path:
    """Press an entry of the menu and keep the file that comes."""
    with lab.page.expect_download() as download:
        lab.button(entry).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.fixture
def finished(open_lab) -> Lab:
    return open_lab(LINK).train().status("finished")


def test_files_of_a_run_and_its_recording_back_again(finished: Lab, tmp_path: Path):
    lab = menu(finished)
    run = lab.now()["run"]
    table = taken(lab, "Data of all charts, CSV", tmp_path)
    assert table.name == f"normviz-{run}-data.csv" and table.read_text().startswith(
        "run,lane,step,layer"
    )
    lab.page.get_by_text(f"{table.name} is in your downloads.").wait_for()
    script = taken(lab, "Plain PyTorch script, lane B", tmp_path)
    assert "nn.BatchNorm1d(16)" in script.read_text()
    assert "<svg" in taken(lab, "Report, one HTML file", tmp_path).read_text()
    facts = json.loads(taken(lab, "Settings, versions, machine, JSON", tmp_path).read_text())
    assert facts["run"] == run and facts["last_step"] == 60
    packed = taken(lab, "Recording, to look at again", tmp_path)
    frames = lab.now()["kept"]

    with lab.page.expect_file_chooser() as chooser:
        lab.button("Open a recording…").click()
    chooser.value.set_files(packed)
    lab.page.wait_for_url("**recording=recording-*")
    lab.ready().until(lambda now: now["run"].startswith("recording-"), "the recording")
    now = lab.status("finished").now()
    assert now["lanes"] == "2" and now["kept"] == frames and now["liveStep"] == "60"
    lab.button("Train").click()
    lab.until(lambda now: now["step"] == "60", "the end of the replay")

    lab.choose("Normalization", "Layer")
    lab.until(
        lambda now: not now["run"].startswith("recording-") and now["run"] != "", "a run of its own"
    )
    assert "recording=" not in lab.page.url


def test_every_chart_is_a_picture(finished: Lab, tmp_path: Path):
    lab = menu(finished)
    titles = lab.page.locator(".picture span").all_inner_texts()
    assert {"Histogram of every layer", "Loss and accuracy"} <= set(titles)
    for title in ("Histogram of every layer", "Saturated share", "Loss and accuracy"):
        drawing = ET.parse(taken(lab, f"{title} as SVG", tmp_path)).getroot()
        drawn = [element.tag.split("}")[1] for element in drawing.iter()]
        assert drawn.count("path") > 3 and drawn.count("text") > 5
        assert ("image" in drawn) == (title == "Saturated share")  # its heat map only
        picture = taken(lab, f"{title} as PNG", tmp_path)
        assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n" and picture.stat().st_size > 5000
    painted = int(lab.now()["frames"])
    assert painted > 0  # the charts themselves are still there
    assert lab.page.locator(".ridge canvas.front").first.evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v) => v)"
    )


def test_what_cannot_be_opened_is_said_and_the_menu_closes_by_key(finished: Lab, tmp_path: Path):
    lab = menu(finished)
    bad = tmp_path / "holiday.normviz"
    bad.write_bytes(b"no recording")
    lab.page.locator(".menu input.file").set_input_files(bad)
    lab.page.get_by_text("This file cannot be opened: it is not a .normviz file").wait_for()
    lab.page.keyboard.press("Escape")
    lab.page.get_by_role("dialog", name="Export this run").wait_for(state="hidden")
    assert lab.page.evaluate(
        "() => document.activeElement.shadowRoot?.activeElement?.className ?? ''"
    ).endswith("export")


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_menu_lies_within_the_window(open_lab, size):
    lab = menu(open_lab(LINK, size=size))
    box = lab.page.locator(".menu").bounding_box()
    assert box is not None
    assert (
        box["x"] >= 0 and box["x"] + box["width"] <= size[0] and box["y"] + box["height"] <= size[1]
    )
    assert lab.page.evaluate("document.documentElement.scrollWidth") <= size[0]
