"""Every page in a language of brackets: whatever stands outside of them is translated by nobody."""

import pytest
from streamlit.testing.v1 import AppTest

from normviz.lessons import LESSONS
from normviz.reproduce import FIGURES
from normviz.ui.lessons import happened
from normviz.ui.lessons.state import slot
from tests.app import test_operator
from tests.app.pseudo import bare, gathered, shown, speak_pseudo
from tests.app.test_lab import lab
from tests.app.test_lessons import Engine, go, record

#: Names that are the same in every language: of functions, models, methods, people, sets, settings and files.
_FUNCTIONS = {"tanh", "ReLU", "ELU", "GELU", "SiLU", "softsign", "sigmoid"}
_METHODS = {"LSUV", "SGD", "Nesterov", "RMSprop", "Adam", "AdamW", "RMS", "MLP", "ConvNet"}
NAMES = frozenset(
    {*_FUNCTIONS, *_METHODS, "CPU", "GPU", "MB", "ms", "Language", "English", "normviz"}
)


@pytest.fixture(autouse=True)
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    speak_pseudo(monkeypatch)


def left(app: AppTest, names: frozenset[str] = NAMES) -> list[str]:
    """Return what is in no brackets and no name."""
    assert not app.exception
    found = ((bare(text), text) for text in shown(app))
    return [f"{words}: {text}"[:300] for words, text in found if set(words.split()) - names]


def test_a_text_outside_of_the_catalogues_is_seen():
    assert bare("⟦Depth⟧, **⟦⟦Seed⟧: 3⟧** $\\gamma x$ `norm=batch`") == ""
    assert bare("⟦Depth⟧ of it") == "of it"
    assert "Depth" in gathered() and "of it" not in gathered()


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"b__norm": "batch", "c__lr": "0.5", "lr@100": "0.01", "model": "convnet"},
        {"dataset": "own", "own": "0123456789abcdef", "preprocessing": "zca"},
        {"norm": "renorm", "dataset": "spiral", "init": "normal"},
        {"norm": "lrn", "meter": "full", "order": "sorted"},
        {"norm": "spectral", "b__norm": "group", "c__seed": "3", "d__depth": "4"},
        {"show": "norm,activation", "lock": "norm"},
    ],
    ids=lambda link: ",".join(link) or "default",
)
def test_the_lab(link: dict[str, str]):
    app = lab(**link)
    assert left(app) == []
    assert sum("⟦" in text for text in shown(app)) > 5


def test_what_is_wrong_with_a_link_but_for_the_names_of_its_fields():
    for link, field in [
        ({"depth": "1000"}, "depth"),
        ({"show": "colour"}, "show"),
        ({"lang": "xx"}, "lang"),
    ]:
        (error,) = lab(**link).error
        assert "⟦" in error.value and field in error.value
    (error,) = lab(depth="1000").error
    assert bare(error.value) == ""


def test_a_change_on_the_way_is_asked_for():
    from normviz.ui import live

    def step(*_: object) -> int:
        return 120

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "view", step)
        app = lab()
    dialogs = [text for text in shown(app) if "exactly as it did before" in text]
    assert dialogs and left(app) == []


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_before_and_after_its_run(name: str, monkeypatch: pytest.MonkeyPatch):
    app = go(lab(), name)
    assert left(app) == []
    (skip,) = (button for button in app.main.button if "Skip the guess" in button.label)
    skip.click().run()
    assert left(app) == []
    monkeypatch.setattr(happened, "running", lambda: Engine(record(name)))
    app.session_state[slot(name, "run")] = "the run"
    app.run()
    assert left(app) == []


@pytest.mark.parametrize("name", ["lessons", "glossary"])
def test_the_other_pages(name: str):
    assert left(go(lab(), name)) == []


def test_the_published_figures_but_for_the_names_of_authors():
    authors = {word for figure in FIGURES.values() for word in bare(figure.source).split()}
    assert left(go(lab(), "figures"), NAMES | {word for word in authors if word[0].isupper()}) == []


def test_the_page_for_operators_but_for_the_names_of_settings(monkeypatch: pytest.MonkeyPatch):
    engine = test_operator.Engine(runs=60)
    monkeypatch.setattr(test_operator.operator, "running", lambda: engine)
    app = test_operator.opened(monkeypatch, "ada", **test_operator.PROXY)
    app.switch_page(test_operator.PAGE).run()
    assert left(app) == []
