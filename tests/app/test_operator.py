"""The page for operators: who sees it, and what is on it."""

from typing import Any, get_origin, get_type_hints

import pytest
from streamlit.testing.v1 import AppTest

from normviz.engine.numbers import Numbers
from normviz.engine.running import Kept
from normviz.settings import Settings
from normviz.ui import operator, sign_in
from tests.browser.serving import ROOT

SHELL = str(ROOT / "normviz/ui/shell.py")
PAGE = "../../pages/operator.py"
TOKEN = "a-long-token-of-the-numbers"


#: The kind of every number: a count, whether something is so, or numbers that belong together.
KINDS: dict[str, Any] = {
    name: get_origin(hint) or hint for name, hint in get_type_hints(Numbers).items()
}


class Engine:
    """Answers as the running engine does."""

    def __init__(self, runs: int = 1) -> None:
        self.frames, self.count = 0, runs

    def numbers(self) -> Numbers | None:
        self.frames += 120
        # every number is 0, and nothing is true, but for these
        known = {name: kind() for name, kind in KINDS.items()}
        known |= {"runs": {"running": 2, "ended": 3}, "workers": 4, "ready": 3, "deaths": 7}
        known |= {"frames": self.frames, "record_bytes": 5 * 2**20}
        known |= {"frame_age_seconds": 0.0025 * self.frames}
        return Numbers(**known)

    def runs(self) -> tuple[Kept, ...]:
        return tuple(
            Kept(f"run-{i}", "running", 10, 1000, 99.6, 3, 2**19) for i in range(self.count)
        )


@pytest.fixture
def engine(monkeypatch) -> Engine:
    found = Engine()
    monkeypatch.setattr(operator, "running", lambda: found)
    return found


def opened(monkeypatch, visitor: str | None = None, **settings: str) -> AppTest:
    """The page's address, as this visitor opens it."""
    for name, value in settings.items():
        monkeypatch.setenv(f"NORMVIZ_{name}", value)
    monkeypatch.setattr(sign_in, "visitor", lambda _: visitor)
    app = AppTest.from_file(SHELL, default_timeout=60).run()
    assert not app.exception
    return app


def titles(app: AppTest) -> list[str]:
    return [title.value for title in app.title]


def metric(app: AppTest, label: str) -> str:
    (found,) = (metric.value for metric in app.metric if metric.label == label)
    return found


PROXY = {"SIGN_IN": "proxy", "PROXIES": "10.0.0.7", "OPERATORS": "ada grace"}


def test_an_operator_sees_every_number_and_every_setting(monkeypatch, engine):
    app = opened(monkeypatch, "grace", METRICS_TOKEN=TOKEN, **PROXY).switch_page(PAGE).run()
    assert not app.exception and titles(app) == ["Operator"]
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Training processes"] == "4" and shown["of them warm"] == "3"
    assert shown["died and replaced"] == "7" and shown["Memory of records"] == "5.0 MB"
    assert float(shown["Memory of all processes"].removesuffix(" MB").replace(",", "")) > 50
    # one for every count; frames also as a rate and by their age, and the processes' memory
    assert len(shown) == sum(kind is int for kind in KINDS.values()) + 3
    # and a sentence for numbers that belong together
    sentences = [said.value for said in app.markdown]
    assert sentences[0] == "**Runs kept**: 3 ended, 2 running"
    assert metric(app, "Age of a frame, mean") == "2.5 ms"
    assert len(sentences) == sum(kind not in (int, bool, float, tuple) for kind in KINDS.values())
    runs, settings = (table.value for table in app.table)
    assert list(runs["run"]) == ["run-0"] and list(runs["step"]) == ["10 of 1,000"]
    values = dict(zip(settings["variable"], settings["value"], strict=True))
    assert set(values) == {f"NORMVIZ_{name.upper()}" for name in Settings.model_fields}
    assert values["NORMVIZ_METRICS_TOKEN"] == "set" and values["NORMVIZ_PROXIES"] == "10.0.0.7/32"
    assert TOKEN not in str(app.main)


@pytest.mark.parametrize(
    ("visitor", "settings"),
    [("eve", PROXY), ("ada ", PROXY), ("eve", PROXY | {"METRICS_TOKEN": TOKEN}), (None, {})],
)
def test_nobody_else_has_such_a_page(monkeypatch, engine, visitor, settings):
    app = opened(monkeypatch, visitor, **settings)
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page(PAGE)


def test_who_has_not_signed_in_is_asked_to_on_every_page(monkeypatch, engine):
    app = opened(monkeypatch, None, **PROXY)
    assert titles(app) == ["normviz"] and "told no name" in app.error[0].value
    assert not app.sidebar.children


def test_without_a_sign_in_the_token_opens_it(monkeypatch, engine):
    app = opened(monkeypatch, METRICS_TOKEN=TOKEN).switch_page(PAGE).run()
    assert titles(app) == ["Operator"] and not app.metric and not app.table
    app.text_input(key="operator.typed").input(TOKEN[:-1]).run()
    assert "not the token" in app.error[0].value and not app.metric
    app.text_input(key="operator.typed").input(TOKEN).run()
    assert app.metric and not app.error and not app.text_input


def test_the_rate_of_frames_comes_from_two_looks(monkeypatch, engine):
    times = iter([100.0, 102.0])
    monkeypatch.setattr(operator.time, "monotonic", lambda: next(times))
    app = opened(monkeypatch, "ada", **PROXY).switch_page(PAGE).run()
    assert metric(app, "Frames a second") == "…"
    assert metric(app.run(), "Frames a second") == "60"


def test_many_runs_are_cut_and_an_engine_that_is_silent_is_named(monkeypatch, engine):
    engine.count = 60
    app = opened(monkeypatch, "ada", **PROXY).switch_page(PAGE).run()
    assert len(app.table[0].value) == 50
    assert "newest 50 of 60" in [caption.value for caption in app.caption][-1]
    monkeypatch.setattr(engine, "numbers", lambda: None)
    assert "does not answer" in app.run().warning[0].value
