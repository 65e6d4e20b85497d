"""Every text of a lesson and of a published figure that a visitor sees is one that translators are given."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from normviz.language.filled import Filled
from normviz.lessons import LESSONS, Choice, Lesson
from normviz.lessons.bn_steps_graph import STEPS
from normviz.lessons.family_cards import FACTS
from normviz.lessons.family_cube import KINDS
from normviz.lessons.glossary import TERMS
from normviz.lessons.preprocessing_points import WORDS
from normviz.reproduce import FIGURES
from normviz.reproduce.figure import Figure
from tests.messages import sources

#: Names and formulas are the same in every language.
NAMES = re.compile(
    r"[\W\d_]*|\$[^$]*\$|ReLU|tanh|ELU|DyT|RMS|(Batch|Layer|Group)Norm|[A-Z][\w .,;&’'-]* \d{4}|[\de.-]+"
)


@cache
def known() -> set[str]:
    """Return every text that is in a catalogue."""
    found = set[str]()
    for message in (each for catalogue in sources().values() for each in catalogue):
        found.update([message.id] if isinstance(message.id, str) else message.id)
    return found


def missing(texts: Iterator[str]) -> list[str]:
    return [each for each in texts if not NAMES.fullmatch(each) and each not in known()]


def parts(*texts: object) -> Iterator[str]:
    """Yield what is looked up: of a text with values the template, and the texts among the values."""
    for text in texts:
        if isinstance(text, Filled):
            yield text.template
            yield from parts(*text.values.values())
        elif isinstance(text, str):
            yield text


def of_lesson(lesson: Lesson) -> Iterator[str]:
    asked = lesson.guess
    more = asked.options if isinstance(asked, Choice) else (asked.x, asked.y)
    own = (lesson.title, lesson.question, lesson.about, lesson.published, lesson.first)
    yield from parts(*own, asked.question, *more)
    for further in lesson.further:
        yield from of_lesson(further)


def of_figure(figure: Figure) -> Iterator[str]:
    yield from parts(figure.about)
    for row in figure.rows:
        yield from parts(row.label, row.published, row.band.reason if row.band else "")
    for panel in figure.panels:
        yield from parts(panel.title, panel.x, panel.y, *(line.label for line in panel.lines))
    for plane in figure.planes:
        yield from parts(plane.title, plane.points, plane.marked, *plane.notes)


@pytest.mark.parametrize("name", list(LESSONS))
def test_a_lesson(name):
    assert missing(of_lesson(LESSONS[name])) == []


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_published_figure(name):
    entry = FIGURES[name]
    assert missing(parts(entry.title, entry.source)) == []
    assert missing(of_figure(entry.load())) == []


def test_the_tables_of_lessons():
    texts = [text for name, term in TERMS.items() for text in (name, term.text)]
    texts += [text for step in STEPS for text in (step.title, step.rule)]
    texts += [text for facts in FACTS.values() for text in (facts.over, facts.cost, facts.after)]
    texts += [*WORDS.values(), *(kind.title for kind in KINDS.values())]
    assert missing(parts(*texts)) == []
