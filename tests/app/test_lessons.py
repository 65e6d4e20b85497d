"""The pages of the lessons without a browser: navigation, guess, run, what happened, and the Lab beside them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from normviz.config import LaneConfig, from_link, matters, parse, to_link
from normviz.engine.running import Recorded
from normviz.frames import encode
from normviz.lessons import LESSONS, Choice, Claim, Sketch
from normviz.lessons.glossary import TERMS
from normviz.train.trainer import Trainer
from normviz.ui.lessons import controls, happened, predict
from normviz.ui.lessons.state import slot

ROOT = Path(__file__).parents[2]


def opened(name: str = "lab") -> AppTest:
    """Open the app and go to a page."""
    app = AppTest.from_file(str(ROOT / "normviz/ui/shell.py"), default_timeout=90).run()
    return go(app, name) if name != "lab" else app


def go(app: AppTest, name: str) -> AppTest:
    """Go to another page as a link does: the address loses its query."""
    app.query_params.clear()
    return app.switch_page(f"../../pages/{name}.py").run()


def live(app: AppTest) -> dict[str, Any]:
    """Return what the live view was given."""
    found = [json.loads(part.proto.json) for part in app.main.get("bidi_component")]
    return next(data for data in found if "config" in data)


def skip(app: AppTest) -> AppTest:
    (button,) = (button for button in app.main.button if button.label == "Skip the guess")
    return button.click().run()


@cache
def record(name: str, number: int = 0) -> Recorded:
    """Return two steps of a lesson's run: it has ended early. Further ones begin with number 1."""
    lesson = LESSONS[name]
    config = (lesson, *lesson.further)[number].config()
    trainer = Trainer(config)
    frames = [trainer.frame()]
    while len(frames) < 3 and not trainer.finished:
        if frame := trainer.step(measure=True):
            frames.append(frame)
    data = tuple(encode(trainer.schema, frame, seq) for seq, frame in enumerate(frames))
    return Recorded(config, json.loads(json.dumps(trainer.schema.to_json())), data)


def choose(app: AppTest, name: str, number: int) -> AppTest:
    """Choose one of a lesson's runs."""
    (pills,) = (each for each in app.main.button_group if each.key == slot(name, "run.shown"))
    return pills.set_value(number).run()


