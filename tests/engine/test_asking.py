"""What a lecturer asks a class, and what becomes of the answers."""

import csv
import io
import json
import math

import pytest

from normviz.engine.asking import CURVES, MOST, PLACES, Asked, Axes, BadQuestion, Question, plain
from normviz.engine.rooms import Rooms
from tests.engine.test_rooms import Page, in_rooms, led

CHOICE = Question("Which one learns?", ("A", "B", "both"))
CURVE = Question("Draw it.", axes=Axes("layer", "std (value)", (1.0, 2.0, 3.0), 0.0, 1.0))


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (lambda: Question(" ", ("A", "B")), "question: ' '; allowed: 1 to 400 letters"),
        (lambda: Question("x" * 401, ("A", "B")), "question: 401 letters"),
        (lambda: Question("a\nb", ("A", "B")), "on one line"),
        (lambda: Question("a\u202eb", ("A", "B")), "on one line"),
        (lambda: Question("q", ("A",)), "options: 1; allowed: 2 to 6"),
        (lambda: Question("q", tuple("ABCDEFG")), "options: 7; allowed: 2 to 6"),
        (lambda: Question("q", ("A", "B", "A")), "options: 'A' is there twice"),
        (lambda: Question("q", ("A", "x" * 161)), "option 2: 161 letters"),
        (lambda: Question("q"), "options or axes"),
        (lambda: Question("q", ("A", "B"), CURVE.axes), "options or axes"),
        (lambda: Question("q", axes=Axes("", "y", (1.0, 2.0), 0.0, 1.0)), "horizontal axis"),
        (
            lambda: Question("q", axes=Axes("x", "y", (1.0,), 0.0, 1.0)),
            "places: 1; allowed: 2 to 60",
        ),
        (lambda: Question("q", axes=Axes("x", "y", (2.0, 1.0), 0.0, 1.0)), "ascending"),
        (lambda: Question("q", axes=Axes("x", "y", (1.0, 2.0), 1.0, 1.0)), "from 1 to 1; allowed"),
        (lambda: Question("q", axes=Axes("x", "y", (1.0, 2.0), 0.0, math.inf)), "from 0 to inf"),
        (lambda: Question("q", axes=Axes("x", "y", (1.0, 2.0), 0.0, 1.0, log=True)), "above 0"),
    ],
)
def test_a_question_that_cannot_be_names_field_value_and_what_is_allowed(made, named):
    with pytest.raises(BadQuestion) as refused:
        made()
    assert named in str(refused.value)
    assert (MOST, PLACES) == (6, 60)


@pytest.mark.parametrize("sent", [None, True, -1, 3, 1.0, "1", [0], {}])
def test_what_is_no_option_is_refused(sent):
    asked = Asked(CHOICE, 10)
    with pytest.raises(BadQuestion, match="a number from 0 to 2"):
        asked.take("p1", sent)
    assert asked.results() == {"count": 0, "counts": [0, 0, 0]}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        1,
        [],
        [1, 2],
        [1, 2, 3, 4],
        [1, 2, "3"],
        [1, 2, True],
        [1, 2, math.nan],
        [1, 2, 10**400],
    ],
)
def test_what_is_no_curve_is_refused(sent):
    with pytest.raises(BadQuestion, match="3 numbers, one a place"):
        Asked(CURVE, 10).take("p1", sent)


def test_a_page_answers_once_and_may_change_its_mind_until_it_is_revealed():
    asked = Asked(CHOICE, 2)
    for page, value in [("p1", 0), ("p2", 2), ("p1", 1)]:
        asked.take(page, value)
    assert asked.results() == {"count": 2, "counts": [0, 1, 1]}
    with pytest.raises(BadQuestion, match="2 pages have answered already"):
        asked.take("p3", 0)
    for page in ("", "x" * 65):
        with pytest.raises(BadQuestion, match="page: allowed"):
            asked.take(page, 0)
    asked.revealed = True
    with pytest.raises(BadQuestion, match="revealed"):
        asked.take("p1", 0)
    assert asked.results()["counts"] == [0, 1, 1]


def test_curves_are_brought_within_the_axis_and_summed_up_place_by_place():
    asked = Asked(CURVE, 1000)
    for number in range(101):
        asked.take(f"p{number}", [number / 100, 0.5, -7 if number < 60 else 9])
    found = asked.results()
    assert found["count"] == 101 and len(found["curves"]) == CURVES
    assert found["band"] == [[0.25, 0.5, 0.0], [0.5, 0.5, 0.0], [0.75, 0.5, 1.0]]
    assert found["curves"][-1] == (1.0, 0.5, 1.0)


