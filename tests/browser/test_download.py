"""Data that are not on the server: the notice, the click, how far it is, and what is said where nothing is reached."""

import json
import re
import time
from pathlib import Path

import numpy as np
import pytest

from tests import openml
from tests.browser.lab import Lab
from tests.browser.serving import Server, serving

SIZES = [(1280, 720), (390, 844)]
LINK = "dataset=mnist_full&depth=3&width=16"
NOWHERE = {"https_proxy": "http://127.0.0.1:1", "no_proxy": "", "NORMVIZ_WORKERS": "1"}


@pytest.fixture(scope="module")
def cut_off(tmp_path_factory: pytest.TempPathFactory):
    """A server without data and without a way out."""
    folder = tmp_path_factory.mktemp("cut-off")
    with serving(folder / "log", None, XDG_CACHE_HOME=str(folder), **NOWHERE) as running:
        yield running
    assert "Traceback" not in running.log.read_text()


def missing(open_lab, server: Server, size: tuple[int, int] = (1280, 720), link: str = LINK) -> Lab:
    """Open the Lab on data that are not there."""
    lab = open_lab(at=server, size=size)
    lab.page.goto(f"{server.url}/?{link}")
    lab.page.wait_for_selector("[data-status=failed]", state="attached", timeout=30_000)
    return lab


@pytest.mark.parametrize("size", SIZES)
def test_where_nothing_can_be_reached_the_notice_says_so_and_how_to_go_on(open_lab, cut_off, size):
    lab = missing(open_lab, cut_off, size)
    card = lab.page.get_by_role("alert").filter(has_text="No data")
    assert "MNIST is not on this server" in card.inner_text()
    assert lab.page.get_by_text("Connecting").count() == 0
    lab.button("Download (about 15 MB)").click()
    card.get_by_text("The download did not work").wait_for(timeout=60_000)
    words = card.inner_text()
    assert "OpenML cannot be reached (Connection refused)" in words
    assert "MNIST digits come with normviz" in words
    assert re.search(r"put the four files of MNIST into \S+/normviz/mnist on the server", words)
    width, height = size
    for each in (card, *card.get_by_role("button").all()):
        box = each.bounding_box()
        assert box is not None
        assert box["x"] >= 0 and box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
    for each in card.get_by_role("button").all():  # no label is cut
        assert each.evaluate("button => button.scrollWidth <= button.clientWidth")
    lab.button("Try the download again").click()
    card.get_by_text("asking OpenML").wait_for()
    card.get_by_text("The download did not work").wait_for(timeout=60_000)


def test_the_embedded_digits_are_there_to_go_on_with(open_lab, cut_off):
    lab = missing(open_lab, cut_off)
    box = lab.page.get_by_role("combobox", name="Data set")
    box.click()
    lab.page.keyboard.type("MNIST digits")
    lab.page.keyboard.press("Enter")
    lab.page.wait_for_url(re.compile(r"^(?!.*mnist_full)"))
    lab.status("ready").train().beyond(3)
    assert lab.page.get_by_role("alert").filter(has_text="No data").count() == 0


def test_nothing_is_offered_where_downloads_are_switched_off(open_lab, tmp_path: Path):
    settings = {"XDG_CACHE_HOME": str(tmp_path), "NORMVIZ_DOWNLOADS": "0", "NORMVIZ_WORKERS": "1"}
    with serving(tmp_path / "log", None, **settings) as server:
        lab = missing(open_lab, server)
        assert "MNIST is not on this server" in lab.page.locator(".notice").inner_text()
        assert lab.page.get_by_role("button", name=re.compile("ownload")).count() == 0
        lab.page.close()


@openml.needs_openssl
def test_a_click_shows_how_far_it_is_can_be_cancelled_and_never_keeps_other_data(
    open_lab, tmp_path: Path
):
    rows = np.random.default_rng(0).integers(0, 256, (400, 784), np.uint8)  # some 500 kB
    with openml.openml(tmp_path, openml.table(rows, rows[:, 0] % 10)) as site:
        site.parts, site.pause = 10, 0.5
        settings = {"XDG_CACHE_HOME": str(tmp_path), "NORMVIZ_WORKERS": "1", **site.environment}
        with serving(tmp_path / "log", None, **settings) as server:
            lab = missing(open_lab, server)
            assert site.asked == []  # nothing before the click
            card = lab.page.locator(".notice")
            lab.button("Download (about 15 MB)").click()
            card.get_by_text(re.compile(r"MNIST: [\d.]+ of [\d.]+ MB have come")).wait_for(
                timeout=30_000
            )
            lab.button("Cancel").click()
            lab.button("Download (about 15 MB)").wait_for()
            lab.button("Download (about 15 MB)").click()
            card.get_by_text("not the published file").or_(
                card.get_by_text("what came is not what was published")
            ).first.wait_for(timeout=60_000)
            lab.page.close()
    assert [path for path in (tmp_path / "normviz/mnist").iterdir() if path.suffix != ".part"] == []


def test_the_run_opens_by_itself_when_the_data_have_come(open_lab, cut_off):
    """The server's last word is played to the page: the data themselves may not be shipped with the tests."""
    lab = missing(open_lab, cut_off)
    sent = lab.page.evaluate_handle(
        """() => {
            const sent = [];
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (text) { window.live = this; sent.push(text); send.call(this, text); };
            return sent;
        }"""
    )
    lab.button("Download (about 15 MB)").click()
    lab.page.get_by_text("The download did not work").wait_for(timeout=60_000)
    done = json.dumps(
        {"is": "download", "dataset": "mnist_full", "stage": "done", "come": 0, "total": None}
    )
    lab.page.evaluate("text => window.live.onmessage({ data: text })", done)
    deadline = time.monotonic() + 10
    while len(sent.json_value()) < 2 and time.monotonic() < deadline:
        lab.page.wait_for_timeout(50)
    asked = [json.loads(text) for text in sent.json_value()]
    assert [each["do"] for each in asked] == ["download", "open"]
    assert asked[1]["config"]["lane"]["dataset"] == "mnist_full"
