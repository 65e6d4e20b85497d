"""Population statistics: algorithm 2 of Ioffe & Szegedy 2015, and that estimating them leaves no trace elsewhere."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from normviz import catalog
from normviz.config import LaneConfig, parse
from normviz.frames import encode
from normviz.nn.network import generator, running_statistics
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.noisy import NoisyBatchNorm
from normviz.nn.norms.population import population, running
from normviz.nn.norms.renorm import BatchRenorm
from normviz.train.lane import Lane
from normviz.train.orders import epoch
from normviz.train.trainer import Trainer

C = 6
SMALL: dict[str, Any] = {"dataset": "digits", "depth": 3, "width": 12, "batch_size": 50}


def minibatches(count: int, *shape: int) -> list[Tensor]:
    order = torch.Generator().manual_seed(4)
    return [torch.randn(shape, dtype=torch.float64, generator=order) * 3 + 1 for _ in range(count)]


def two_layers(kind: type[BatchNorm] = BatchNorm) -> nn.Sequential:
    """Two normalizations with a layer between them whose weights are its own."""
    torch_layer = nn.Linear(C, C).double()
    nn.init.normal_(torch_layer.weight, generator=torch.Generator().manual_seed(1))
    nn.init.zeros_(torch_layer.bias)
    return nn.Sequential(kind(C, True), nn.Sigmoid(), torch_layer, kind(C, True)).double()


@pytest.mark.parametrize("shape", [(7, C), (7, C, 4, 3)])
def test_it_is_the_mean_of_means_and_of_unbiased_variances(shape: tuple[int, ...]):
    norm, batches = BatchNorm(C, True).double(), minibatches(9, *shape)
    norm(minibatches(1, *shape)[0] * 7)
    population(norm, iter(batches))
    m, axes = np.prod(shape) / C, tuple(axis for axis in range(len(shape)) if axis != 1)
    mean = np.mean([x.numpy().mean(axes) for x in batches], 0)
    variance = m / (m - 1) * np.mean([x.numpy().var(axes) for x in batches], 0)
    np.testing.assert_allclose(norm.running_mean.numpy(), mean, rtol=1e-12)
    np.testing.assert_allclose(norm.running_var.numpy(), variance, rtol=1e-12)


@pytest.mark.parametrize("kind", [BatchNorm, NoisyBatchNorm])
def test_a_network_of_several_layers_equals_torchs_cumulative_average(kind: type[BatchNorm]):
    ours, batches = two_layers(kind), minibatches(9, 7, C)
    norms = [nn.BatchNorm1d(C, momentum=None).double() for _ in range(2)]
    theirs = nn.Sequential(norms[0], *list(ours)[1:3], norms[1])
    for x in batches:
        theirs(x)
    population(ours, batches)
    for norm, module in zip(norms, [ours[0], ours[3]], strict=True):
        for name in ("running_mean", "running_var"):
            torch.testing.assert_close(
                module.get_buffer(name), norm.get_buffer(name), rtol=1e-12, atol=1e-12
            )
    x = minibatches(1, 3, C)[0]
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-11, atol=1e-11)


def test_it_forgets_the_estimate_before_and_can_be_repeated():
    norm, batches = BatchNorm(C, True).double(), minibatches(9, 7, C)
    population(norm, batches[5:])
    population(norm, batches)
    first = [buffer.clone() for buffer in norm.buffers()]
    population(norm, batches)
    assert all(map(torch.equal, first, norm.buffers()))


def test_nothing_but_the_statistics_is_moved():
    model = two_layers(NoisyBatchNorm)
    noise = [generator(0, "noise", index) for index in range(2)]
    norms = [module for module in model if isinstance(module, NoisyBatchNorm)]
    for norm, each in zip(norms, noise, strict=True):
        norm.seed(each)
    parameters = [p.clone() for p in model.parameters()]
    states = [each.get_state() for each in noise], torch.random.get_rng_state()
    population(model, minibatches(5, 7, C))
    assert all(map(torch.equal, parameters, model.parameters()))
    assert all(p.grad is None for p in model.parameters())
    assert all(map(torch.equal, states[0], (each.get_state() for each in noise)))
    assert torch.equal(states[1], torch.random.get_rng_state())
    assert model.training
    assert all(norm.tracking and norm.averaged is None for norm in norms)


def test_an_error_on_the_way_ends_the_estimate():
    norm = BatchNorm(C, True)
    with pytest.raises(RuntimeError):
        population(norm, [torch.zeros(3, C + 1)])
    assert norm.tracking and norm.averaged is None


def test_one_vector_a_minibatch_has_a_mean_and_leaves_the_variance():
    norm, batches = BatchNorm(C, True).double(), minibatches(9, 1, C)
    population(norm, batches)
    torch.testing.assert_close(norm.running_mean, torch.cat(batches).mean(0))
    assert torch.equal(norm.running_var, torch.ones(C, dtype=torch.float64))


def test_minibatches_of_other_sizes_count_alike_and_empty_ones_not_at_all():
    norm, batches = BatchNorm(C, True).double(), [minibatches(1, n, C)[0] for n in (7, 0, 3)]
    population(norm, batches)
    expected = torch.stack([batches[0].mean(0), batches[2].mean(0)]).mean(0)
    torch.testing.assert_close(norm.running_mean, expected)


@pytest.mark.parametrize("make", [running, population])
def test_where_there_is_nothing_to_estimate_no_minibatch_is_asked_for(make: Any):
    norm = BatchRenorm(C, True)
    before = [buffer.clone() for buffer in norm.buffers()]

    def asked():
        yield pytest.fail("a minibatch was asked for")

    make(norm, asked())
    assert all(map(torch.equal, before, norm.buffers()))


def test_an_epoch_ends_where_an_example_comes_again():
    y = torch.tensor([0] * 11 + [1] * 7 + [2] * 9)
    for order, size, expected in (
        ("shuffled", 5, 5),
        ("sorted", 4, 2 + 1 + 2),
        ("sorted", 100, 1 + 1 + 1),
        ("shuffled", 27, 1),
        ("shuffled", 1, 27),
    ):
        batches = catalog.ORDERS[order].load()(y, None, size, generator(0, "order"))
        found = epoch(batches)
        assert len(found) == expected
        rows = list(itertools.chain(*(each.tolist() for each in found)))
        assert len(set(rows)) == len(rows)


def test_a_lane_estimates_over_an_epoch_in_its_own_order():
    lane = Lane(LaneConfig(norm="batch", statistics="population", **SMALL))
    for _ in range(3):
        lane.update(measure=False)
    found = lane.evaluate()
    y = torch.from_numpy(lane.data.y)
    batches = catalog.ORDERS["shuffled"].load()(y, None, 50, generator(0, "population"))
    x = torch.from_numpy(lane.data.x)
    rows = epoch(batches)
    assert len(rows) == len(y) // 50
    first: Any = lane.model.get_submodule("blocks.0")
    norm, z = first.norm, [first.linear(x[each]).double() for each in rows]
    means, variances = [each.mean(0) for each in z], [each.var(0) for each in z]
    torch.testing.assert_close(norm.running_mean.double(), torch.stack(means).mean(0))
    torch.testing.assert_close(norm.running_var.double(), torch.stack(variances).mean(0))
    with running_statistics(lane.model):
        logits = lane.model(torch.from_numpy(lane.data.heldout_x))
    right = (logits.argmax(1) == torch.from_numpy(lane.data.heldout_y)).float().mean().item()
    assert found.accuracy == pytest.approx(right)


@pytest.mark.parametrize("norm", ["batch", "noisy", "renorm"])
def test_evaluating_does_not_change_what_is_learned(norm: str):
    config = LaneConfig(norm=norm, statistics="population", **SMALL)
    seen, unseen = Lane(config), Lane(config)
    for _ in range(12):
        seen.evaluate()
        seen.update(measure=True)
        unseen.update(measure=False)
    assert seen.pass_loss == unseen.pass_loss
    assert all(map(torch.equal, seen.model.parameters(), unseen.model.parameters()))
    assert seen.evaluate() == unseen.evaluate()


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"batch_size": 1, "order": "sorted"}, 100),
        ({"batch_size": 7}, 100),
        ({"batch_size": 20}, 1442 // 20),
        ({"batch_size": 1000}, 1),
    ],
)
def test_an_epoch_of_many_minibatches_is_sampled_evenly(changes: dict[str, Any], count: int):
    lane = Lane(LaneConfig(norm="batch", statistics="population", **{**SMALL, **changes}))
    x = list(lane.epoch_inputs())
    assert len(x) == count
    assert all(map(torch.equal, x, lane.epoch_inputs()))
    if changes.get("order") == "sorted":  # one example each, of all classes alike
        rows = {tuple(row): y for row, y in zip(lane.data.x.tolist(), lane.data.y, strict=True)}
        seen = np.bincount([rows[tuple(each[0].tolist())] for each in x], minlength=10)
        assert seen.min() >= 9 and seen.max() <= 11


@pytest.mark.parametrize("norm", ["batch", "noisy"])
def test_frames_do_not_depend_on_which_others_are_asked_for(norm: str):
    run = parse({"lane": {**SMALL, "norm": norm, "statistics": "population"}, "steps": 25})
    rare, often = Trainer(run), Trainer(run)
    for step in range(1, 26):
        frame, other = rare.step(step == 25), often.step(True)
        if frame is not None and other is not None:
            assert encode(rare.schema, frame) == encode(often.schema, other)


def test_with_population_statistics_a_new_network_is_judged_as_it_is():
    """With momentum 0.01 three quarters of the running averages are still what they began with."""
    config = LaneConfig(norm="batch", momentum=0.01, lr=0.5, **SMALL)
    lanes = [Lane(config.model_copy(update={"statistics": s})) for s in ("running", "population")]
    for lane, _ in itertools.product(lanes, range(30)):
        lane.update(measure=False)
    lagging, apt = (lane.evaluate() for lane in lanes)
    assert lagging.batch_loss == apt.batch_loss
    assert abs(apt.loss - apt.batch_loss) < 0.2 * abs(lagging.loss - lagging.batch_loss)


@pytest.mark.parametrize("model", ["mlp", "convnet", "rnn"])
@pytest.mark.parametrize("order", catalog.ORDERS)
def test_every_model_and_order_can_be_estimated(model: str, order: str):
    size: dict[str, Any] = {"blocks": 2, "channels": 4, "depth": 2, "width": 8, "batch_size": 1}
    config = LaneConfig(
        dataset="digits", model=model, order=order, norm="batch", statistics="population", **size
    )
    found = Lane(config).evaluate()
    assert np.isfinite([found.loss, found.batch_loss]).all()
