"""Asking the class in a room: a lesson's question, or one's own."""

import pytest

from normviz.engine.asking import BadQuestion
from normviz.engine.rooms import Rooms
from normviz.lessons import Choice
from normviz.ui import asking
from tests.app.test_lab import given, lab
from tests.app.test_lecture import told
from tests.app.test_rooms import asks, room, rooms

__all__ = ["rooms"]


def leading(rooms: Rooms):
    """Return a page that leads a room, and the room."""
    app = lab()
    app.sidebar.button(key="room.open").click().run()
    mine = room(app)
    assert mine is not None
    return app, rooms.find(mine["code"])


def ask(app, **fields):
    """Fill these fields in, and ask."""
    for field, value in fields.items():
        boxes = (*app.sidebar.selectbox, *app.sidebar.text_area, *app.sidebar.text_input)
        next(box for box in boxes if box.key == f"ask.{field}").set_value(value).run()
    return app.sidebar.button(key="ask.ask").click().run()


@pytest.mark.parametrize("name", asking.lessons())
def test_every_lessons_question_can_be_asked_as_plain_text(name):
    lesson = asking.lessons()[name]
    question = asking.question_of(name, lesson)
    assert question.lesson == name
    assert not set("$*\\") & set("".join((question.text, *question.options)))
    if isinstance(lesson.guess, Choice):
        assert len(question.options) == len(lesson.guess.options)
    else:
        assert question.axes and question.axes.at == tuple(map(float, lesson.guess.at))


def test_a_lessons_question_is_asked_and_its_run_opens_when_it_is_revealed(rooms):
    app, there = leading(rooms)
    ask(app, which="vanishing.0")
    assert not app.exception and there.asked and there.asked.question.lesson == "vanishing.0"
    assert told(app)["until"] is None
    asks(app, do="reveal", config=None)
    lesson = asking.lessons()["vanishing.0"]
    assert given(app) == lesson.config() and told(app)["until"] == lesson.until
    app.sidebar.number_input(key="a.seed").set_value(9).run()
    assert told(app)["until"] is None, "another run answers nothing"


def test_a_question_in_ones_own_words(rooms):
    app, there = leading(rooms)
    ask(app, which="", text=" Which\n one? ", options="A\n\n  B \nboth\n")
    assert not app.exception and there.asked
    question = there.asked.question
    assert (question.text, question.options, question.lesson) == (
        "Which one?",
        ("A", "B", "both"),
        "",
    )
    before = given(app)
    asks(app, do="reveal", config=None)
    assert given(app) == before, "the lecturer starts the run"


def test_what_cannot_be_asked_is_said_and_asks_nothing(rooms):
    app, there = leading(rooms)
    ask(app, which="", text="Which?", options="A")
    assert there.asked is None
    assert "options: 1; allowed: 2 to 6" in app.sidebar.error[0].value
    ask(app, options="A\nB")
    assert there.asked and not app.sidebar.error


def test_only_who_leads_asks(rooms):
    assert "Ask the class" not in [each.label for each in lab().sidebar.expander]
    app, there = leading(rooms)
    assert "Ask the class" in [each.label for each in app.sidebar.expander]
    student = lab(room=there.code)
    assert "Ask the class" not in [each.label for each in student.sidebar.expander]
    asks(student, do="reveal", config=None)
    assert room(student) == {"code": there.code, "part": "follow"}


CURVE = {
    "ask.text": "Draw",
    "ask.shape": "curve",
    "ask.x": "step",
    "ask.y": "loss",
    "ask.from": 1.0,
    "ask.to": 10.0,
    "ask.low": 0.0,
    "ask.high": 2.5,
}


def test_a_curve_is_drawn_at_whole_numbers_where_these_are_few():
    axes = asking.own_question(CURVE).axes
    assert axes and axes.at == tuple(map(float, range(1, 11))) and (axes.low, axes.high) == (0, 2.5)
    axes = asking.own_question({**CURVE, "ask.to": 1000.0}).axes
    assert axes and len(axes.at) == 21 and (axes.at[0], axes.at[-1]) == (1, 1000)
    axes = asking.own_question({**CURVE, "ask.from": 0.5}).axes
    assert axes and len(axes.at) == 21


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"ask.from": 10.0}, "horizontal axis: from 10 to 10; allowed"),
        ({"ask.high": 0.0}, "vertical axis: from 0 to 0; allowed"),
        ({"ask.y": " "}, "vertical axis: ''; allowed: 1 to 160 letters"),
        ({"ask.text": ""}, "question: ''; allowed: 1 to 400 letters"),
    ],
)
def test_a_curve_that_cannot_be_is_named(fields, named):
    with pytest.raises(BadQuestion) as refused:
        asking.own_question({**CURVE, **fields})
    assert named in str(refused.value)
