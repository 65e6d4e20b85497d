"""Runs that wait for their turn to train, as their pages show it."""

from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.lab import Lab
from tests.browser.serving import Server, serving


def opened(browser: Browser, server: Server, seed: int) -> Lab:
    """Open a page on a run of its own."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{server.url}/?seed={seed}&steps=100000")
    return Lab(page).ready()


def test_a_page_says_where_it_waits_and_trains_when_it_is_its_turn(
    chromium: Browser, tmp_path: Path
):
    with serving(tmp_path / "log", NORMVIZ_RUNS="1", NORMVIZ_QUEUE="1") as server:
        first, second, third = (opened(chromium, server, seed) for seed in (1, 2, 3))
        first.train().beyond(3)
        second.button("Train").click()
        banner = second.page.locator(".banner")
        banner.wait_for(state="visible")
        assert "place 1 of 1, about" in banner.inner_text()
        assert second.now()["status"] == "queued" and second.now()["step"] == "0"
        third.button("Train").click()
        third.page.get_by_text("Runs that train: 1 of 1; that wait: 1 of 1").wait_for()
        third.button("Train").wait_for()  # not asked for any more
        second.button("Pause").click()  # does not want to wait
        second.status("ready")
        banner.wait_for(state="hidden")
        second.button("Train").click()
        second.status("queued")
        first.button("Pause").click()
        second.status("running").beyond(3)
        banner.wait_for(state="hidden")
        for lab in (first, second, third):
            lab.page.close()
