"""The pages for every pair of eyes: no serious fault by axe-core, keys reach all, and all windows hold it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, CDPSession, Page

from normviz.lessons import LESSONS
from tests.browser.conftest import listen
from tests.browser.lab import HOST, Lab
from tests.browser.serving import Server, serving

TOKEN = "for-the-operator-page"
LANES = ("", "?b.norm=batch", "?b.norm=batch&c.norm=layer&d.activation=tanh")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LANE = re.compile(r"\b[AB], ")
GRAVE = ("serious", "critical")
#: Milliseconds; a page takes a second, on a busy machine much longer.
WAIT = 120_000
SIZE = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}
#: From a small phone to 4K; 640 x 360 is a laptop's window at a zoom of 200 %.
SIZES = ((360, 740), (390, 844), (640, 360), (1280, 720), (1920, 1080), (3840, 2160))

#: What of the page, and of the live view in it, reaches beyond the window's sides.
OVERHANGS = """host => {
    const out = [];
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > wide) out.push("the page scrolls sideways");
    for (const node of document.querySelectorAll('[data-testid="stMain"]')) {
        if (node.scrollWidth > node.clientWidth + 1) out.push("the main part scrolls sideways");
    }
    const root = document.querySelector(host)?.shadowRoot.querySelector(".normviz");
    const right = root?.getBoundingClientRect().right;
    for (const node of root?.querySelectorAll("*") ?? []) {
        const box = node.getBoundingClientRect();
        if (!box.width || node.closest(".aloud, dialog, .cursor, .tooltip")) continue;
        if (box.right > right + 1.5 || box.left < -1) out.push(`${node.className}: ${box.left} ... ${box.right}`);
    }
    return out;
}"""

#: Where the focus is while a dialog of the view is open; past its end it may be at the browser's own controls.
FOCUS_INSIDE = """host => {
    const view = document.querySelector(host).shadowRoot;
    const at = view.activeElement;
    return at ? (at.closest("dialog") ? "dialog" : at.className) : "browser";
}"""


@dataclass(frozen=True)
class Known:
    """A fault of Streamlit's own that cannot be mended from here: a rule of axe, and a part of the element's markup."""

    rule: str
    markup: str
    reason: str


#: Each must be found at least once by the walk: one that is not needed any more fails the test.
KNOWN = (
    Known(
        "scrollable-region-focusable",
        'class="katex-display"',
        "a formula that is wider than its column scrolls; browsers let keys scroll it, axe asks for a tabindex",
    ),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the app with a page for operators."""
    log = tmp_path_factory.mktemp("access") / "log"
    with serving(log, NORMVIZ_GRACE_SECONDS="5", NORMVIZ_METRICS_TOKEN=TOKEN) as running:
        yield running


