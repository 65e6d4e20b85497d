"""A lesson as a student goes through it: guess, train, read, on to the Lab, back."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import listen
from tests.browser.lab import Lab
from tests.browser.serving import Server

#: Streamlit looks for itself below the page's address before it looks at the root.
LOOKING = "Failed to load resource: the server responded with a status of 404"
WAIT = 60_000


@pytest.fixture
def open_lesson(
    chromium: Browser, server: Server, contexts: list[BrowserContext]
) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a lesson in a page of its own."""
    errors: list[str] = []

    def open_(name: str, size: tuple[int, int] = (1280, 720), *, touch: bool = False) -> Page:
        width, height = size
        context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=touch)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        listen(page, errors)
        page.goto(f"{server.url}/{name}")
        page.get_by_role("heading", name="Predict").wait_for()
        return page

    yield open_
    assert [error for error in errors if LOOKING not in error] == []


def draw(page: Page) -> None:
    """Draw a rising line on the sketch with the mouse."""
    chart = page.locator(".sketch svg")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 70, box["y"] + 230)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 40, steps=12)
    page.mouse.up()


def link(page: Page, name: str) -> None:
    """Follow a link of the page."""
    page.get_by_role("link", name=name).last.click()


def test_a_student_guesses_trains_reads_goes_to_the_lab_and_comes_back(open_lesson):
    page = open_lesson("vanishing")
    commit = page.get_by_role("button", name="Commit")
    commit.wait_for()
    assert commit.is_disabled() and page.locator("[data-status]").count() == 0
    draw(page)
    commit.click()
    lab = Lab(page).ready()
    charts = page.locator("[data-status] .normviz .card:visible")
    assert charts.count() == 2
    lab.train()
    page.get_by_text("Your curve is off by a factor of").wait_for()
    page.get_by_text("going down, the gradient shrinks by a factor of 4").wait_for()
    assert page.get_by_text("✓ inside").count() == 4 and page.get_by_text("✗ outside").count() == 0
    assert "?guess=" in page.url
    page.reload()
    page.get_by_text("Your curve is off by a factor of").wait_for()
    link(page, "Open this run in the Lab")
    page.get_by_text("Compare with lane B").wait_for()
    assert "b.norm=batch" in page.url and "depth=10" in page.url and "guess=" not in page.url
    Lab(page).until(lambda now: now["lanes"] == "2", "two lanes")
    page.go_back()
    page.get_by_text("Your curve is off by a factor of").wait_for()
    assert "/vanishing?guess=" in page.url


def test_the_sketch_is_drawn_with_keys(open_lesson):
    page = open_lesson("vanishing")
    point = page.get_by_role("slider", name="weight matrix 3")
    point.focus()
    for key in ("ArrowUp", "PageUp", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    assert page.get_by_role("slider", name="weight matrix 4").evaluate(
        "point => point.matches(':focus')"
    )
    low, high = (
        float(
            page.get_by_role("slider", name=f"weight matrix {n}").get_attribute("aria-valuenow")
            or 0
        )
        for n in (4, 3)
    )
    assert low < high
    page.get_by_role("button", name="Commit").click()
    page.get_by_text("Your curve is kept").wait_for()


def test_a_finger_draws_on_a_phone(open_lesson):
    page = open_lesson("vanishing", (390, 844), touch=True)
    chart = page.locator(".sketch svg")
    chart.scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = chart.bounding_box()
    assert box is not None and box["width"] <= 390
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + 100)
    page.get_by_role("button", name="Commit").click()
    page.get_by_text("Your curve is kept").wait_for()


def test_each_layer_moves_on_its_curve(open_lesson):
    page = open_lesson("saturation")
    page.get_by_role("button", name="Skip the guess").click()
    lab = Lab(page).ready()
    assert page.locator("[data-status] .normviz .card:visible").count() == 1
    front = page.locator(".curve canvas.front").first
    before = front.evaluate("canvas => canvas.toDataURL()")
    lab.train().beyond(30)
    assert front.evaluate("canvas => canvas.toDataURL()") != before
    lab.button("Pause").click()
    page.keyboard.press("f")
    view = page.get_by_role("region", name="Live view of the network")
    size = view.evaluate("view => [view.clientWidth, view.clientHeight]")
    assert size[0] >= 1270 and size[1] >= 700, "projector mode fills the window"


def test_the_labs_controls_are_as_they_were_after_a_visit_to_a_lesson(open_lab):
    lab = open_lab("dataset=digits&depth=3&width=16&b.norm=batch&seed=81")
    url = lab.page.url
    lab.page.get_by_role("link", name="Lessons").click()
    lab.page.get_by_role("heading", name="Lessons").wait_for()
    lab.page.get_by_role("link", name="Lab", exact=True).click()
    lab.page.get_by_text("Compare with lane B").wait_for()
    lab.ready().until(lambda now: now["lanes"] == "2", "two lanes")
    assert lab.page.url == url
