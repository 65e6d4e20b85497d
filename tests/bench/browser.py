"""Painted frames in a real Chromium, and the time from the click to the first changed pixel."""

import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.bench.report import Result, at_least, at_most, median
from tests.browser.chromium import FLAGS, executable
from tests.browser.lab import HOST, Lab
from tests.browser.serving import serving

WINDOW = 10.0
CLICKS = 12
LATE = 5_000
FOUR = "b.norm=batch&c.norm=layer&d.activation=tanh"

WATCH_LONG_TASKS = """() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
    }).observe({type: "longtask"});
}"""

#: Notes when the button is pressed, and when the first frame after it has been painted.
WATCH_CLICK = """host => {
    window.waited = null;
    addEventListener("pointerdown", () => {
        const pressed = performance.now();
        const look = () => {
            if (host.dataset.step === "0") requestAnimationFrame(look);
            else window.waited = performance.now() - pressed;
        };
        look();
    }, {capture: true, once: true});
}"""


def bench() -> Result:
    """Measure both against one server."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(
            Path(folder) / "log", NORMVIZ_FRAMES_PER_SECOND="36", NORMVIZ_GRACE_SECONDS="0"
        ) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        try:
            clicks = click_to_pixel(browser, server.url)
            early, late = painting(browser, server.url)
            four = painting_four(browser, server.url)
        finally:
            browser.close()
    rows = [
        at_most(
            "Train to first changed pixel, median ms",
            median(clicks),
            200,
            f" (worst of {len(clicks)}: {max(clicks):.0f})",
        )
    ]
    for name, figures in (("", early), (f", after {LATE:,} steps", late)):
        note = f" (received {figures['received']:.1f}/s)"
        rows.append(at_least(f"painted frames/s{name}", figures["painted"], 30, note))
        rows.append(at_most(f"browser main thread busy{name}", figures["busy"], 0.5))
        rows.append(at_most(f"longest task, ms{name}", figures["longest"], 100))
    note = f" (received {four['received']:.1f}/s; main thread {four['busy']:.2f} busy)"
    rows.append(at_least("painted frames/s, four lanes", four["painted"], 15, note))
    return Result(rows, {"clicks_ms": clicks, "early": early, "late": late, "four": four})


def open_lab(browser: Browser, url: str) -> Lab:
    """Open a page at the size of a projector."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(url)
    return Lab(page).ready()


def click_to_pixel(browser: Browser, url: str) -> list[float]:
    """Press Train on new runs, one after another; return milliseconds from pressing to the first new painted frame."""
    waited = []
    for seed in range(CLICKS):
        lab = open_lab(browser, f"{url}/?seed={1000 + seed}")
        lab.page.wait_for_timeout(500)
        lab.page.eval_on_selector(HOST, WATCH_CLICK)
        lab.train()
        lab.page.wait_for_function("window.waited !== null")
        waited.append(lab.page.evaluate("window.waited"))
        lab.button("Pause").click()
        lab.page.close()
    return waited


def painting(browser: Browser, url: str) -> tuple[dict[str, float], dict[str, float]]:
    """Train the default network; measure once warm, and again after many steps."""
    lab, session = watched(browser, f"{url}/?steps=100000&seed=2000")
    early = window(lab.page, session)
    lab.until(lambda now: int(now["liveStep"]) > LATE, "many steps", seconds=180)
    late = window(lab.page, session)
    lab.page.close()
    return early, late


def painting_four(browser: Browser, url: str) -> dict[str, float]:
    """Train four lanes of the default network; measure once warm."""
    lab, session = watched(browser, f"{url}/?steps=100000&seed=2001&{FOUR}")
    return window(lab.page, session)


def watched(browser: Browser, url: str) -> tuple[Lab, CDPSession]:
    """Open a run, train until it is warm, and begin to watch the browser's main thread."""
    lab = open_lab(browser, url).train()
    lab.page.wait_for_timeout(5000)
    lab.page.evaluate(WATCH_LONG_TASKS)
    session = lab.page.context.new_cdp_session(lab.page)
    session.send("Performance.enable")
    return lab, session


def window(page: Page, session: CDPSession) -> dict[str, float]:
    """Measure one window of painting."""
    page.evaluate("window.longTasks.length = 0")
    before = snapshot(page, session)
    page.wait_for_timeout(WINDOW * 1000)
    after = snapshot(page, session)
    seconds = after["at"] - before["at"]
    return {
        "painted": (after["frames"] - before["frames"]) / seconds,
        "received": (after["received"] - before["received"]) / seconds,
        "busy": (after["TaskDuration"] - before["TaskDuration"]) / seconds,
        "longest": max(page.evaluate("window.longTasks"), default=0.0),
        "heap_mb": after["JSHeapUsedSize"] / 2**20,
        "step": after["step"],
    }


def snapshot(page: Page, session: CDPSession) -> dict[str, Any]:
    """Read the browser's counters and the view's."""
    metrics = {
        metric["name"]: metric["value"]
        for metric in session.send("Performance.getMetrics")["metrics"]
    }
    now = Lab(page).now()
    counters = {name: int(now[name]) for name in ("frames", "received", "step")}
    return {
        "at": time.monotonic(),
        **counters,
        **{name: metrics[name] for name in ("TaskDuration", "JSHeapUsedSize")},
    }
