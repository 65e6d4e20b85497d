"""Where Chromium is, and how it is started."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def executable() -> str:
    """Return the browser's path: that of CHROMIUM, or the first that is found.

    Raises:
        FileNotFoundError: there is none.
    """
    for found in (
        os.environ.get("CHROMIUM"),
        *map(shutil.which, NAMES),
        str(MAC) if MAC.exists() else None,
    ):
        if found:
            return found
    raise FileNotFoundError("no Chromium found; `make test` installs one")
