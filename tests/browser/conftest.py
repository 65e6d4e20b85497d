"""A real Chromium against a real server. Every test fails on a console error or an uncaught exception in the page."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import FLAGS, executable
from tests.browser.lab import Lab
from tests.browser.serving import Server, serving

#: What Streamlit's own page says while the server is away.
STREAMLIT_LOST = ("Client Error in reaching server endpoint", "Is Streamlit still running?")
SCREENSHOTS = Path(__file__).parent / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here as a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Start Chromium once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the app once for all tests that do not break it."""
    with serving(tmp_path_factory.mktemp("server") / "log", NORMVIZ_GRACE_SECONDS="5") as running:
        yield running
    assert "Traceback" not in running.log.read_text(), running.log.read_text()[-3000:]


@pytest.fixture
def contexts(chromium: Browser) -> Iterator[list[BrowserContext]]:
    """Collect the browser contexts of a test and close them."""
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


@pytest.fixture
def open_lab(
    chromium: Browser,
    server: Server,
    contexts: list[BrowserContext],
    request: pytest.FixtureRequest,
):
    """Return a function that opens the Lab in a page of its own and waits until the live view is there."""
    errors: list[str] = []
    labs: list[Lab] = []

    def open_(
        link: str = "",
        *,
        size: tuple[int, int] = (1280, 720),
        dark: bool = False,
        at: Server = server,
        before: Callable[[Page], object] = lambda page: None,
        touch: bool = False,
    ) -> Lab:
        width, height = size
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            has_touch=touch,
        )
        contexts.append(context)
        page = context.new_page()
        listen(page, errors)
        before(page)
        page.goto(f"{at.url}/?{link}")
        labs.append(Lab(page))
        labs[-1].ready()
        return labs[-1]

    yield open_
    if hasattr(request.node, "failed_call"):
        SCREENSHOTS.mkdir(exist_ok=True)
        for index, lab in enumerate(labs):
            lab.page.screenshot(path=SCREENSHOTS / f"failed-{request.node.name[:80]}-{index}.png")
    assert errors == []


def listen(page: Page, errors: list[str]) -> None:
    """Collect what goes wrong in a page."""
    page.on("pageerror", lambda error: errors.append(f"exception: {error}"))
    page.on(
        "console",
        lambda message: (
            errors.append(f"{message.type}: {message.text}") if _is_bad(message) else None
        ),
    )


def _is_bad(message) -> bool:
    lost = ("WebSocket connection to", "ERR_CONNECTION_REFUSED", *STREAMLIT_LOST)
    return message.type == "error" and not any(words in message.text for words in lost)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Remember a failed test for the screenshot."""
    report = yield
    if report.when == "call" and report.failed:
        item.failed_call = True  # pyright: ignore[reportAttributeAccessIssue]
    return report
