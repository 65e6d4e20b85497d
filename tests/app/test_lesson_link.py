"""A lesson's link: a reload keeps guess and settings, and what is malformed is said and left out."""

import pytest

from normviz.config import parse
from normviz.lessons import LESSONS, Choice
from normviz.lessons.lesson import Sketch
from normviz.ui.lessons import link
from normviz.ui.lessons.state import slot
from tests.app.test_lessons import live, opened, skip, texts

NAME, SKETCHED, SEVERAL = "inference", "vanishing", "break_bn"


def reloaded(name, **query):
    """Open a page by its link in a new session."""
    app = opened("lessons")
    for field, value in query.items():
        app.query_params[field] = value
    return app.switch_page(f"../../pages/{name}.py").run()


def query(app):
    return {field: "".join(values) for field, values in dict(app.query_params).items()}


def said(app):
    return "\n".join(each.value for each in app.main.error)


def test_nothing_is_in_the_link_before_anything_was_touched():
    assert query(opened(NAME)) == {}


def test_a_reload_keeps_guess_and_settings():
    app = skip(opened(NAME))
    app.main.number_input(key=slot(NAME, "set.b.momentum")).set_value(0.05).run()
    assert query(app) == {"guess": "skipped", "b.momentum": "0.05"}
    config = parse(live(app)["config"])
    again = reloaded(NAME, **query(app))
    assert not again.exception and not said(again)
    assert parse(live(again)["config"]) == config and config.changes()[0] == {"momentum": 0.05}
    assert "You skipped the guess" in texts(again)
    (back,) = (b for b in again.main.button if b.label == "Back to the lesson's settings")
    back.click().run()
    assert query(again) == {"guess": "skipped"}
    assert parse(live(again)["config"]) == LESSONS[NAME].config()


def test_a_reload_keeps_a_choice():
    asked = LESSONS[NAME].guess
    assert isinstance(asked, Choice)
    app = reloaded(NAME, guess="3")
    assert f"You say: **{asked.options[2]}**" in texts(app)
    (again,) = (b for b in app.main.button if b.label == "Guess again")
    again.click().run()
    assert query(app) == {} and asked.question in texts(app)


def test_the_run_that_is_shown_keeps_its_guess_and_settings():
    shown = LESSONS[SEVERAL].further[1]
    app = reloaded(SEVERAL, run="3", guess="1", **{"3.guess": "skipped", "3.lr": "0.05"})
    assert not app.exception and not said(app) and shown.about in texts(app)
    assert parse(live(app)["config"]) == shown.config(lr="0.05")
    assert query(app) == {"run": "3", "guess": "1", "3.guess": "skipped", "3.lr": "0.05"}


@pytest.mark.parametrize(
    ("name", "field", "value", "allowed"),
    [
        (NAME, "guess", "4", "one of 1, 2, 3, or skipped"),
        (NAME, "guess", "", "one of 1, 2, 3, or skipped"),
        (SKETCHED, "guess", "1_2", "11 numbers from"),
        (SKETCHED, "guess", "_".join(["nan"] * 11), "11 numbers from"),
        (SKETCHED, "guess", "1_" * 5000, "11 numbers from"),
        (NAME, "lr", "fast", "a number from 1e-06 to 100"),
        (NAME, "b.momentum", "7", "0 to 1"),
        (NAME, "depth", "3", "the fields are guess, activation, batch_size, lr, momentum"),
        (NAME, "run", "2", "no such field"),
        (SEVERAL, "run", "9", "one of 1, 2, 3, 4"),
        (SEVERAL, "2.guess", "x", "or skipped"),
        (NAME, "`<b>`", "*x*", "no such field"),
    ],
)
def test_what_is_malformed_is_said_and_left_out(name, field, value, allowed):
    app = reloaded(name, **{field: value})
    assert not app.exception
    assert "left out" in said(app) and allowed in said(app)
    assert field.replace("`", "'") in said(app) and len(said(app)) < 1000
    assert query(app) == {} and slot(name, "guess") not in app.session_state
    skip(app)
    assert not said(app) and parse(live(app)["config"]) == LESSONS[name].config()


def test_the_rest_of_a_malformed_link_counts_and_what_streamlit_says_stays():
    app = reloaded(NAME, guess="2", lr="fast", momentum="0.5", embed="true")
    assert "lr" in said(app) and query(app) == {"guess": "2", "momentum": "0.5", "embed": "true"}
    assert parse(live(app)["config"]).lane.momentum == 0.5


def test_a_setting_beyond_its_range_is_left_out():
    app = reloaded("covariate_shift", guess="1", depth="99999")
    assert "depth" in said(app) and query(app) == {"guess": "1"}


@pytest.mark.parametrize("name", list(LESSONS))
def test_every_guess_survives_its_link(name):
    for asked in (each.guess for each in (LESSONS[name], *LESSONS[name].further)):
        if isinstance(asked, Choice):
            for number in range(len(asked.options)):
                assert link.read_guess(link.write_guess(number), asked) == number
        else:
            share = [place / len(asked.at) for place in range(len(asked.at))]
            drawn = tuple(asked.low + (asked.high - asked.low) * each for each in share)
            read = link.read_guess(link.write_guess(drawn), asked)
            assert read == pytest.approx(drawn, rel=1e-3)
        assert link.read_guess(link.write_guess(None), asked) is None


def test_a_drawn_curve_comes_back():
    asked = LESSONS[SKETCHED].guess
    assert isinstance(asked, Sketch)
    drawn = tuple(asked.high / 2 for _ in asked.at)
    app = reloaded(SKETCHED, guess=link.write_guess(drawn))
    assert "Your curve is kept" in texts(app)
    assert app.session_state[slot(SKETCHED, "guess")] == pytest.approx(drawn, rel=1e-3)
