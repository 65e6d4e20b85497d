"""A slow laptop: the browser's main thread slowed down six times while one and two lanes train."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.bench.browser import watched, window
from tests.bench.report import Result, Row, at_least, at_most, median
from tests.browser.chromium import FLAGS, executable
from tests.browser.lab import HOST
from tests.browser.serving import serving

SLOWER = 6
LANES = {"one lane": "", "two lanes": "&b.norm=batch"}
PRESSES = 6

#: Notes when the bar has said what the press of its button has done: it pauses here, whatever the server does.
WATCH_ANSWER = """host => {
    window.answered = null;
    const button = host.shadowRoot.querySelector("button.train");
    const before = button.textContent;
    button.addEventListener("pointerdown", () => {
        const pressed = performance.now();
        const look = () => {
            if (button.textContent === before) requestAnimationFrame(look);
            else window.answered = performance.now() - pressed;
        };
        look();
    }, {once: true});
}"""


def bench() -> Result:
    """Measure painted frames and how soon the bar answers, against one server."""
    rows: list[Row] = []
    raw = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "log", NORMVIZ_GRACE_SECONDS="0") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        for seed, (name, link) in enumerate(LANES.items(), 3000):
            raw[name] = slow(browser, f"{server.url}/?steps=100000&seed={seed}{link}")
            figures, answers = raw[name]["painting"], raw[name]["answers_ms"]
            note = (
                f" (received {figures['received']:.1f}/s; longest task {figures['longest']:.0f} ms)"
            )
            title = f"painted frames/s, {SLOWER} times slower, {name}"
            rows.append(at_least(title, figures["painted"], 10, note))
            worst = f" (worst of {len(answers)}: {max(answers):.0f})"
            rows.append(
                at_most(f"bar answers after ms, slower, {name}", median(answers), 200, worst)
            )
        browser.close()
    return Result(rows, raw)


def slow(browser: Browser, url: str) -> dict:
    """Train, slow the page down, and measure one window of painting, then some presses of the bar's first button."""
    lab, session = watched(browser, url)
    throttle(session, SLOWER)
    lab.page.wait_for_timeout(2000)
    painting = window(lab.page, session)
    answers = [answer(lab.page) for _ in range(PRESSES)]
    throttle(session, 1)
    lab.page.close()
    return {"painting": painting, "answers_ms": answers}


def throttle(session: CDPSession, rate: float) -> None:
    """Slow the page's main thread down."""
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})


def answer(page: Page) -> float:
    """Press Pause, or Train; return the milliseconds until the button says the other."""
    page.eval_on_selector(HOST, WATCH_ANSWER)
    box = page.locator(f"{HOST} button.train").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 20, box["y"] + 10)
    page.wait_for_function("() => window.answered !== null")
    page.wait_for_timeout(700)
    return page.evaluate("window.answered")