def test_the_table_has_no_page_and_nothing_that_a_spreadsheet_would_compute():
    question = Question('=HYPERLINK("x")', ("+1", "-1", "@a", 'a, "b"'))
    asked = Asked(question, 10)
    for index in range(4):
        asked.take(f"secret{index}", index)
    rows = list(csv.reader(io.StringIO(asked.csv())))
    assert rows[0] == ["question", "answer"]
    assert [row[1] for row in rows[1:]] == ["'+1", "'-1", "'@a", 'a, "b"']
    assert {row[0] for row in rows[1:]} == {'\'=HYPERLINK("x")'}
    assert "secret" not in asked.csv()
    curves = Asked(CURVE, 10)
    curves.take("p1", [0.1, 0.2, 1])
    assert list(csv.reader(io.StringIO(curves.csv()))) == [
        ["question", "layer 1", "layer 2", "layer 3"],
        ["Draw it.", "0.1", "0.2", "1.0"],
    ]
    assert plain("\t=1") == "'\t=1"


def test_who_leads_sees_the_answers_while_they_come_and_the_class_once_they_are_revealed():
    async def test(rooms: Rooms) -> None:
        lecturer, _, code = await led(rooms)
        room, pages = rooms.find(code), [Page(rooms), Page(rooms)]
        for number, page in enumerate(pages):
            await page.say(**{"do": "enter", "as": "follow", "code": code, "page": f"p{number}"})
            await page_says(page, "shown")
        await page_says(lecturer, "people")
        rooms.ask(room, CHOICE)
        for page in pages:
            told = await page.hear()
            assert told is not None and told["text"] == "Which one learns?"
            assert told["options"] == ["A", "B", "both"]
            assert (told["results"], told["own"], told["revealed"]) == (None, None, False)
        await pages[0].say(do="answer", value=2)
        await pages[1].say(do="answer", value=1)
        await pages[1].say(do="answer", value=2)
        told = await page_says(lecturer, "asked")
        assert told["results"] == {"count": 2, "counts": [0, 0, 2]}
        assert await pages[0].quiet(), "the class sees nothing yet"
        await lecturer.say(do="reveal")
        for page in pages:
            told = await page.hear()
            assert told is not None and told["results"]["counts"] == [0, 0, 2] and told["own"] == 2
        rooms.reveal(room, 1)
        told = await pages[0].hear()
        assert told is not None and told["right"] == 1
        await lecturer.say(do="dismiss")
        assert await pages[0].hear() == {"is": "unasked"}

    in_rooms(test)


async def page_says(page: Page, kind: str) -> dict:
    """Read until a page is told something of this kind."""
    while (told := await page.hear() or {})["is"] != kind:
        pass
    return told


def test_a_page_that_comes_back_finds_its_answer_and_nobody_else_finds_it():
    async def test(rooms: Rooms) -> None:
        _, _, code = await led(rooms)
        rooms.ask(rooms.find(code), CURVE)
        own = []
        for number in ("p1", "p1", "p2"):
            page = Page(rooms)
            await page.say(**{"do": "enter", "as": "explore", "code": code, "page": number})
            own.append((await page_says(page, "asked"))["own"])
            await page.say(do="answer", value=[0.1, 0.2, 0.3])
            page.attendant.close()
        assert own == [None, [0.1, 0.2, 0.3], None]

    in_rooms(test)


@pytest.mark.parametrize("wish", ["reveal", "dismiss"])
def test_only_who_leads_reveals(wish):
    async def test(rooms: Rooms) -> None:
        lecturer, student, code = await led(rooms)
        rooms.ask(rooms.find(code), CHOICE)
        await student.hear()
        await student.say(do=wish)
        told = await student.hear()
        assert told is not None and "do: " + wish in told["values"]["text"]
        await lecturer.say(do="answer", value=0)
        assert "do: answer" in (await page_says(lecturer, "error"))["values"]["text"]
        asked = rooms.find(code).asked
        assert asked and not asked.revealed and asked.results()["count"] == 0

    in_rooms(test)


def test_an_answer_without_a_question_is_refused():
    async def test(rooms: Rooms) -> None:
        _, student, _ = await led(rooms)
        await student.say(do="answer", value=0)
        assert "nothing is asked" in (await page_says(student, "error"))["values"]["text"]

    in_rooms(test)


def test_what_a_run_shows_is_json_even_where_it_is_not_finite():
    asked = Asked(CURVE, 10)
    asked.right = (0.5, math.nan, math.inf)
    told = json.loads(json.dumps(asked.told(results=True), allow_nan=False))
    assert told["right"] == [0.5, None, None]