class Engine:
    """Knows one run."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded

    def record(self, run: str) -> Recorded | None:
        return self.recorded if run == "the run" else None


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.main.markdown, *app.main.caption))


@pytest.mark.parametrize("name", list(LESSONS))
def test_a_lesson_asks_then_runs_then_says_what_happened(name, monkeypatch):
    lesson = LESSONS[name]
    app = opened(name)
    assert not app.exception
    said = texts(app)
    assert lesson.question in said and lesson.about in said and lesson.guess.question in said
    assert app.main.title[0].value == lesson.title
    skip(app)
    assert not app.exception
    given = live(app)
    assert parse(given["config"]) == lesson.config() and given["until"] == lesson.until
    assert given["charts"] == list(lesson.charts) and "Press **Train**" in texts(app)
    monkeypatch.setattr(happened, "running", lambda: Engine(record(name)))
    app.session_state[slot(name, "run")] = "the run"
    app.run()
    assert not app.exception
    said = texts(app)
    assert "Press **Train**" not in said and "| what must come out | this run |" not in said
    assert "The run ended at step 2," in said or lesson.until <= 2


@pytest.mark.parametrize("name", [name for name, lesson in LESSONS.items() if lesson.further])
def test_each_further_run_asks_runs_and_says_what_happened(name, monkeypatch):
    lesson, app = LESSONS[name], skip(opened(name))
    assert parse(live(app)["config"]) == lesson.config()
    for number, run in enumerate(lesson.further, 1):
        choose(app, name, number)
        said = texts(app)
        assert not app.exception and run.about in said and run.guess.question in said
        assert "skipped the guess" not in said, "every run has a guess of its own"
        given = live(skip(app))
        assert parse(given["config"]) == run.config() and given["until"] == run.until
        assert given["charts"] == list(run.charts) and "Press **Train**" in texts(app)
        monkeypatch.setattr(happened, "running", lambda number=number: Engine(record(name, number)))
        app.session_state[slot(f"{name}.{number}", "run")] = "the run"
        app.run()
        assert not app.exception and "Press **Train**" not in texts(app)
    choose(app, name, 0)
    assert parse(live(app)["config"]) == lesson.config() and "skipped the guess" in texts(app)


@pytest.mark.parametrize("name", ["bn_steps", "gamma_beta", "inference"])
def test_what_is_checked_where_nothing_was_published_is_on_the_page(name):
    lesson, app = LESSONS[name], opened(name)
    said = texts(app)
    assert lesson.published in said and "| what must come out | here | band | |" in said
    assert lesson.checks is not None
    for claim in lesson.checks():
        assert claim.label in said
    assert "✓ inside" in said and "✗ outside" not in said


@pytest.mark.parametrize("name", ["lessons", "glossary"])
def test_index_and_glossary_open(name):
    app = opened(name)
    assert not app.exception
    links = [link.proto.page for link in app.main.get("page_link")]
    assert set(LESSONS) <= set(links)


def test_the_navigation_names_all_pages_in_reading_order():
    app = opened("lessons")
    labels = [link.proto.label for link in app.sidebar.get("page_link")]
    numbered = [f"{n}. {lesson.title}" for n, lesson in enumerate(LESSONS.values(), 1)]
    assert labels[:2] == ["Lab", "Lessons"] and labels[2 : 2 + len(numbered)] == numbered
    assert "Glossary" in labels
    assert [link.proto.label for link in opened().sidebar.get("page_link")][:3] == [
        "Lab",
        "Lessons",
        "Glossary",
    ]


def test_the_lab_is_as_it_was_after_a_visit_to_a_lesson():
    app = opened()
    app.sidebar.slider(key="a.depth").set_value(3).run()
    app.sidebar.multiselect(key="b.differs").set_value(["norm", "lr"]).run()
    before = parse(live(app)["config"])
    go(app, "vanishing")
    go(app, "lessons")
    assert not app.exception
    go(app, "lab")
    assert not app.exception and parse(live(app)["config"]) == before
    assert app.sidebar.multiselect(key="b.differs").value == ["norm", "lr"]
    app.sidebar.slider(key="a.depth").set_value(5).run()
    assert parse(live(app)["config"]).lane.depth == 5


def test_open_in_the_lab_takes_the_lessons_run_along():
    app = opened()
    app.sidebar.slider(key="a.depth").set_value(3).run()
    skip(go(app, "vanishing"))
    (link,) = (link.proto for link in app.main.get("page_link") if "in the Lab" in link.proto.label)
    query = dict(pair.split("=") for pair in link.query_string.split("&"))
    app.query_params.clear()
    app.switch_page("../../pages/lab.py")
    for field, value in query.items():
        app.query_params[field] = value.replace("%40", "@")
    app.run()
    config = parse(live(app)["config"])
    assert not app.exception and config.changes() == ({"norm": "batch"},)
    assert config.lane == LESSONS["vanishing"].config().lane and config.steps == 10_000


def test_a_changed_setting_is_kept_and_said_to_be_another_run(monkeypatch):
    name = "vanishing"
    app = skip(opened(name))
    app.main.slider(key=slot(name, "set.depth")).set_value(4).run()
    assert parse(live(app)["config"]).lane.depth == 4
    go(app, "lessons")
    go(app, name)
    assert parse(live(app)["config"]).lane.depth == 4
    (back,) = (b for b in app.main.button if b.label == "Back to the lesson's settings")
    back.click().run()
    assert not app.exception and parse(live(app)["config"]) == LESSONS[name].config()


def test_a_choice_is_committed_and_comes_back_beside_what_came_out(monkeypatch):
    name = next(name for name, lesson in LESSONS.items() if isinstance(lesson.guess, Choice))
    guess = LESSONS[name].guess
    assert isinstance(guess, Choice)
    options, app = guess.options, opened(name)
    (commit,) = (button for button in app.main.button if button.label == "Commit")
    assert commit.disabled
    app.main.radio(key=slot(name, "choice")).set_value(0).run()
    (commit,) = (button for button in app.main.button if button.label == "Commit")
    commit.click().run()
    assert not app.exception and f"You say: **{options[0]}**" in texts(app)
    go(app, "lessons")
    go(app, name)
    assert f"You say: **{options[0]}**" in texts(app)


@pytest.mark.parametrize(
    "sent",
    [None, 3, [], [1.0, 2.0], [1.0, 2.0, "3"], [1.0, True, 2.0], {"0": 1}, [1.0, 2.0, None]],
)
def test_what_is_no_sketch_is_no_guess(sent):
    assert predict.drawn(sent, Sketch("", "", "", (1, 2, 3), 0.0, 1.0)) is None


def test_a_sketch_stays_on_its_axis():
    assert predict.drawn([-5, 0.5, 9.0], Sketch("", "", "", (1, 2, 3), 0.0, 1.0)) == (0.0, 0.5, 1.0)


def test_the_claims_are_a_table():
    claims = (Claim("a", 0.5, 0.0, 1.0, "why"), Claim("b", float("nan"), 1e-7, float("inf")))
    rows = happened.table(claims).splitlines()
    assert len(rows) == 4
    assert "| a :small[:gray[why]] | 0.5 | 0 to 1 | ✓ inside |" in rows[2]
    assert "at least $1.00 \\cdot 10^{-7}$" in rows[3] and "✗ outside" in rows[3]


def test_another_seed_is_still_the_lessons_own_run():
    lesson = LESSONS["vanishing"]
    assert controls.original(lesson, lesson.config(seed="7"))
    assert not controls.original(lesson, lesson.config(depth="7"))


def test_every_term_names_a_lesson_and_a_control_that_has_an_effect():
    assert list(TERMS) == sorted(TERMS, key=str.lower)
    for name, term in TERMS.items():
        assert term.lesson in LESSONS, name
        config = from_link(term.link)
        assert matters(term.control, config.lane.model_dump()), name
        assert term.control in LaneConfig.model_fields


def test_a_link_to_a_control_leaves_the_labs_network_alone():
    app = opened()
    app.sidebar.slider(key="a.depth").set_value(3).run()
    go(app, "glossary")
    app.switch_page("../../pages/lab.py")
    app.query_params["control"] = "lr"
    app.run()
    assert not app.exception and parse(live(app)["config"]).lane.depth == 3
    assert live(app)["control"] == "a-lr"
    assert to_link(parse(live(app)["config"]))["lr"] == "0.1"
