"""The page of the published figures, without a browser."""

import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from normviz.reproduce import FIGURES

ROOT = Path(__file__).parents[2]


def opened(**parameters: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages/figures.py"), default_timeout=30)
    for name, value in parameters.items():
        page.query_params[name] = value
    return page.run()


@pytest.mark.parametrize("figure", FIGURES)
def test_a_link_opens_its_figure(figure):
    page = opened(figure=figure)
    assert not page.exception and not page.error
    assert page.selectbox[0].value == figure


def test_the_link_follows_the_choice():
    page = opened()
    assert next(iter(FIGURES)) in page.query_params["figure"]
    page.selectbox[0].select("dyt").run()
    assert not page.exception
    assert "dyt" in page.query_params["figure"]


@pytest.mark.parametrize("wrong", ["nope", "", "`x`", "y" * 3000])
def test_a_figure_that_there_is_not_is_refused_with_what_there_is(wrong):
    page = opened(figure=wrong)
    assert not page.exception
    (error,) = page.error
    assert "is not possible" in error.value and "table2015" in error.value
    assert len(error.value) < 400 and error.value.count("`") == 2


def test_it_needs_no_torch():
    code = (
        "import sys; from normviz.ui import figures; assert figures; print('torch' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
