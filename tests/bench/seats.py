"""Chromium pages among the students of :mod:`tests.bench.load`."""

import itertools
import time
from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.lab import HOST, Lab

NORMS = ("Batch", "Layer", "RMS")

#: Notes how long after the next press the first frame of another run has been painted.
WATCH = """host => {
    addEventListener("pointerdown", () => {
        const pressed = performance.now(), before = host.dataset.run;
        const look = () => {
            const {run, step} = host.dataset;
            if (run === before || run === "" || step === "") requestAnimationFrame(look);
            else window.clicked.push(performance.now() - pressed);
        };
        look();
    }, {capture: true, once: true});
}"""


class Seat:
    """A page that trains. Its clicks go through the normalizations."""

    def __init__(self, page: Page) -> None:
        self.page, self._lab = page, Lab(page)
        self._errors = list[str]()
        self._norms = itertools.cycle(NORMS)
        self._begun, self._painted = 0.0, 0
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.on(
            "console", lambda said: self._errors.append(said.text) if said.type == "error" else None
        )

    def open(self, url: str) -> "Seat":
        """Open a link and press Train."""
        self.page.goto(url)
        self._lab.ready()
        self.page.evaluate("window.clicked = []")
        self._lab.train()
        return self

    def begin(self) -> None:
        """Count from now on."""
        self._begun, self._painted = time.monotonic(), int(self._lab.now()["frames"])

    def click(self) -> None:
        """Choose the next normalization."""
        self.page.eval_on_selector(HOST, WATCH)
        self._lab.choose("Normalization", next(self._norms))

    def seen(self) -> dict[str, Any]:
        """Return painted frames a second, the waits after the clicks in milliseconds, and errors."""
        seconds = time.monotonic() - self._begun
        return {
            "painted": (int(self._lab.now()["frames"]) - self._painted) / seconds,
            "clicks_ms": self.page.evaluate("window.clicked"),
            "errors": self._errors,
        }


def seats(browser: Browser, url: str, links: Iterable[str]) -> list[Seat]:
    """Open a page for every link."""
    return [
        Seat(browser.new_page(viewport={"width": 1280, "height": 720})).open(f"{url}/?{link}")
        for link in links
    ]
