"""The decision surface: against single points passed one by one, and without a trace in the training."""

import json
from typing import Any

import numpy as np
import pytest
import torch

from normviz import catalog
from normviz.config import RunConfig, from_link
from normviz.engine import schema as schemas
from normviz.frames import decode, encode
from normviz.nn.network import running_statistics
from normviz.probe import surface
from normviz.train.inputs import source_of, transform_of
from normviz.train.trainer import Trainer

BASE = {"dataset": "moons", "depth": "2", "width": "8", "activation": "tanh", "batch_size": "50"}


def run(**link: str) -> RunConfig:
    return from_link(BASE | link)


def trained(steps: int = 3, **link: str) -> Trainer:
    trainer = Trainer(run(**link))
    for _ in range(steps):
        trainer.step(False)
    return trainer


def values(trainer: Trainer, lane: int = 0) -> dict[str, Any]:
    frame = decode(trainer.schema, encode(trainer.schema, trainer.frame())).frame
    return dict(frame.lanes[lane])


def grid(trainer: Trainer, lane: int = 0) -> np.ndarray:
    """The points of the grid in the data's own coordinates, by row and column."""
    plane, side = trainer.schema.planes[lane], trainer._surfaces[lane].side  # pyright: ignore
    x1, x2 = (np.linspace(lo, hi, side) for lo, hi in zip(plane.lo, plane.hi, strict=True))
    return np.stack([np.tile(x1, (side, 1)), np.tile(x2[:, None], (1, side))], 2)


@pytest.mark.parametrize("preprocessing", catalog.PREPROCESSINGS)
@pytest.mark.parametrize("norm", ["none", "batch", "spectral"])
def test_the_surface_is_what_the_network_answers_in_eval_mode(preprocessing: str, norm: str):
    trainer = trained(preprocessing=preprocessing, norm=norm)
    lane, found, points = trainer.lanes[0], values(trainer), grid(trainer)
    transform = transform_of(lane.config)
    for row, column in [(0, 0), (0, 47), (47, 0), (20, 31), (47, 47)]:
        x = torch.from_numpy(transform(points[row, column][None].astype(np.float32)))
        with torch.no_grad(), running_statistics(lane.model):
            first, second = (
                torch.softmax(lane.model(x)[0], 0).sort(descending=True).values.tolist()[:2]
            )
            best = int(lane.model(x)[0].argmax())
        assert found["surface_class"][row, column] == best
        assert found["surface_margin"][row, column] == pytest.approx(first - second, abs=1e-5)


@pytest.mark.parametrize("preprocessing", catalog.PREPROCESSINGS)
def test_lines_are_where_a_unit_of_the_first_layer_is_0(preprocessing: str):
    trainer = trained(preprocessing=preprocessing)
    lane, lines = trainer.lanes[0], values(trainer)["hyperplanes"]
    assert lines.shape == (surface.HYPERPLANES, 3)
    assert np.isnan(lines[8:]).all()
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2)).astype(np.float32)
    first = lane.model.linears()[0]
    z = (
        transform_of(lane.config)(points) @ first.weight.detach().numpy().T
        + first.bias.detach().numpy()
    )
    np.testing.assert_allclose(points @ lines[:8, :2].T + lines[:8, 2], z, atol=1e-4)


def test_lines_take_batch_normalization_in_and_are_left_out_where_there_are_none():
    trainer = trained(norm="batch")
    block, lines = trainer.lanes[0].model.get_submodule("blocks.0"), values(trainer)["hyperplanes"]
    points = np.random.default_rng(0).uniform(-1, 1, (50, 2)).astype(np.float32)
    with torch.no_grad(), running_statistics(block):
        z = block.norm(block.linear(torch.from_numpy(points))).numpy()  # pyright: ignore
    np.testing.assert_allclose(points @ lines[:8, :2].T + lines[:8, 2], z, atol=1e-4)
    assert np.isnan(values(trained(norm="layer"))["hyperplanes"]).all()
    assert np.isnan(values(trained(model="convnet"))["hyperplanes"]).all()


@pytest.mark.parametrize("norm", catalog.NORMS)
def test_measuring_it_changes_nothing_in_the_training(norm: str):
    pair = [Trainer(run(norm=norm, model="mlp", optimizer="adam")) for _ in range(2)]
    for step in range(12):
        pair[0].step(False)
        pair[1].step(True)
        if step == 6:
            pair[1].frame()
    left, right = (each.lanes[0].model.state_dict() for each in pair)
    assert all(torch.equal(left[name], right[name]) for name in left)
    assert pair[0].lanes[0].pass_loss == pair[1].lanes[0].pass_loss