@pytest.fixture
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open one page for a walk; a test may say with which settings of the context."""
    errors: list[str] = []
    settings: dict[str, Any] = {"viewport": SIZE, **getattr(request, "param", {})}
    context = chromium.new_context(**settings)
    opened = context.new_page()
    opened.set_default_timeout(WAIT)
    listen(opened, errors)
    yield opened
    context.close()
    assert [error for error in errors if "status of 404" not in error] == []


def lab_of(page: Page) -> Lab:
    """Wait for the live view."""
    page.wait_for_selector(HOST, state="attached")
    return Lab(page).ready()


def faults(page: Page) -> list[tuple[str, str]]:
    """Return the rule and the markup of everything serious that axe finds."""
    options = {"runOnly": TAGS, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        (each["id"], node["html"])
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def walk(page: Page, url: str) -> Iterator[str]:
    """Go through all pages, and yield the name of each once it stands."""
    for link in LANES:
        page.goto(f"{url}/{link}")
        lab_of(page)
        page.locator(f"{HOST} canvas[role=img]").first.wait_for()
        yield f"lab {link}"
    for name in ("lessons", "glossary", "figures", "operator"):
        page.goto(f"{url}/{name}")
        page.get_by_role("heading", level=1).first.wait_for()
        yield name
    page.get_by_label("Token of the numbers").fill(TOKEN)
    page.keyboard.press("Enter")
    page.get_by_text("Frames since the start").wait_for()
    yield "operator, open"
    for name in LESSONS:
        page.goto(f"{url}/{name}")
        page.get_by_role("button", name="Skip the guess").wait_for()
        yield f"{name}, before the guess"
        page.get_by_role("button", name="Skip the guess").click()
        lab_of(page)
        yield f"{name}, after it"


def test_axe_finds_nothing_serious_on_any_page(page: Page, site: Server):
    grave, needed = [], set[Known]()
    for where in walk(page, site.url):
        for rule, markup in faults(page):
            known = [each for each in KNOWN if each.rule == rule and each.markup in markup]
            needed.update(known)
            if not known:
                grave.append(f"{where}: {rule}: {markup[:200]}")
    assert grave == []
    assert needed == set(KNOWN), "an exception is not needed any more"


@pytest.mark.parametrize("page", [{"color_scheme": "dark"}], indirect=True)
def test_the_dark_theme_has_contrast_too(page: Page, site: Server):
    for name in (LANES[2], "lessons", "saturation?guess=skipped", "figures"):
        page.goto(f"{site.url}/{name}")
        page.locator("h1, canvas[role=img]").first.wait_for()
        page.wait_for_timeout(500)
        grave = [each for each in faults(page) if "katex-display" not in each[1]]
        assert grave == [], name


def test_every_chart_says_what_it_shows_and_gives_its_numbers_to_the_keyboard(
    page: Page, site: Server
):
    page.goto(f"{site.url}/?steps=40&seed=801&b.norm=batch")
    lab = lab_of(page).train()
    lab.until(lambda now: now["liveStep"] == "40", "the end")
    page.keyboard.press("End")
    lab.until(lambda now: now["step"] == "40", "the last step")
    page.wait_for_timeout(1500)  # descriptions come once a second
    cards = page.locator(f"{HOST} .card:visible")
    assert cards.count() == 5
    for card in cards.all():
        said = card.locator("canvas[role=img]").all()
        assert said and all(LANE.search(each.get_attribute("aria-label") or "") for each in said)
    name = page.locator(f"{HOST} .ridge canvas[role=img]").first.get_attribute("aria-label") or ""
    assert "step 40" in name and "Layer 1 " in name and "highest" in name
    button = page.get_by_role("button", name="Gradient by layer: the numbers as a table")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Gradient by layer")
    dialog.wait_for()
    table = dialog.get_by_role("table", name="Gradient by layer, at step 40")
    assert table.get_by_role("columnheader").count() == 3
    assert table.get_by_role("rowheader").count() == 11
    for _press in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_INSIDE, HOST) in ("dialog", "browser")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert button.evaluate("node => node.getRootNode().activeElement === node")


def test_keys_reach_layers_and_menus_and_give_the_focus_back(page: Page, site: Server):
    page.goto(f"{site.url}/?seed=802")
    lab_of(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    aloud = page.locator(f"{HOST} .aloud")
    aloud.get_by_text("Layer 2").wait_for()
    assert "mean" in aloud.inner_text()
    export = page.get_by_role("button", name="Export")
    export.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog", name="Export this run").wait_for()
    page.keyboard.press("Escape")
    assert export.evaluate("node => node.getRootNode().activeElement === node")


@pytest.mark.parametrize("link", ["?b.norm=batch", "vanishing?guess=skipped", "lessons"])
def test_nothing_is_cut_off_from_a_phone_to_a_wall(page: Page, site: Server, link: str):
    page.goto(f"{site.url}/{link}")
    page.locator("h1, canvas[role=img]").first.wait_for()
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert settled(page) == [], (link, width, height)
        slider = page.locator(f"{HOST} .slider")
        if slider.count() and (box := slider.bounding_box()):
            assert box["width"] >= 130 and box["height"] >= 24


def settled(page: Page) -> list[str]:
    """Return what still overhangs once the page has had the time that a busy machine needs to lay itself out anew."""
    found: list[str] = []
    for _ in range(40):
        page.wait_for_timeout(250)
        if not (found := page.evaluate(OVERHANGS, HOST)):
            break
    return found


@pytest.mark.parametrize("page", [{"viewport": PHONE, "has_touch": True}], indirect=True)
def test_a_finger_reads_scrubs_and_scrolls(page: Page, site: Server):
    page.goto(f"{site.url}/?steps=60&seed=803")
    lab = lab_of(page).train()
    lab.until(lambda now: now["liveStep"] == "60", "the end")
    slider = page.locator(f"{HOST} .slider")
    session = page.context.new_cdp_session(page)
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    swipe(session, (box["x"] + box["width"] - 10, y), (box["x"] + box["width"] * 0.3, y))
    lab.until(lambda now: 5 < int(now["step"]) < 40, "an earlier step")
    chart = page.locator(f"{HOST} .ridge canvas[role=img]").first
    chart.tap()
    page.locator(f"{HOST} .tooltip").get_by_text("Layer").first.wait_for()
    top = page.locator(f"{HOST} .ridge").bounding_box()
    assert top is not None
    swipe(session, (180, top["y"] + 200), (180, top["y"] - 100))
    page.wait_for_function(
        "before => document.querySelector('[data-status]').shadowRoot.querySelector('.ridge')"
        ".getBoundingClientRect().top < before - 100",
        arg=top["y"],
    )


@pytest.mark.parametrize(
    ("page", "text", "ground"),
    [
        ({"color_scheme": "light"}, "rgb(0, 0, 0)", "rgb(255, 255, 255)"),
        ({"color_scheme": "dark"}, "rgb(255, 255, 255)", "rgb(0, 0, 0)"),
    ],
    indirect=["page"],
)
def test_a_projector_gets_black_and_white(page: Page, site: Server, text: str, ground: str):
    page.goto(f"{site.url}/?view=projector")
    lab_of(page)
    root = page.locator(f"{HOST} .normviz")
    assert root.evaluate("node => getComputedStyle(node).color") == text
    around = page.locator('[data-testid="stMain"]')
    assert around.evaluate("node => getComputedStyle(node).backgroundColor") == ground
    larger = root.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert larger > 1.2 * root.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert root.evaluate("node => getComputedStyle(node).color") != text


def swipe(session: CDPSession, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Move one finger over the screen."""

    def touch(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x, "y": y} for x, y in at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", start)
    for part in range(1, 11):
        x, y = (a + (b - a) * part / 10 for a, b in zip(start, end, strict=True))
        touch("touchMove", (x, y))
    touch("touchEnd")
