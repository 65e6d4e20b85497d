"""The catalogues are those of the sources, and a translation says what its source says."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from normviz.language.catalog import DOMAINS, FOLDER
from tests import messages
from tests.messages import COMPONENTS, ROOT, TRANSLATED, path, read, terms, words, written

ALL = [(name, domain) for name in TRANSLATED for domain in (*DOMAINS, "view")]
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_LATEX = re.compile(r"\$[^$]+\$")
SOURCES = sorted(
    [*(ROOT / "normviz").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"]
)


@cache
def follows() -> dict[Path, bytes]:
    return written()


def test_every_file_is_what_sources_and_translations_give():
    """Where this fails: make messages."""
    for file, content in follows().items():
        assert file.exists() and file.read_bytes() == content, file.relative_to(ROOT)
    known = {*FOLDER.rglob("*.*o"), *messages.CHARTS.glob("*/words.*.js")}
    assert known == set(follows())


def test_words_of_every_component_are_gathered():
    for folder in COMPONENTS:
        text = (messages.CHARTS / folder / "words.js").read_text("utf-8")
        entries = re.findall(r'^ {2}"((?:[^"\\]|\\.)+)":', text, re.MULTILINE)
        assert entries and entries == list(words(folder)), folder


def test_what_the_browser_translates_of_a_schema_is_in_the_catalogue():
    known = {str(message.id) for message in read("zh_CN", "page") if message.id}
    assert {
        "Spectral norm of dW",
        "loss per unit of weight",
        "sigmoid outside [0.05, 0.95]",
    } <= set(terms())
    assert {"Normalization", "Batch", "from step {step} {change}"} <= set(terms()) & known


def translations(catalog: Catalog) -> list[tuple[str, str]]:
    """Return source and translation of whatever is translated, form by form."""
    pairs = list[tuple[str, str]]()
    for message in catalog:
        if message.id and isinstance(message.id, str):
            pairs.append((message.id, str(message.string or "")))
        elif message.id:
            pairs += [(message.id[-1], form) for form in message.string or ()]
    return [(source, text) for source, text in pairs if text]


@pytest.mark.parametrize(("name", "domain"), ALL)
def test_a_translation_has_the_placeholders_and_formulas_of_its_source(name: str, domain: str):
    for source, text in translations(read(name, domain)):
        assert sorted(_LATEX.findall(text)) == sorted(_LATEX.findall(source)), source
        plain = _LATEX.sub("", source), _LATEX.sub("", text)
        assert {*_PLACEHOLDER.findall(plain[1])} == {*_PLACEHOLDER.findall(plain[0])}, source


@pytest.mark.parametrize(("name", "domain"), ALL)
def test_nothing_is_guessed_or_obsolete(name: str, domain: str):
    catalog = read(name, domain)
    assert not [message.id for message in catalog if message.id and message.fuzzy]
    assert not catalog.obsolete, path(name, domain)


def calls(tree: ast.AST) -> list[tuple[str, ast.Call]]:
    """Return every call that looks a text up or marks one."""
    names = {"_", "N_", "ngettext", "pgettext", "npgettext", "filled"}
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [(c.func.id, c) for c in found if isinstance(c.func, ast.Name) and c.func.id in names]


def fault(name: str, call: ast.Call) -> str:
    """Say why the gathering does not find the text of a call, or nothing."""
    first = call.args[: {"ngettext": 2, "pgettext": 2, "npgettext": 3}.get(name, 1)]
    literal = all(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in first)
    if name in ("ngettext", "pgettext", "npgettext", "N_"):
        return "" if literal else "not a literal"
    inside = [each for arg in first for each in ast.walk(arg)]
    if any(isinstance(each, ast.JoinedStr) for each in inside):
        return "an f-string"
    texts = [
        each for each in inside if isinstance(each, ast.Constant) and isinstance(each.value, str)
    ]
    return (
        ""
        if literal or not texts or isinstance(first[0], ast.Subscript | ast.Call)
        else "half a literal"
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ('_("a {n}").format(n=1)', ""),
        ('_(f"a {n}")', "an f-string"),
        ('_("a " + name)', "half a literal"),
        ("_(name)", ""),
        ("N_(name)", "not a literal"),
        ('N_(f"{n}")', "not a literal"),
        ('ngettext("one", many, 1)', "not a literal"),
        ('ngettext("one", "many", n)', ""),
    ],
)
def test_what_cannot_be_gathered_is_seen(code: str, said: str):
    ((name, call),) = calls(ast.parse(code))
    assert fault(name, call) == said


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_text_can_be_gathered(file: Path):
    tree = ast.parse(file.read_text("utf-8"))
    for name, call in calls(tree):
        assert not (said := fault(name, call)), f"line {call.lineno}: {said}"
    for text in ast.walk(tree):
        if isinstance(text, ast.JoinedStr):
            inside = [call for _, call in calls(text) if isinstance(call.args[0], ast.Constant)]
            assert not inside, f"line {text.lineno}: in an f-string nobody finds it"
