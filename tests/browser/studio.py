"""A browser and a server of its own, for scripts that take pictures of real runs."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import FLAGS, executable
from tests.browser.serving import serving


@contextmanager
def studio() -> Generator[tuple[Browser, str]]:
    """Yield a browser and the address of a server, until the block ends."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder) / "log") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        yield browser, server.url
        browser.close()
