"""Loss and accuracy, of the minibatch and held out, against plain torch modules."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from normviz.config import LaneConfig
from normviz.probe import learning
from normviz.train.evaluation import CHUNKS
from normviz.train.lane import Lane
from tests.unit.plain import rows, sequential


def lane_after(steps: int, **fields: object) -> Lane:
    lane = Lane(LaneConfig.model_validate({"dataset": "digits", "depth": 2, "width": 16, **fields}))
    for _ in range(steps):
        lane.update(measure=True)
    return lane


def score(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    with torch.no_grad():
        logits = model(x)
    return cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()


def heldout(lane: Lane) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.from_numpy(lane.data.heldout_x), torch.from_numpy(lane.data.heldout_y)


@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_loss_and_accuracy_of_the_minibatch(norm: str):
    lane = lane_after(7, norm=norm, activation="tanh", optimizer="adam", lr=0.01)
    batch = rows(lane.config, len(lane.data.y), 7)
    x, y = torch.from_numpy(lane.data.x)[batch], torch.from_numpy(lane.data.y)[batch]
    values = learning.measure(lane.measured(None))
    loss, accuracy = score(sequential(lane.config, lane.model), x, y)
    assert values["loss"] == pytest.approx(loss, rel=1e-5)
    assert values["accuracy"] == pytest.approx(accuracy)
    assert accuracy > 0.2
    assert all(np.isnan(values[name]) for name in values if name.startswith("heldout"))


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
def test_held_out_with_running_and_with_batch_statistics(norm: str, place: str):
    lane = lane_after(12, norm=norm, place=place, optimizer="adam", lr=0.01, batch_size=50)
    plain, (x, y) = sequential(lane.config, lane.model), heldout(lane)
    seen = lane.evaluate()
    assert (seen.loss, seen.accuracy) == pytest.approx(score(plain.eval(), x, y), rel=1e-4)
    plain.train()
    size = 50 if norm == "batch" else len(y)
    whole = len(y) // size * size
    scores = [score(plain, x[i : i + size], y[i : i + size]) for i in range(0, whole, size)]
    assert (seen.batch_loss, seen.batch_accuracy) == pytest.approx(
        tuple(np.mean(scores, 0)), rel=1e-4
    )
    assert (norm == "batch") == (seen.loss != seen.batch_loss)


def test_held_out_values_are_written_to_the_frame():
    lane = lane_after(3, norm="batch")
    seen = lane.evaluate()
    values = learning.measure(lane.measured(seen))
    for name, value in vars(seen).items():
        assert values[f"heldout_{name}"] == pytest.approx(value)
        assert values[f"heldout_{name}"].shape == ()


def test_evaluating_leaves_the_lane_as_it_was():
    lane = lane_after(3, norm="batch")
    before = {name: value.clone() for name, value in lane.model.state_dict().items()}
    first = lane.evaluate()
    assert lane.evaluate() == first
    assert lane.model.training
    assert all(torch.equal(before[name], value) for name, value in lane.model.state_dict().items())


@pytest.mark.parametrize(("batch_size", "examples"), [(1, CHUNKS), (3, 3 * CHUNKS)])
def test_very_small_minibatches_are_evaluated_in_part(batch_size: int, examples: int):
    lane = lane_after(2, norm="batch", batch_size=batch_size)
    plain, (x, y) = sequential(lane.config, lane.model), heldout(lane)
    seen = lane.evaluate()
    assert np.isfinite(seen.batch_loss)
    if batch_size > 1:  # torch's own module refuses a batch of one
        parts = [score(plain, x[i : i + 3], y[i : i + 3]) for i in range(0, examples, 3)]
        assert (seen.batch_loss, seen.batch_accuracy) == pytest.approx(
            tuple(np.mean(parts, 0)), rel=1e-3
        )


def test_a_minibatch_larger_than_the_held_out_set():
    lane = lane_after(2, norm="batch", batch_size=1000)
    seen, (x, y) = lane.evaluate(), heldout(lane)
    plain = sequential(lane.config, lane.model)
    assert (seen.batch_loss, seen.batch_accuracy) == pytest.approx(score(plain, x, y), rel=1e-4)
