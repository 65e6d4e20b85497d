"""Links and CSV files."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from normviz.config import ConfigError, LaneConfig, from_link, to_link
from normviz.config.presets import PRESETS
from normviz.data import csvfile
from normviz.data.csvfile import CsvError
from normviz.lessons import LESSONS
from normviz.ui import link
from normviz.ui.lessons import link as lesson_link
from tests.fuzz.target import Target


class Query(dict[str, str]):
    """The link of a page, as Streamlit holds it."""

    def from_dict(self, wanted: dict[str, str]) -> None:
        self.clear()
        self.update(wanted)


def query(data: bytes) -> Query:
    """Take a link's parameters apart, as a browser's address line has them."""
    text = data.decode("utf-8", "replace")
    return Query(parse_qsl(text, keep_blank_values=True, max_num_fields=None))


def read_link(data: bytes) -> None:
    """Read a link; what was read is written, and read again the same."""
    config = from_link(query(data))
    assert from_link(to_link(config)) == config


def read_page(data: bytes) -> None:
    """Open the Lab by a link: a bad one gives the defaults and says why, and the link is written anew."""
    state, asked = dict[Any, Any](), query(data)
    link.restore(state, asked)
    config = link.current(state)
    link.write(config, asked, link.recording(state))
    for problem in link.problems(state):
        assert problem.field and problem.allowed
    again = dict[Any, Any]()
    link.restore(again, asked)
    assert link.current(again) == config


def read_lesson(data: bytes) -> None:
    """Open a lesson by a link; the first byte says which. What is written of it is read again the same."""
    name = list(LESSONS)[data[0] % len(LESSONS)] if data else "vanishing"
    lesson, state, asked = LESSONS[name], dict[Any, Any](), query(data[1:])
    lesson_link.restore(state, asked, name, lesson)
    lesson_link.write(state, asked, name, lesson)
    written, again = Query(asked), dict[Any, Any]()
    lesson_link.restore(again, asked, name, lesson)
    assert lesson_link.problems(again, name) == ()
    lesson_link.write(again, asked, name, lesson)
    assert asked == written


def links() -> Sequence[bytes]:
    """Return the links of all presets, and one with everything that a link may have."""
    full = {"b.norm": "batch", "lr@500": "0.01", "b.lr@500": "1e-3", "c.depth": "3", "steps": "9"}
    presets = [preset.link for preset in PRESETS.values()]
    return [urlencode(each).encode() for each in (*presets, full)]


def page_links() -> Sequence[bytes]:
    """Return such links, and those that say how a page looks."""
    looks = {"show": "loss", "lock": "lr", "control": "depth", "recording": "recording-0"}
    return [*links(), urlencode(looks).encode()]


def lesson_links() -> Sequence[bytes]:
    """Return a link or two of every lesson."""
    said = (
        b"guess=2",
        b"guess=skipped&lr=0.5",
        b"guess=0.1_0.2_0.4&b.momentum=0.02&run=2&2.guess=1",
    )
    return [bytes([number]) + text for number in range(len(LESSONS)) for text in said]


# -- CSV ---------------------------------------------------------------------------------------------------------


def read_csv(data: bytes) -> None:
    """Read a table; whatever is accepted keeps to the limits."""
    csvfile.header(data)
    table = csvfile.read(data)
    assert table.x.dtype == np.float32 and np.isfinite(table.x).all()
    assert table.x.shape == (len(table.y), len(table.columns))
    assert 2 <= len(table.classes) <= csvfile.MOST_CLASSES
    assert set(np.unique(table.y)) == set(range(len(table.classes)))


def tables() -> Sequence[bytes]:
    """Return tables as programs write them."""
    rows = "".join(f"{i},{i / 2},a\n{-i},1e-3,b\n" for i in range(5))
    plain = "x1,x2,kind\n" + rows
    return [
        plain.encode(),
        ("\ufeff" + plain.replace(",", ";").replace("\n", "\r\n")).encode(),
        plain.replace(",", "\t").replace("a", '"a ""b"""').encode(),
        plain.replace("x1", "größe").replace("a\n", "1\n").replace("b\n", "-2e0\n").encode(),
    ]


_FIELDS = tuple(f"{name}=".encode() for name in LaneConfig.model_fields)
_WORDS = (
    b"&",
    b"b.",
    b"@5",
    b"%00",
    b"%f0%9f",
    b"1e999",
    b"-0",
    b"nan",
    b"_",
    b"2.guess=",
    *_FIELDS,
)
_CELLS = (
    b'"',
    b'""',
    b"\r",
    b"\n\n",
    b"\t",
    b";",
    b"1e999",
    b"nan",
    b"=1",
    b"\xef\xbb\xbf",
    b"\x1c",
    b"\xe2\x80\xa8",
)

TARGETS = {
    "link": Target(read_link, (ConfigError,), links, words=_WORDS),
    "page": Target(read_page, (), page_links, words=_WORDS),
    "lesson": Target(read_lesson, (), lesson_links, words=_WORDS),
    "csv": Target(read_csv, (CsvError,), tables, words=_CELLS),
}
