"""Take the lessons' thumbnails anew: ``make thumbnails``, from real runs in the real app.

Writes one small picture a lesson to ``normviz/ui/lessons/thumbnails``: the charts of its live view at the step at which
it is judged. Names of lessons as arguments take only those.
"""

import io
import sys

from PIL import Image
from playwright.sync_api import Browser

from normviz.lessons import LESSONS
from normviz.ui.lessons.index import THUMBNAILS
from tests.browser.lab import Lab
from tests.browser.studio import studio

SIZE = (480, 270)


def main(names: list[str]) -> None:
    """Take the pictures of these lessons, or of all."""
    THUMBNAILS.mkdir(exist_ok=True)
    with studio() as (browser, url):
        for name in names or LESSONS:
            picture = take(browser, url, name)
            picture.save(THUMBNAILS / f"{name}.webp", quality=80, method=6)


def take(browser: Browser, url: str, name: str) -> Image.Image:
    """Run a lesson to where it is judged; return its charts, cut to the size of a thumbnail from the top left."""
    page = browser.new_page(viewport={"width": 1500, "height": 1100})
    page.set_default_timeout(120_000)
    page.goto(f"{url}/{name}")
    page.get_by_role("button", name="Skip the guess").click()
    lab = Lab(page).ready()
    lab.train().until(
        lambda now: (
            int(now["step"] or 0) >= LESSONS[name].until
            or now["status"] in ("finished", "diverged")
        ),
        f"step {LESSONS[name].until} of {name}",
        seconds=240,
    )
    # Streamlit pales what it is about to draw again.
    page.add_style_tag(content='[data-testid="stMain"] * { opacity: 1 !important; }')
    page.wait_for_timeout(1000)
    image = Image.open(io.BytesIO(page.locator(".normviz .grid").screenshot())).convert("RGB")
    page.close()
    return shaped(image)


def shaped(image: Image.Image) -> Image.Image:
    """Cut a picture to the thumbnail's shape and make it small."""
    wide, high = image.size
    cut = image.crop(
        (0, 0, min(wide, high * SIZE[0] // SIZE[1]), min(high, wide * SIZE[1] // SIZE[0]))
    )
    return cut.resize(SIZE, Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main(sys.argv[1:])