def test_the_plane_holds_all_points_and_shows_some_of_them():
    trainer = trained(preprocessing="zscore")
    (plane,) = trainer.schema.planes
    source = source_of(trainer.lanes[0].config)
    points = np.concatenate([source.x, source.heldout_x])
    assert (points > plane.lo).all() and (points < plane.hi).all()
    (cloud,) = plane.clouds
    assert len(cloud.y) == 400
    np.testing.assert_allclose(np.stack([cloud.x1, cloud.x2], 1), source.x[:400], atol=2e-3)
    np.testing.assert_array_equal(cloud.y, source.y[:400])
    assert len(json.dumps(plane.to_json())) < 10_000


def test_it_survives_a_change_of_the_data_and_their_preprocessing():
    changes = {"dataset@5": "circle", "preprocessing@7": "zscore", "b.noise@6": "0.2"}
    trainer = Trainer(run(**changes))
    first, second = trainer.schema.planes
    assert [cloud.step for cloud in first.clouds] == [0, 5]
    assert [cloud.step for cloud in second.clouds] == [0, 6]
    assert (first.lo, first.hi) == (second.lo, second.hi)  # lane B is lane A up to step 6
    reach = max(max(map(abs, cloud.x1)) for cloud in first.clouds)
    assert first.hi[0] > reach
    for _ in range(9):
        frame = trainer.step(True)
        assert frame is not None
        for each in frame.lanes:
            assert set(np.unique(each["surface_class"])) <= {0, 1}
    transform = transform_of(trainer.lanes[0].config)
    corner = transform(grid(trainer)[0, :1].astype(np.float32))
    with torch.no_grad(), running_statistics(trainer.lanes[0].model):
        best = trainer.lanes[0].model(torch.from_numpy(corner)).argmax(1)
    assert values(trainer)["surface_class"][0, 0] == best[0]


def test_only_data_with_two_features_have_a_surface():
    trainer = Trainer(run(dataset="digits"))
    assert trainer.schema.planes == ()
    assert "surface_class" not in trainer.frame().lanes[0]
    mixed = Trainer(run(**{"dataset": "digits", "b.dataset": "xor"}))
    assert [plane.lane for plane in mixed.schema.planes] == [1]


def test_where_an_output_is_not_a_number_there_is_no_class():
    trainer = trained()
    with torch.no_grad():
        trainer.lanes[0].model.output.weight.fill_(torch.nan)
    found = values(trainer)
    assert (found["surface_class"] == surface.UNDEFINED).all()
    assert (found["surface_margin"] == 0).all()


@pytest.mark.parametrize(
    ("depth", "width", "side"), [("3", "16", 48), ("10", "200", 24), ("12", "512", 16)]
)
def test_large_networks_have_a_coarser_grid(depth: str, width: str, side: int):
    trainer = Trainer(run(depth=depth, width=width))
    assert values(trainer)["surface_class"].shape == (side, side)


def test_a_recorded_schema_keeps_its_planes():
    sent = Trainer(run(**{"dataset@5": "circle"})).schema
    assert schemas.read(json.loads(json.dumps(sent.to_json()))) == sent


BAD: list[dict[str, Any]] = [
    {"lane": 4},
    {"lo": [0]},
    {"lo": [9e99, 0]},
    {"hi": [-9, 5]},
    {"hi": [float("nan"), 5]},
    {"inputs": ["x"]},
    {"inputs": ["x", 5]},
    {"classes": ["only"]},
    {"classes": 2},
    {"clouds": []},
    {"clouds": [{"step": 0, "x1": [0.5], "x2": [0.5], "y": [2]}]},
    {"clouds": [{"step": 0, "x1": [0.5, 1], "x2": [0.5], "y": [1]}]},
    {"clouds": [{"step": -1, "x1": [], "x2": [], "y": []}]},
    {"clouds": [{"step": 0, "x1": ["a"], "x2": [0], "y": [0]}]},
    {"more": 1},
]


@pytest.mark.parametrize("change", BAD)
def test_a_damaged_plane_is_refused(change: dict[str, Any]):
    sent = json.loads(json.dumps(Trainer(run()).schema.to_json()))
    sent["planes"][0] |= change
    with pytest.raises(schemas.SchemaError, match="planes"):
        schemas.read(sent)
