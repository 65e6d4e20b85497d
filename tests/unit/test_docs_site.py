"""The documentation as a site: it builds strictly, nothing in it leads nowhere, and no page needs another server."""

import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from normviz.config import from_link
from normviz.lessons import LESSONS
from normviz.ui import lecture
from normviz.ui.navigation import PAGES
from tests.browser.pictures import LARGEST, PICTURES

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
APP = "https://normviz.example"
APP_LINKS = sorted(
    {link for text in SOURCES.values() for link in re.findall(r"\]\((/[^)\s]*)\)", text)}
)
#: What the pages for newcomers name of the repository; written by who follows them: the normalization.
PATHS = sorted(
    {
        path
        for name in ("add-a-norm.md", "index.md", "practitioner.md", "student.md")
        for path in re.findall(r"\b(?:normviz|tests|docs|pages)/[\w/.-]*\w", SOURCES[name])
    }
    - {"normviz/nn/norms/scale.py"}
)


def build(config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build a site as `make docs` does; told to be quiet, MkDocs would count no warnings."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config)]
    return subprocess.run(
        [*command, "-d", str(site)],
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "NORMVIZ_APP": APP},
        capture_output=True,
        text=True,
        timeout=120,
    )


class Page(HTMLParser):
    """What a page leads to, loads, and can be led to in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.formulas = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        self.formulas += tag == "math"
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif "src" in given:
            self.loads.append(given["src"])
        elif tag == "link" and given.get("rel") not in ("prev", "next", "canonical"):
            self.loads.append(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(ROOT / "mkdocs.yml", folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    """All pages but the one for what is not found, which does not know where it stands."""
    return {
        path: Page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
        if path.name != "404.html"
    }


def test_every_page_is_in_it(site: Path, pages: dict[Path, Page]):
    index = site / "index.html"
    reached = {(site / urlsplit(link).path).resolve() for link in pages[index].links}
    for name in SOURCES.keys() - {"index.md"}:
        assert site / name.removesuffix(".md") in reached, f"{name} is not in the navigation"
    assert len(pages) == len(SOURCES)


def test_every_link_inside_leads_somewhere(pages: dict[Path, Page]):
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            assert target in pages, f"{path}: {link}"
            if parts.fragment:
                assert unquote(parts.fragment) in pages[target].ids, f"{path}: {link}"


def test_nothing_is_loaded_from_elsewhere(pages: dict[Path, Page]):
    for path, page in pages.items():
        assert page.loads
        for link in page.loads:
            parts = urlsplit(link)
            assert not parts.scheme, f"{path}: {link}"
            assert not parts.netloc, f"{path}: {link}"
            assert (path.parent / parts.path).resolve().is_file(), f"{path}: {link}"


def test_formulas_are_drawn(site: Path, pages: dict[Path, Page]):
    written = sum(
        len(re.findall(r"\$[^$]+\$", re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)))
        for text in SOURCES.values()
    )
    assert written > 100
    assert sum(page.formulas for page in pages.values()) == written


def test_links_into_the_app_have_its_address(site: Path, pages: dict[Path, Page]):
    found = {link for page in pages.values() for link in page.links if link.startswith(APP)}
    assert found == {APP + link for link in APP_LINKS}


def test_a_dead_link_an_anchor_and_a_forgotten_page_fail_the_build(tmp_path: Path):
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "docs" / "forgotten.md").write_text("# Forgotten\n", encoding="utf-8")
    with (tmp_path / "docs" / "index.md").open("a", encoding="utf-8") as page:
        page.write("\n[a](nowhere.md) [b](lab.md#no-such-heading)\n")
    done = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert done.returncode != 0
    for what in ("forgotten.md", "nowhere.md", "no-such-heading"):
        assert what in done.stderr


@pytest.mark.parametrize("link", APP_LINKS)
def test_every_link_into_the_app_opens_what_it_says(link: str):
    parts = urlsplit(link)
    query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    fields = dict(query)
    assert len(fields) == len(query)
    if parts.path != "/":
        assert not parts.query
        assert (PAGES / f"{parts.path[1:]}.py").is_file()
        return
    offer = {
        name: fields.pop(name)
        for name in (lecture.SHOW, lecture.LOCK, lecture.VIEW)
        if name in fields
    }
    assert lecture.read(offer)[1] == ()
    from_link(fields)


def test_the_plans_name_lessons_of_the_app():
    lessons = {link[1:] for link in APP_LINKS if not link.startswith("/?")}
    assert len(lessons & LESSONS.keys()) >= 12


@pytest.mark.parametrize(("plan", "length"), [("45 minutes", 45), ("90 minutes", 90)])
def test_a_plan_fills_its_minutes_without_a_gap(plan: str, length: int):
    table = SOURCES["lecture-plans.md"].split(f"## {plan}", 1)[1].split("\n## ", 1)[0]
    spans = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d+) - (\d+) \|", table, re.MULTILINE)]
    assert [0, *(end for _, end in spans)] == [*(start for start, _ in spans), length]
    assert all(start < end for start, end in spans)


@pytest.mark.parametrize("path", PATHS)
def test_what_the_pages_name_is_there(path: str):
    assert (ROOT / path).exists()


def test_every_picture_is_small_named_and_used():
    taken = {path.stem: path for path in (DOCS / "pictures").iterdir()}
    assert taken.keys() == PICTURES.keys()
    shown = dict(re.findall(r"!\[([^]]{40,})\]\(pictures/(\w+)\.webp\)", SOURCES["index.md"]))
    assert set(shown.values()) == PICTURES.keys()
    for path in taken.values():
        assert path.stat().st_size <= LARGEST


def test_the_readme_begins_with_a_picture():
    above = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## ", 1)[0]
    (path,) = re.findall(r"!\[[^]]{40,}\]\(([^)]+)\)", above)
    assert (ROOT / path).is_file()
