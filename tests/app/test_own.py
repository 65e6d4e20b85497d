"""The upload of one's own data in the sidebar, without a browser."""

import gc
import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from normviz.data.csvfile import limits
from normviz.data.own import shelf
from normviz.ui.own import KEEP_SECONDS
from tests.app.test_lab import given, lab, link

CSV = "width,height,kind\n" + "".join(
    f"{i},{i * 100},a\n{-i},1e-3,b\n{i / 3},{-i},c\n" for i in range(8)
)


def upload(app: AppTest, text: str | bytes, name: str = "points.csv") -> AppTest:
    data = text.encode() if isinstance(text, str) else text
    return chooser(app).set_value((name, data, "text/csv")).run()


def chooser(app: AppTest) -> Any:
    return app.sidebar.get("file_uploader")[0]


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.sidebar.caption)


def test_the_limits_are_on_the_screen_before_anything_is_uploaded():
    assert limits() in captions(lab())


def test_an_upload_becomes_the_data_set_and_the_link_names_it_and_holds_none_of_it():
    app = upload(lab(preprocessing="zscore"), CSV)
    assert not app.exception and not app.sidebar.error
    lane = given(app).lane
    assert lane.dataset == "own" and lane.preprocessing == "zscore"
    (held,) = shelf().find([lane.own])
    assert held.columns == ("width", "height") and held.classes == ("a", "b", "c")
    assert link(app)["own"] == held.name and "700" not in "".join(link(app).values())
    assert "24 rows, 2 columns, 3 classes." in captions(app)
    assert "The data are not in the link." in captions(app)
    assert "Numbers go up to 700" in captions(app)


def test_another_column_can_have_the_classes():
    rows = "".join(f"{size},{i},{i * i}\n" for i in range(6) for size in ("s", "xl"))
    app = upload(lab(), "size,x,y\n" + rows)
    assert "'s' is not a number" in app.sidebar.error[0].value
    app.sidebar.text_input(key="own.label").set_value("size").run()
    app = upload(app, "size,x,y\n" + rows)
    assert not app.sidebar.error
    (held,) = shelf().find([given(app).lane.own])
    assert held.classes == ("s", "xl") and held.columns == ("x", "y")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CSV + "1,abc,a\n", "row 26, column 'height': 'abc' is not a number"),
        (
            CSV + "1,<script>alert(1)</script>,a\n",
            "row 26, column 'height': '<script>alert(1)</script>' is not a number",
        ),
        (CSV + '1,"`**:red[x]**`",a\n', "row 26, column 'height': ''**:red[x]**'' is not a number"),
        (
            CSV + "1,1,=cmd|A1\n",
            "row 26, column 'kind': '=cmd|A1' begins like a formula; names begin otherwise",
        ),
        (b"\x89PNG\r\n\x1a\n\0", "byte 9 is zero: this is no text file; save the table as CSV"),
        ("", "the file is empty"),
    ],
)
def test_a_bad_file_is_refused_in_verbatim_text_and_the_run_stays(text: str | bytes, said: str):
    app = upload(lab(dataset="digits"), text)
    assert not app.exception
    lines = app.sidebar.error[0].value.splitlines()
    assert lines[0] == "This file cannot be used."
    assert lines[2:] == [f"- `{said}`"]
    assert given(app).lane.dataset == "digits"


def test_removed_data_are_gone_though_the_session_goes_on():
    app = upload(lab(), CSV)
    name = given(app).lane.own
    next(button for button in app.sidebar.button if button.label == "Remove them").click().run()
    assert given(app).lane.dataset == "mnist" and given(app).lane.own == ""
    gc.collect()
    assert shelf().find([name]) == []


def test_another_file_takes_the_place_of_the_first():
    app = upload(lab(), CSV)
    name = given(app).lane.own
    app = upload(app, CSV + "5,5,c\n")
    assert given(app).lane.own != name
    gc.collect()
    assert shelf().find([name]) == [] and shelf().find([given(app).lane.own])


def test_data_that_nobody_uses_go_some_time_after_the_pages_last_sign_of_life(monkeypatch):
    app = upload(lab(), CSV)
    name, now = given(app).lane.own, time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + KEEP_SECONDS - 5)
    shelf().sweep()
    assert shelf().find([name])
    app.run()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2 * KEEP_SECONDS - 20)
    shelf().sweep()
    assert shelf().find([name])
    monkeypatch.setattr(time, "monotonic", lambda: now + 2 * KEEP_SECONDS + 20)
    shelf().sweep()
    gc.collect()
    assert shelf().find([name]) == []
    monkeypatch.undo()
    assert "or not any more" in app.run().sidebar.warning[0].value


def test_a_link_to_data_that_are_not_here_says_what_to_do():
    app = lab(dataset="own", own="0123456789abcdef")
    assert given(app).lane.own == "0123456789abcdef"
    assert "Upload the same file" in app.sidebar.warning[0].value
    assert not app.exception


def test_the_memory_for_uploads_is_limited(monkeypatch):
    monkeypatch.setenv("NORMVIZ_OWN_MB", "0")
    app = upload(lab(), CSV.replace("kind", "other"))
    assert "may take 0 MB" in app.sidebar.error[0].value
    assert given(app).lane.dataset == "mnist"


def test_a_lecturers_link_that_hides_the_data_set_hides_the_upload():
    assert not lab(show="norm").sidebar.get("file_uploader")
    assert not lab(lock="dataset").sidebar.get("file_uploader")
