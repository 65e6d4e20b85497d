"""Take the documentation's pictures anew: ``make pictures``, from real runs in the real app.

Writes one WebP each to ``docs/pictures``. Names of pictures as arguments take only those.
"""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.lab import HOST, Lab
from tests.browser.serving import ROOT
from tests.browser.studio import studio

FOLDER = ROOT / "docs" / "pictures"
LARGEST = 200_000


@dataclass(frozen=True)
class Picture:
    """A picture: what is opened, its last step, how large the window is, and what is brought to its top."""

    link: str
    step: int
    window: tuple[int, int] = (1280, 720)
    before: Callable[[Page], None] | None = None
    top: str = ""


def skip_the_guess(page: Page) -> None:
    """Come to a lesson's run without a guess."""
    page.get_by_role("button", name="Skip the guess").click()


# Every run ends, so that the last step is in the picture and everybody gets the same numbers. Each has its own seed:
# a run that another picture has trained would be replayed.
PICTURES = {
    "lab": Picture("/?b.norm=batch&steps=300", 300),
    "projector": Picture("/?b.norm=batch&steps=300&seed=1&view=projector", 300),
    "phone": Picture("/?b.norm=batch&steps=300&seed=2", 300, window=(390, 844)),
    "lesson": Picture(
        "/vanishing", 49, before=skip_the_guess, top='role=heading[name="What happened"]'
    ),
}


def main(names: list[str]) -> None:
    """Take these pictures, or all."""
    FOLDER.mkdir(exist_ok=True)
    with studio() as (browser, url):
        for name in names or PICTURES:
            written = take(browser, url, PICTURES[name])
            if len(written) > LARGEST:
                raise ValueError(f"{name}: {len(written)} bytes; allowed: {LARGEST}")
            (FOLDER / f"{name}.webp").write_bytes(written)


def take(browser: Browser, url: str, picture: Picture) -> bytes:
    """Run what the picture shows to its end; return the window as WebP."""
    wide, high = picture.window
    page = browser.new_page(viewport={"width": wide, "height": high})
    page.set_default_timeout(120_000)
    page.goto(url + picture.link)
    if picture.before:
        picture.before(page)
    page.wait_for_selector(HOST, state="attached")
    Lab(page).ready().train().until(
        lambda now: now["status"] == "finished" and int(now["step"]) == picture.step,
        f"step {picture.step} of {picture.link}",
        seconds=120,
    )
    if picture.top:
        page.locator(picture.top).first.evaluate("it => it.scrollIntoView({block: 'start'})")
    page.mouse.move(wide - 1, high - 1)
    # Streamlit pales what it is about to draw again.
    page.add_style_tag(
        content='[data-testid="stMain"] * { opacity: 1 !important; } .modebar { display: none; }'
    )
    page.wait_for_timeout(2000)
    image = Image.open(io.BytesIO(page.screenshot()))
    page.close()
    packed = io.BytesIO()
    image.convert("RGB").save(packed, "WEBP", quality=85, method=6)
    return packed.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
