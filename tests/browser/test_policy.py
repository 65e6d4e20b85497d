"""The app runs under its own content security policy: no page, chart, upload or download offends against it."""

import urllib.request
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import listen
from tests.browser.lab import Lab
from tests.browser.serving import Server
from tests.browser.test_lessons import LOOKING

LINK = "dataset=plane.circles&depth=2&width=16&steps=2000&device=cpu&seed=61"
TABLE = "a,b,c\n" + "\n".join(f"{i % 7},{i % 5},{i % 2}" for i in range(200))
#: A page is told of each offence; here it becomes an error in its console, which fails the test.
WATCH = """document.addEventListener("securitypolicyviolation", (offence) => console.error(
  "policy:", offence.effectiveDirective, offence.blockedURI, offence.sourceFile));"""


def watch(page: Page) -> None:
    page.add_init_script(WATCH)


@pytest.fixture
def page(chromium: Browser, contexts: list[BrowserContext]) -> Iterator[Page]:
    """A page whose console must stay empty."""
    errors: list[str] = []
    contexts.append(chromium.new_context(viewport={"width": 1280, "height": 720}))
    page = contexts[-1].new_page()
    listen(page, errors)
    watch(page)
    yield page
    assert [error for error in errors if LOOKING not in error] == []


def test_an_offence_would_be_seen(chromium, contexts, server: Server):
    errors: list[str] = []
    contexts.append(chromium.new_context())
    page = contexts[-1].new_page()
    listen(page, errors)
    watch(page)
    page.goto(f"{server.url}/healthz")
    page.evaluate(
        """() => {
          document.body.append(Object.assign(new Image(), { src: "http://[::1]/x.png" }));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
        }"""
    )
    assert page.evaluate("window.ran") is None
    page.wait_for_function("() => document.images.length === 1")
    assert any("policy: script-src-elem inline" in error for error in errors)
    assert any("policy: img-src" in error for error in errors)


def test_the_lab_trains_saves_pictures_and_takes_a_file(open_lab):
    lab: Lab = open_lab(LINK, before=watch).train().beyond(20)
    lab.button("Export").click()
    for kind in ("PNG", "SVG"):
        with lab.page.expect_download() as download:
            lab.page.locator(".picture button", has_text=kind).first.click()
        assert download.value.failure() is None
    lab.page.keyboard.press("Escape")
    lab.page.get_by_text("Your own data (CSV)").click()
    lab.page.locator("input[type=file]").first.set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    )
    lab.page.get_by_text("200 rows, 2 columns, 2 classes.").wait_for()


def test_a_lesson_has_formulas_charts_and_a_picture_to_save(page: Page, server: Server):
    page.goto(f"{server.url}/vanishing")
    page.locator(".katex").first.wait_for()
    chart = page.locator(".js-plotly-plot").first
    chart.scroll_into_view_if_needed()
    chart.hover()
    with page.expect_download() as download:
        page.locator("[data-title^='Download plot']").first.click()
    assert download.value.failure() is None


@pytest.mark.parametrize("name", ["lessons", "figures", "glossary"])
def test_a_page_opens(page: Page, server: Server, name: str):
    page.goto(f"{server.url}/{name}")
    page.locator("h1").wait_for()
    page.wait_for_load_state("networkidle")


def test_what_a_link_says_is_text(page: Page, server: Server):
    said = "<img src=x onerror=alert(1)>"
    page.goto(f"{server.url}/?{urlencode({'dataset': said})}")
    page.get_by_text(said).wait_for()
    assert page.locator("img[src='x']").count() == 0


def test_a_page_of_another_site_cannot_frame_the_app(chromium, contexts, server: Server):
    contexts.append(chromium.new_context())
    page = contexts[-1].new_page()
    page.goto(f"data:text/html,<iframe src='{server.url}/healthz'></iframe>")
    page.wait_for_function("() => frames.length === 1")
    frame = page.frames[1]
    frame.wait_for_load_state()
    assert frame.url.startswith("chrome-error://")


def test_the_first_page_has_the_headers(server: Server):
    with urllib.request.urlopen(server.url, timeout=10) as answer:
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
