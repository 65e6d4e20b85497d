"""The Lab page without a browser: controls, link, messages, and what the live view is given."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from normviz import catalog
from normviz.config import LaneConfig, RunConfig, from_link, parse, to_link

ROOT = Path(__file__).parents[2]


def lab(**link: str) -> AppTest:
    """Open the Lab with a link."""
    app = AppTest.from_file(str(ROOT / "normviz/ui/shell.py"), default_timeout=60)
    for name, value in link.items():
        app.query_params[name.replace("__", ".")] = value
    return app.run()


def given(app: AppTest) -> RunConfig:
    """Return the configuration that the live view was given."""
    component = app.main.get("bidi_component")[0].proto
    return parse(json.loads(component.json)["config"])


def link(app: AppTest) -> dict[str, str]:
    """Return the link as the browser shows it."""
    return {
        name: value[0] if isinstance(value, list) else value
        for name, value in app.query_params.items()
    }


def widgets(app: AppTest) -> dict[str, Any]:
    """Return all controls by their key."""
    kinds = ("selectbox", "slider", "select_slider", "number_input", "toggle", "button_group")
    return {str(widget.key): widget for kind in kinds for widget in app.sidebar.get(kind)}


def test_the_default_page_is_the_seed_network_and_its_whole_configuration_is_in_the_link():
    app = lab()
    assert not app.exception and not app.error
    assert given(app) == RunConfig()
    assert link(app) == to_link(RunConfig())


def test_every_field_has_a_control_with_an_explanation_and_a_formula():
    controls = widgets(lab())
    for field in LaneConfig.model_fields:
        assert "$" in controls[f"a.{field}"].help, field
    assert "$" in controls["steps"].help


def test_every_chosen_entry_shows_its_formula_below():
    captions = " ".join(caption.value for caption in lab(norm="batch").sidebar.caption)
    for table, name in (
        (catalog.NORMS, "batch"),
        (catalog.ACTIVATIONS, "sigmoid"),
        (catalog.INITIALIZERS, "xavier"),
        (catalog.OPTIMIZERS, "sgd"),
    ):
        assert table[name].formula in captions


def test_a_link_is_restored():
    app = lab(
        depth="3",
        width="64",
        norm="layer",
        place="after",
        affine="false",
        lr="0.037",
        activation="relu",
        seed="7",
        steps="500",
        b__init="he",
    )
    config = given(app)
    assert (
        config.lane.depth,
        config.lane.norm,
        config.lane.affine,
        config.lane.lr,
        config.steps,
    ) == (3, "layer", False, 0.037, 500)
    assert config.changes() == ({"init": "he"},)
    assert from_link(link(app)) == config


@pytest.mark.parametrize(
    ("nonsense", "field", "value", "allowed"),
    [
        ({"depth": "99"}, "depth", "99", "a whole number from 1 to 30"),
        ({"norm": "magic"}, "norm", "magic", "none, batch, layer"),
        ({"lr": "nan"}, "lr", "nan", "a number from 1e-06 to 100"),
        ({"b__depth": "x"}, "b.depth", "x", "a whole number from 1 to 30"),
        ({"colour": "red"}, "colour", "red", "no such field"),
        ({"b__depth": "2", "c__depth": "3"}, "b.", "more than one", "one lane b"),
    ],
)
def test_a_link_with_nonsense_opens_the_default_and_says_field_value_and_range(
    nonsense, field, value, allowed
):
    app = lab(**nonsense)
    assert not app.exception
    assert given(app) == RunConfig()
    message = app.error[0].value
    assert field in message and value in message and allowed in message


def test_what_a_link_says_is_shown_verbatim():
    message = lab(depth="`[click](http://evil.example)`").error[0].value
    assert "`''[click](http://evil.example)''`" in message


def test_the_message_goes_away_with_the_first_change():
    app = lab(depth="99")
    widgets(app)["a.depth"].set_value(4).run()
    assert not app.error and given(app).lane.depth == 4


def test_a_changed_control_changes_the_link_and_the_run():
    app = lab()
    widgets(app)["a.norm"].set_value("batch").run()
    assert given(app).lane.norm == "batch" and link(app)["norm"] == "batch"


def test_compare_with_repeats_the_network_with_one_control_changed():
    app = lab()
    widgets(app)["compare"].set_value("norm").run()
    assert not app.exception
    assert given(app).changes() == ({"norm": "batch"},) and link(app)["b.norm"] == "batch"
    widgets(app)["b.norm"].set_value("layer").run()
    assert given(app).changes() == ({"norm": "layer"},)
    widgets(app)["compare"].set_value("").run()
    assert given(app).changes() == () and "b.norm" not in link(app)


@pytest.mark.parametrize("field", list(LaneConfig.model_fields))
def test_every_control_can_be_compared_and_starts_with_a_different_value(field):
    app = lab()
    widgets(app)["compare"].set_value(field).run()
    assert not app.exception
    first, second = given(app).lanes()
    assert getattr(first, field) != getattr(second, field)


def test_learning_rate_slider_and_number_follow_each_other():
    app = lab()
    widgets(app)["a.lr"].set_value(0.3).run()
    assert given(app).lane.lr == 0.3 and widgets(app)["a.lr.slider"].value in (0.2, 0.5)
    widgets(app)["a.lr.slider"].set_value(5.0).run()
    assert given(app).lane.lr == 5.0 and widgets(app)["a.lr"].value == 5.0


def test_a_new_normalization_appears_in_control_link_and_lane_title(monkeypatch):
    monkeypatch.setitem(
        catalog.NORMS,
        "dummy",
        catalog.Choice("Dummy", "y = x", "For a test.", "normviz.nn.norms.none:NoNorm"),
    )
    app = lab(norm="dummy")
    assert not app.exception
    assert given(app).lane.norm == "dummy" and link(app)["norm"] == "dummy"
    assert "Dummy" in widgets(app)["a.norm"].options
