"""Held-out accuracy of each source of the data by itself, and how far a look at the held-out examples goes."""

import numpy as np
import pytest
import torch

from normviz.config import LaneConfig, parse
from normviz.data import two_domains
from normviz.nn.activations import TANH
from normviz.nn.network import running_statistics
from normviz.probe.narration import Scene, notes
from normviz.train.evaluation import LOOK
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer
from tests.unit.test_narration import CALM

SMALL = {"depth": 2, "width": 16, "norm": "batch", "batch_size": 100}


def right(lane: Lane, count: int) -> np.ndarray:
    with torch.no_grad(), running_statistics(lane.model):
        logits = lane.model(torch.from_numpy(lane.data.heldout_x[:count]))
    return logits.argmax(1).numpy() == lane.data.heldout_y[:count]


@pytest.mark.parametrize("order", ["shuffled", "alternating"])
def test_each_domain_by_itself(order: str):
    lane = Lane(LaneConfig.model_validate({**SMALL, "dataset": "two_domains", "order": order}))
    for _ in range(60):
        lane.update(measure=False)
    heldout = lane.evaluate()
    domain, found = two_domains.load().heldout_domain, right(lane, LOOK)
    assert domain is not None
    expected = {name: found[domain == i].mean() for i, name in enumerate(["mnist", "textured"])}
    assert lane.by_domain == pytest.approx(expected)
    assert lane.by_domain["mnist"] != lane.by_domain["textured"]
    mean = sum(lane.by_domain.values()) / 2  # as many of each
    assert mean == pytest.approx(heldout.accuracy, abs=1e-6)


def test_the_names_are_in_the_order_of_the_numbers():
    data = two_domains.load()
    assert data.domains == ("mnist", "textured") and data.domain is not None
    brightness = [data.x[data.domain == number].mean() for number in (0, 1)]
    assert brightness == pytest.approx([0.13, 0.47], abs=0.01)  # as docs/data.md has it


def test_it_is_said_from_the_first_step_on_and_only_of_data_with_domains():
    for dataset, said in (("two_domains", True), ("digits", False)):
        trainer = Trainer(parse({"lane": {**SMALL, "dataset": dataset}}))
        assert "domains" not in {note["rule"] for note in trainer.frame().notes}
        frame = trainer.step(measure=True)
        assert frame is not None
        found = {note["rule"]: note["values"] for note in frame.notes}
        assert ("domains" in found) == said
        assert not said or found["domains"] == trainer.lanes[0].by_domain


def test_a_look_at_many_held_out_examples_stops_and_the_last_step_sees_all(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("normviz.train.evaluation.LOOK", 100)
    trainer = Trainer(parse({"lane": {**SMALL, "dataset": "digits"}, "steps": 20}))
    (lane,) = trainer.lanes
    for step in range(1, 21):
        frame = trainer.step(measure=False)
        if step in (10, 20):
            assert frame is not None
            seen = right(lane, 100 if step == 10 else len(lane.data.heldout_y)).mean()
            assert float(frame.lanes[0]["heldout_accuracy"]) == pytest.approx(seen, abs=1e-6)


@pytest.mark.parametrize(
    ("heldout", "order"),
    [
        ((0.5, 0.5), ["healthy", "domains", "learning"]),
        ((0.5, 0.8), ["healthy", "lagging", "domains"]),
        ((0.15, 0.15), ["healthy", "domains"]),
    ],
)
def test_what_explains_it_comes_first_and_the_total_last(heldout, order):
    scene = Scene(CALM, TANH, 10, 10, heldout, domains={"mnist": 0.9, "textured": 0.1})
    assert [note["rule"] for note in notes(0, scene)] == order
