"""The lessons in another language: one that puts every text it is asked for into brackets."""

import gettext
import re

import pytest
from streamlit.testing.v1 import AppTest

from normviz.language import catalog, filled, speaking, told
from normviz.lessons import LESSONS, Choice, Lesson, Recording
from normviz.ui.lessons import happened
from normviz.ui.lessons.state import slot
from tests.app.test_lessons import ROOT, Engine, choose, go, opened, record, skip, texts

OTHER = "zh_TW"
RUNS = [
    pytest.param(name, number, run, id=f"{name}.{number}")
    for name, lesson in LESSONS.items()
    for number, run in enumerate((lesson, *lesson.further))
]


class Brackets(gettext.NullTranslations):
    """Knows every text."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture(autouse=True)
def brackets(monkeypatch):
    languages = {"en": gettext.NullTranslations()}
    monkeypatch.setattr(catalog, "_texts", lambda name: languages.get(name, Brackets()))


def recording(name: str, number: int) -> Recording:
    found = record(name, number)
    return Recording.of(found.config, found.schema, found.frames)


def bare(text: str) -> str:
    """Return what is outside of all brackets."""
    while text != (text := re.sub(r"⟦[^⟦⟧]*⟧", "", text)):
        pass
    return text


def test_a_text_with_values_is_looked_up_without_them_and_its_values_too():
    text = filled("{norm}, batch {n:g}", norm="without", n=4.0)
    assert text == "without, batch 4" == told(text)
    with speaking(OTHER):
        assert told(text) == "⟦⟦without⟧, batch 4⟧"
        assert told("without") == "⟦without⟧"


@pytest.mark.parametrize(("name", "number", "lesson"), RUNS)
def test_a_verdict_is_in_the_language_that_is_spoken(name, number, lesson: Lesson):
    english = lesson.judge(recording(name, number))
    with speaking(OTHER):
        other = lesson.judge(recording(name, number))
    assert len(other.words) == len(english.words) and len(other.claims) == len(english.claims)
    assert other.answer == english.answer
    for words in other.words:
        assert "⟦" in words
        left = re.sub(r"\$[^$]*\$|\*\*[A-D](, )?\*\*|\b[A-D]\b", "", bare(words))
        assert not re.search(r"[A-Za-z]{3,}", left), "every word of a sentence is looked up"
    for claim in other.claims:
        assert not re.search(r"[A-Za-z]{3,}", bare(claim.label) + bare(claim.source))
    assert not any("⟦" in words for words in english.words)


@pytest.mark.parametrize("name", list(LESSONS))
def test_a_page_speaks_it_before_and_after_the_run(name, monkeypatch):
    lesson = LESSONS[name]
    with speaking(OTHER):  # the test reads the options of controls as the page wrote them
        app = opened_in_brackets(name)
        assert app.main.title[0].value == told(lesson.title)
        said = texts(app)
        for text in (lesson.question, lesson.about, lesson.guess.question):
            assert told(text) in said
        if isinstance(lesson.guess, Choice):
            (asked,) = (each for each in app.main.radio if each.key == slot(name, "choice"))
            assert asked.options == [told(each) for each in lesson.guess.options]
        (button,) = (each for each in app.main.button if each.label == "⟦Skip the guess⟧")
        button.click().run()
        monkeypatch.setattr(happened, "running", lambda: Engine(record(name)))
        app.session_state[slot(name, "run")] = "the run"
        app.run()
        assert not app.exception
        assert "\n\n".join(lesson.judge(recording(name, 0)).words) in texts(app)


def opened_in_brackets(name: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "normviz/ui/shell.py"), default_timeout=90)
    app.query_params["lang"] = OTHER
    go(app.run(), name)
    assert not app.exception
    return app


@pytest.mark.parametrize("name", ["initialization", "two_domains"])
def test_a_further_run_speaks_it_too(name):
    lesson = LESSONS[name]
    with speaking(OTHER):
        app = choose(opened_in_brackets(name), name, 1)
        assert not app.exception and told(lesson.further[0].about) in texts(app)
        (pills,) = (each for each in app.main.button_group if each.key == slot(name, "run.shown"))
        titles = (lesson.first, *(each.title for each in lesson.further))
        assert list(pills.options) == [told(each) for each in titles]


def test_a_verdict_is_said_anew_when_the_language_changes(monkeypatch):
    app, judge = skip(opened("vanishing")), LESSONS["vanishing"].judge
    monkeypatch.setattr(happened, "running", lambda: Engine(record("vanishing")))
    app.session_state[slot("vanishing", "run")] = "the run"
    app.run()
    english = judge(recording("vanishing", 0)).words[0]
    assert english in texts(app)
    app.query_params["lang"] = OTHER
    app.run()
    assert not app.exception and english not in texts(app)
    with speaking(OTHER):
        assert judge(recording("vanishing", 0)).words[0] in texts(app)
        app.query_params["lang"] = "en"
        app.run()
    assert english in texts(app)


@pytest.mark.parametrize("name", ["lessons", "glossary", "figures"])
def test_the_other_pages_open_in_it(name):
    with speaking(OTHER):
        assert opened_in_brackets(name).main.title[0].value.startswith("⟦")
