"""Links for a class: what they show, lock and open, and how they are made."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from normviz.config import RunConfig, from_link, to_link
from normviz.config.presets import PRESETS
from normviz.ui import lecture
from normviz.ui.attempts import attempt
from normviz.ui.link import restore
from tests.app.test_lab import given, lab, link, widgets


def told(app):
    """Return what the live view was told."""
    return json.loads(app.main.get("bidi_component")[0].proto.json)


def drawn(app):
    """Return the keys of all controls."""
    return set(widgets(app))


def test_a_link_shows_only_the_controls_it_names():
    app = lab(show="norm,activation", norm="batch", weight_decay="0.01", b__lr="0.5")
    assert not app.exception and not app.error
    assert drawn(app) == {"a.norm", "a.activation"}
    assert [header.value for header in app.sidebar.subheader] == ["Network"]
    widgets(app)["a.activation"].set_value("relu").run()
    config = given(app)
    assert (config.lane.activation, config.lane.norm, config.lane.weight_decay) == (
        "relu",
        "batch",
        0.01,
    )
    assert config.changes() == ({"lr": 0.5},)
    assert link(app) == {**to_link(config), "show": "norm,activation"}


def test_locked_controls_are_drawn_and_do_nothing():
    app = lab(lock="dataset,seed,lr,affine,norm,steps", dataset="digits", seed="5")
    assert not app.exception and not app.error
    controls = widgets(app)
    locked = {"a.dataset", "a.seed", "a.lr", "a.lr.slider", "a.affine", "a.norm", "steps"}
    off = {name for name, widget in controls.items() if widget.proto.disabled}
    assert off == {name for name in locked if name in controls}
    assert "Normalization" not in controls["b.differs"].options
    assert given(app).lane.seed == 5
    assert link(app)["lock"] == "dataset,seed,lr,affine,norm,steps"


def test_a_locked_lane_keeps_its_difference():
    app = lab(lock="norm", b__norm="batch", c__lr="0.5")
    controls = widgets(app)
    assert controls["b.differs"].proto.disabled and controls["b.norm"].proto.disabled
    assert not controls["c.differs"].proto.disabled and not controls["c.lr"].proto.disabled


def test_presets_and_the_making_of_links_are_not_offered_where_something_is_fixed():
    assert "preset" not in {box.key for box in lab(lock="seed").sidebar.selectbox}
    assert "preset" in {box.key for box in lab().sidebar.selectbox}
    labels = [
        [box.label for box in lab(**query).sidebar.expander] for query in ({"show": "lr"}, {})
    ]
    assert "Share a link for a class" in labels[1] and "Share a link for a class" not in labels[0]


def test_the_view_is_told_what_to_leave_out():
    assert told(lab())["closed"] == [] and told(lab())["view"] == ""
    assert told(lab(lock="lanes,changes"))["closed"] == ["lanes", "changes"]
    assert told(lab(show="seed,changes"))["closed"] == ["lanes", "changes"]
    assert told(lab(view="projector"))["view"] == "projector"


def test_a_remedy_that_touches_what_is_fixed_is_refused():
    state = {}
    restore(state, {})
    lecture.restore(state, {"lock": "norm"})
    assert (
        attempt(state, {"lane": 0, "changes": {"norm": "batch"}})
        == "This link does not offer it: Normalization."
    )
    assert attempt(state, {"lane": 0, "changes": {"lr": 0.5}}) == ""


def test_a_change_on_the_way_can_be_locked_and_hidden():
    query = {"lr@300": "0.5"}
    assert lab(lock="changes", **query).sidebar.button(key="turn.remove.0").disabled
    hidden = lab(show="norm", **query)
    assert not hidden.sidebar.button and len(given(hidden).interventions) == 1


@pytest.mark.parametrize(
    ("query", "value", "allowed"),
    [
        ({"show": "norm,colour"}, "colour", "affine"),
        ({"lock": "A.norm"}, "A.norm", "changes"),
        ({"view": "cinema"}, "cinema", "projector"),
    ],
)
def test_what_is_unknown_is_named_with_what_is_allowed_and_left_out(query, value, allowed):
    app = lab(seed="7", **query)
    assert not app.exception and given(app).lane.seed == 7
    message = app.error[0].value
    (field,) = query
    assert f"`{field}`" in message and value in message and allowed in message
    widgets(app)["a.norm"].set_value("batch").run()
    assert not app.error


def test_the_link_for_a_class_has_the_configuration_and_the_choice():
    app = lab(depth="3", b__norm="batch")
    widgets(app)["lecture.show"].set_value(["norm", "lanes"]).run()
    widgets(app)["lecture.lock"].set_value(["seed", "norm"]).run()
    app.sidebar.toggle(key="lecture.view").set_value(True).run()
    assert not app.exception
    query = dict(parse_qsl(urlsplit(app.sidebar.code[0].value).query))
    assert (query.pop("show"), query.pop("lock")) == ("norm,lanes", "norm")
    assert query.pop("view") == "projector"
    assert from_link(query) == given(app)
    assert "show" not in link(app), "the page itself stays as it is"


@pytest.mark.parametrize("name", ["table2015", "domains"])
def test_a_link_that_was_made_is_read_back(name):
    offer = lecture.Offer(frozenset({"norm", "lr"}), frozenset({"lr"}), "projector")
    config = from_link(PRESETS[name].link)
    made = dict(parse_qsl(urlsplit(lecture.address("", config, offer)).query))
    assert lecture.read(made) == (offer, ())


def test_everything_on_the_page_can_be_shown_and_locked():
    assert set(RunConfig().lane.model_dump()) | {"steps"} < set(lecture.NAMES)
