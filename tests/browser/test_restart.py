"""The server dies and comes back: the page finds it and its run again by itself, with nobody's help."""

import os
import time
from pathlib import Path

import pytest

from normviz.engine.store import Store
from tests.browser.serving import Server, free_port, serving

SMALL = "dataset=digits&depth=3&width=16&"
needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="reads /proc")


def saved(folder: Path, run: str, step: int) -> int:
    """Wait until a run is on the disk up to this step; return how far it is there."""
    deadline = time.monotonic() + 45
    while time.monotonic() < deadline:
        stored = Store(folder, 2**40).load(run)
        if stored is not None and stored.step >= step:
            return stored.step
        time.sleep(0.2)
    raise AssertionError(f"run {run} did not reach the disk")


def kill(server: Server) -> None:
    server.process.kill()
    server.process.wait(10)


@needs_proc
def test_a_killed_server_comes_back_with_the_run_and_its_history(open_lab, tmp_path):
    port, store = free_port(), tmp_path / "store"
    with serving(tmp_path / "log", port, NORMVIZ_STORE=str(store)) as first:
        lab = open_lab(SMALL + "seed=61&steps=100000", at=first).train().beyond(50)
        lab.page.evaluate("window.marked = true")
        run = lab.now()["run"]
        step = saved(store, run, 50)
        kill(first)
    lab.until(lambda now: now["connection"] == "lost", "a lost connection")
    with serving(tmp_path / "log", port, NORMVIZ_STORE=str(store)):
        lab.until(lambda now: now["connection"] == "open", "a new connection", seconds=60)
        newer = int(lab.now()["liveStep"] or 0) + 100
        lab.until(
            lambda now: now["status"] == "running" and int(now["liveStep"] or 0) > max(step, newer),
            "more steps",
            seconds=60,
        )
        now = lab.now()
        assert now["run"] == run and int(now["kept"]) > 30
        lab.drag_slider_to(0)
        lab.until(lambda now: now["step"] == "0", "the first frame")
        assert lab.page.evaluate("window.marked"), "the page was loaded again"


@needs_proc
def test_a_server_that_is_told_to_end_says_so_and_a_paused_run_waits(open_lab, tmp_path):
    port, store = free_port(), tmp_path / "store"
    with serving(tmp_path / "log", port, NORMVIZ_STORE=str(store)) as first:
        lab = open_lab(SMALL + "seed=62&steps=100000", at=first).train().beyond(100)
        lab.button("Pause").click()
        now = lab.status("paused").now()
    lab.until(lambda now: now["connection"] == "lost", "a lost connection")
    assert lab.page.get_by_text("The server restarts. Your run is kept").is_visible()
    with serving(tmp_path / "log", port, NORMVIZ_STORE=str(store)):
        lab.until(lambda now: now["connection"] == "open", "a new connection", seconds=60)
        lab.status("paused")
        assert lab.now()["run"] == now["run"] and lab.now()["liveStep"] == now["liveStep"]
        lab.until(lambda back: back["step"] == now["step"], "the step that was shown")
        card = lab.page.get_by_role("alert").filter(has_text="The server has restarted")
        card.wait_for()
        assert not lab.page.get_by_text("The server restarts.").is_visible()
        lab.train().beyond(int(now["liveStep"]) + 20)
        card.wait_for(state="hidden")


def test_a_finished_run_is_shown_to_a_page_that_comes_after_the_restart(open_lab, tmp_path):
    port, store = free_port(), tmp_path / "store"
    link = SMALL + "seed=63&steps=200"
    with serving(tmp_path / "log", port, NORMVIZ_STORE=str(store)) as first:
        lab = open_lab(link, at=first).train().status("finished")
        run = lab.now()["run"]
        saved(store, run, 200)
        received = lab.now()["received"]
        lab.page.goto("about:blank")
    with serving(tmp_path / "log", port, NORMVIZ_STORE=str(store)) as second:
        later = open_lab(link, at=second).status("finished")
        assert later.now()["run"] == run
        later.until(lambda now: int(now["kept"]) == int(now["received"]) > 10, "the whole record")
        assert int(later.now()["received"]) >= int(received)
