"""What no source does: read objects from bytes, or make HTML of what somebody has typed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from normviz.charts.lessons.reading import Table
from normviz.ui.lessons import plot

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "app.py", *ROOT.glob("normviz/**/*.py"), *ROOT.glob("pages/*.py")]
SCRIPTS = sorted(ROOT.glob("normviz/charts/**/*.js"))
#: Modules whose files run code when they are read. Pipes between our own processes are multiprocessing's.
UNSAFE = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
READERS = {"torch.load", "pandas.read_pickle", "pd.read_pickle", "yaml.load", "joblib.load"}
#: The texts that are put together.
MARKS = {
    # the name is that of a field that exists
    ("lab.py", '_MARK.replace("NAME", name)'),
    # every text of a table goes through html.escape: see the test below
    ("plot.py", '_STYLE + "".join((html(each) for each in tables))'),
}


def faults(tree: ast.AST) -> Iterator[str]:
    """Yield what a source does of what it must not."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (n.name for n in names if n.name.partition(".")[0] in UNSAFE)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in UNSAFE:
                yield module
            case ast.Call(func=func, keywords=keywords):
                if ast.unparse(func) in READERS:
                    yield ast.unparse(node)
                for given in keywords:
                    if given.arg in (
                        "allow_pickle",
                        "unsafe_allow_html",
                        "unsafe_allow_javascript",
                    ):
                        yield f"{given.arg}={ast.unparse(given.value)}"
            case _:
                pass


def html(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield what a source gives the browser as HTML."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("st.html", ".iframe")):
            yield from node.args


@pytest.mark.parametrize(
    "bad",
    [
        "import pickle",
        "import os, pickle as p",
        "from pickle import loads",
        "from joblib.x import y",
        "torch.load(path)",
        "np.load(path, allow_pickle=True)",
        "st.markdown(text, unsafe_allow_html=True)",
    ],
)
def test_a_fault_would_be_found(bad: str):
    assert list(faults(ast.parse(bad)))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_source_reads_objects_or_lets_html_through(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert list(faults(tree)) == []
    for text in html(tree):
        constant = isinstance(text, ast.Name) and text.id.strip("_").isupper()
        assert constant or (path.name, ast.unparse(text).replace("'", '"')) in MARKS


def test_a_table_of_numbers_lets_no_markup_through():
    bad = '<img src=x onerror=alert(1)> " onfocus="'
    made = plot.html(Table(bad, bad, (bad,), ((bad, bad),)))
    assert "<img" not in made and '" onfocus' not in made and made.count("&lt;img") >= 5


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_html_or_code_of_a_text(path: Path):
    makers = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|setHTMLUnsafe|new Function|\beval\("
    assert re.findall(makers, path.read_text(encoding="utf-8")) == []
