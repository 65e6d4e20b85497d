"""The Lab page without a browser: controls, link, messages, and what the live view is given."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from normviz import catalog
from normviz.config import (
    CHOICES,
    LaneConfig,
    RunConfig,
    from_link,
    matters,
    parse,
    to_link,
)
from normviz.config.presets import PRESETS

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
    kinds = (
        "selectbox",
        "slider",
        "select_slider",
        "number_input",
        "toggle",
        "button_group",
        "multiselect",
    )
    return {str(widget.key): widget for kind in kinds for widget in app.sidebar.get(kind)}


def needed(field: str) -> dict[str, str]:
    """Return a link on which the field has an effect, for one that the default network does not use."""
    if matters(field, LaneConfig().model_dump()):
        return {}
    return next(
        {name: entry}
        for name, table in CHOICES.items()
        for entry, choice in table.items()
        if choice.touches(field)
    )


def test_the_default_page_is_the_seed_network_and_its_whole_configuration_is_in_the_link():
    app = lab()
    assert not app.exception and not app.error
    assert given(app) == RunConfig()
    assert link(app) == to_link(RunConfig())


def test_every_field_has_a_control_with_an_explanation_and_a_formula():
    controls = widgets(lab())
    for field in set(LaneConfig.model_fields) - {"own"}:  # an upload sets that
        shown = widgets(lab(**needed(field))) if needed(field) else controls
        assert "$" in shown[f"a.{field}"].help, field
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
        ({"depth": "101"}, "depth", "101", "a whole number from 1 to 100"),
        ({"norm": "magic"}, "norm", "magic", "none, batch, layer"),
        ({"lr": "nan"}, "lr", "nan", "a number from 1e-06 to 100"),
        ({"b__depth": "x"}, "b.depth", "x", "a whole number from 1 to 100"),
        ({"colour": "red"}, "colour", "red", "no such field"),
        ({"depth@5": "3"}, "depth@5", "3", "what can change in the middle of a run: dataset"),
        ({"lr@0": "3"}, "lr@0", "0", "a whole number from 1 to 99,999"),
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
    app = lab(depth="101")
    widgets(app)["a.depth"].set_value(4).run()
    assert not app.error and given(app).lane.depth == 4


def test_a_changed_control_changes_the_link_and_the_run():
    app = lab()
    widgets(app)["a.norm"].set_value("batch").run()
    assert given(app).lane.norm == "batch" and link(app)["norm"] == "batch"


def test_compare_with_repeats_the_network_with_one_control_changed():
    app = lab()
    widgets(app)["b.differs"].set_value(["norm"]).run()
    assert not app.exception
    assert given(app).changes() == ({"norm": "batch"},) and link(app)["b.norm"] == "batch"
    widgets(app)["b.norm"].set_value("layer").run()
    assert given(app).changes() == ({"norm": "layer"},)
    widgets(app)["b.differs"].set_value([]).run()
    assert given(app).changes() == () and "b.norm" not in link(app)


def test_up_to_four_lanes_with_several_differences_each():
    app = lab()
    for lane, fields in (("b", ["norm"]), ("c", ["norm", "lr"]), ("d", ["init"])):
        assert f"{lane}.differs" in widgets(app)
        widgets(app)[f"{lane}.differs"].set_value(fields).run()
    assert not app.exception
    assert [list(changes) for changes in given(app).changes()] == [
        ["norm"],
        ["norm", "lr"],
        ["init"],
    ]
    assert given(lab(**{k.replace(".", "__"): v for k, v in link(app).items()})) == given(app)
    widgets(app)["c.differs"].set_value([]).run()
    assert [list(changes) for changes in given(app).changes()] == [["norm"], ["init"]]
    assert widgets(app)["c.differs"].value == ["init"] and widgets(app)["d.differs"].value == []


def test_a_change_on_the_way_is_listed_and_can_be_taken_back():
    app = lab(**{"b__norm@120": "batch", "lr@300": "0.5"})
    assert not app.exception and not app.error
    assert given(app).forks() == {1: 120}
    said = [text.value for text in app.sidebar.markdown]
    assert "**B**, step 120: Normalization: Batch" in said
    assert "**A**, step 300: Learning rate: 0.5" in said
    app.sidebar.button(key="turn.remove.0").click().run()
    assert given(app).others == () and len(given(app).interventions) == 1
    assert "b.norm@120" not in link(app)


def test_a_removed_lane_takes_no_other_lanes_changes_along():
    app = lab(**{"b__norm": "batch", "c__lr@50": "1.0"})
    widgets(app)["b.differs"].set_value([]).run()
    assert not app.exception
    assert link(app)["b.lr@50"] == "1.0" and given(app).forks() == {1: 50}


@pytest.mark.parametrize("name", list(PRESETS))
def test_a_preset_sets_every_control_and_is_a_link(name):
    app = lab(depth="3", b__lr="0.5")
    app.sidebar.selectbox(key="preset").set_value(name).run()
    assert not app.exception and not app.error
    assert given(app) == from_link(PRESETS[name].link)
    assert link(app) == to_link(from_link(PRESETS[name].link))
    assert any(PRESETS[name].about == caption.value for caption in app.sidebar.caption)


@pytest.mark.parametrize("field", sorted(set(LaneConfig.model_fields) - {"own"}))
def test_every_control_can_be_compared_and_starts_with_a_different_value(field):
    app = lab(**needed(field))
    widgets(app)["b.differs"].set_value([field]).run()
    assert not app.exception
    first, second = given(app).lanes()
    assert getattr(first, field) != getattr(second, field)


def test_learning_rate_slider_and_number_follow_each_other():
    app = lab()
    widgets(app)["a.lr"].set_value(0.3).run()
    assert given(app).lane.lr == 0.3 and widgets(app)["a.lr.slider"].value in (0.2, 0.5)
    widgets(app)["a.lr.slider"].set_value(5.0).run()
    assert given(app).lane.lr == 5.0 and widgets(app)["a.lr"].value == 5.0


@pytest.mark.parametrize(
    ("field", "choice", "using", "other"),
    [
        ("init_std", "init", "normal", "he"),
        ("init_std", "init", "constant", "lsuv"),
        ("gain", "init", "lsuv", "zeros"),
        ("whiten_eps", "preprocessing", "zca", "zscore"),
    ],
)
def test_a_control_is_shown_with_the_choices_that_use_it_and_keeps_its_value(
    field, choice, using, other
):
    app = lab(**{choice: using, field: "0.5"})
    assert widgets(app)[f"a.{field}"].value == 0.5
    for _ in range(2):
        widgets(app)[f"a.{choice}"].set_value(other).run()
        assert not app.exception
        assert f"a.{field}" not in widgets(app) and link(app)[field] == "0.5"
        app.run()
        widgets(app)[f"a.{choice}"].set_value(using).run()
        assert (
            widgets(app)[f"a.{field}"].value == 0.5
            and given(app).lane == parse({"lane": {choice: using, field: 0.5}}).lane
        )


def test_a_control_that_only_lane_b_uses_is_shown():
    app = lab(preprocessing="raw", b__preprocessing="pca")
    widgets(app)["a.whiten_eps"].set_value(0.02).run()
    assert given(app).lanes()[1].whiten_eps == 0.02
    widgets(app)["b.differs"].set_value([]).run()
    assert not app.exception and "a.whiten_eps" not in widgets(app)


@pytest.mark.parametrize(("value", "opened"), [("0.0", False), ("0.01", True)])
def test_rare_controls_are_behind_a_click_unless_the_link_sets_them(value, opened):
    app = lab(weight_decay=value)
    (more,) = (box for box in app.sidebar.expander if box.label == "More")
    assert more.proto.expanded == opened
    assert {widget.key for widget in more.number_input} == {"a.gain", "a.weight_decay", "a.clip"}
    widgets(app)["a.clip"].set_value(2.5).run()
    (more,) = (box for box in app.sidebar.expander if box.label == "More")
    assert given(app).lane.clip == 2.5 and more.proto.expanded == opened


def test_data_that_are_not_on_this_server_are_marked_and_passed_over(monkeypatch):
    monkeypatch.setattr("normviz.data.svhn.available", lambda: False)
    monkeypatch.setattr("normviz.data.fashion.available", lambda: True)
    app = lab(dataset="svhn")
    assert not app.exception and given(app).lane.dataset == "svhn"
    options = widgets(app)["a.dataset"].options
    assert "Street View house numbers (not on this server)" in options
    assert "Fashion-MNIST, 28 x 28" in options
    monkeypatch.setattr("normviz.data.fashion.available", lambda: False)
    monkeypatch.setattr("normviz.data.mnist_full.available", lambda: False)
    app = lab(dataset="two_domains")
    widgets(app)["b.differs"].set_value(["dataset"]).run()
    assert given(app).changes() == ({"dataset": "gaussian"},)


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


def recording_of(app: AppTest) -> str:
    """Return the id of the recording that the live view was given."""
    component = app.main.get("bidi_component")[0].proto
    return json.loads(component.json)["recording"]


def test_a_link_names_a_recording_until_a_control_is_touched():
    app = lab(norm="batch", recording="recording-0123456789abcdef")
    assert not app.exception and not app.error
    assert recording_of(app) == link(app)["recording"] == "recording-0123456789abcdef"
    app.run()
    assert recording_of(app) and given(app).lane.norm == "batch"
    widgets(app)["a.norm"].set_value("layer").run()
    assert recording_of(app) == "" and "recording" not in link(app)
    widgets(app)["a.norm"].set_value("batch").run()
    assert recording_of(app) == ""
