"""A published figure in the browser: what is printed at once, a run with progress, cancelled, done, shared."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import listen
from tests.browser.serving import Server

HOST = "[data-study]"


@pytest.fixture
def open_figure(chromium: Browser, server: Server, contexts: list[BrowserContext]):
    """Return a function that opens a figure's page and waits until it says what is published."""
    errors: list[str] = []

    def open_(figure: str, size: tuple[int, int] = (1280, 720)) -> Page:
        width, height = size
        context = chromium.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        page = context.new_page()
        listen(page, errors)
        page.goto(f"{server.url}/figures?figure={figure}")
        until(page, lambda stage: stage not in ("loading", None))
        return page

    yield open_
    # Streamlit asks for its own files below the page's address first, and is told that they are elsewhere.
    assert [error for error in errors if "404" not in error] == []


def until(page: Page, condition: Callable[[str | None], bool], seconds: float = 90) -> None:
    """Wait until the study's stage is as wanted."""
    page.wait_for_selector(HOST, state="attached", timeout=60_000)
    stage = None
    for _ in range(int(seconds * 10)):
        stage = page.eval_on_selector(HOST, "host => host.dataset.study")
        if condition(stage):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the study is still {stage}")


def test_a_figure_is_printed_at_once_run_cancelled_and_shared(open_figure):
    page = open_figure("table2015")
    row = page.get_by_role("row", name="without, iteration 10: decades per layer")
    expect(row).to_contain_text("0.647")
    expect(row).to_contain_text("not run yet")
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="Run it again here (3 seeds)").click()
    bar = page.get_by_role("progressbar", name="Measurements done")
    expect(bar).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    until(page, lambda stage: stage == "cancelled")
    status = page.get_by_role("status").filter(has_text="Cancelled: nothing was measured.")
    expect(status).to_have_count(1)

    page.get_by_role("button", name="Run it again here (3 seeds)").click()
    other = open_figure("table2015", (390, 844))
    until(page, lambda stage: stage == "done")
    until(other, lambda stage: stage == "done")
    for each in (page, other):
        row = each.get_by_role("row", name="without, iteration 10: decades per layer")
        expect(row).to_contain_text("inside")
        expect(row).to_contain_text("±")
        expect(
            each.get_by_role("img", name="Chart: Iteration 10. spectral norm of dW")
        ).to_be_visible()
        expect(each.get_by_text("inside their bands, 3 seeds").first).to_be_visible()
        assert each.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_figure_that_there_is_not_is_named_and_refused(open_figure):
    page = open_figure("nope`<script>")
    expect(page.get_by_role("alert")).to_contain_text("nope'<script> is not possible")
    assert "figure=table2015" in page.url
