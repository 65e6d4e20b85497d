"""The covariate-shift meter against naive oracles, and that nobody who trains notices it."""

import copy
import math
from collections.abc import Iterable

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from normviz import catalog
from normviz.config import RunConfig, from_link, parse
from normviz.frames import Frame, encode
from normviz.nn.network import Network, batch_statistics, generator
from normviz.nn.tape import Tape
from normviz.probe import drift
from normviz.probe.samples import Samples
from normviz.train.landscape import along_gradient
from normviz.train.lane import Lane
from normviz.train.looking import undisturbed
from normviz.train.meter import is_due, probe_rows
from normviz.train.occasions import evaluates
from normviz.train.shift import gradient_shift
from normviz.train.trainer import Trainer
from tests.property.test_train_properties import state

SMALL = {"dataset": "digits", "depth": 2, "width": 8, "batch_size": 20, "activation": "tanh"}
MODELS = {
    "mlp": SMALL,
    "normed": {**SMALL, "norm": "batch"},
    "after": {**SMALL, "norm": "batch", "place": "after"},
    "bent": {**SMALL, "activation": "gelu"},
    "convnet": {**SMALL, "model": "convnet", "blocks": 2, "channels": 4},
    "rnn": {**SMALL, "model": "rnn", "dataset": "recall"},
}


def trained(lane: dict, steps: int, **run) -> tuple[Trainer, dict[int, Frame]]:
    trainer = Trainer(parse({"lane": lane, "steps": 200, **run}))
    frames = {0: trainer.frame()}
    for step in range(1, steps + 1):
        if (frame := trainer.step(measure=True)) is not None:
            frames[step] = frame
    return trainer, frames


def between_cdfs(a: np.ndarray, b: np.ndarray) -> float:
    """Wasserstein-1 as the area between the two distribution functions; they may differ in size."""
    a, b = np.sort(a.astype(float)), np.sort(b.astype(float))
    points = np.sort(np.concatenate([a, b]))
    shares = [np.searchsorted(x, points[:-1], "right") / len(x) for x in (a, b)]
    return float(np.abs(shares[0] - shares[1]) @ np.diff(points))


def passed(lane: Lane) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Pre-activations and activations of the fixed batch, (examples, units, positions), from a copy of the network."""
    model, tape = copy.deepcopy(lane.model), Tape()
    x = torch.from_numpy(lane.data.heldout_x[probe_rows(len(lane.data.heldout_x))])
    with torch.no_grad(), batch_statistics(model):
        model(x, tape)
    pre, out = (
        [z.reshape(*z.shape[:2], math.prod(z.shape[2:])).numpy() for z in layers]
        for layers in (tape.pre, tape.out)
    )
    return pre, out


def test_the_distance_is_the_area_between_the_distribution_functions():
    rng = np.random.default_rng(0)
    for sizes in ((50, 50), (1, 7, 0, 30)):
        now, then = (
            [np.sort(rng.normal(shift, 2, n)).astype(np.float32) for n in sizes]
            for shift in (0.0, 0.7)
        )
        found = drift.distances(*(Samples(np.concatenate(x), sizes) for x in (now, then)))
        wanted = [
            between_cdfs(a, b) if len(a) else math.nan for a, b in zip(now, then, strict=True)
        ]
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


@pytest.mark.parametrize("kind", MODELS)
def test_drift_is_that_of_copies_of_the_network(kind: str):
    lane = {**MODELS[kind], "lr": 0.5}
    trainer = Trainer(parse({"lane": lane, "steps": 100}))
    seen = {0: passed(trainer.lanes[0])}
    for step in range(1, 51):
        frame = trainer.step(measure=True)
        if step in (3, 25, 50):
            seen[step] = passed(trainer.lanes[0])
            assert frame is not None
            check(frame, seen, step, max((s for s in (0, 25) if step - s == 25), default=None))


def check(frame: Frame, seen: dict, step: int, before: int | None) -> None:
    values = frame.lanes[0]
    assert values["drift_step"] == step
    for since, then in (("start", 0), ("recent", before)):
        for which, name in enumerate(("pre", "act")):
            found = values[f"{name}_drift_{since}"]
            if then is None:
                assert np.isnan(found).all()
                continue
            for layer, (a, b) in enumerate(zip(seen[step][which], seen[then][which], strict=True)):
                wanted = between_cdfs(a.ravel(), b.ravel()) / b.std() if a.size else math.nan
                np.testing.assert_allclose(found[layer], wanted, rtol=2e-4, atol=1e-7)
    for layer, (a, b) in enumerate(zip(seen[step][0], seen[0][0], strict=True)):
        units = range(a.shape[1])
        each = [between_cdfs(a[:, u].ravel(), b[:, u].ravel()) for u in units if a.size]
        wanted = np.mean(each) / b.std() if a.size else math.nan
        np.testing.assert_allclose(values["unit_drift_start"][layer], wanted, rtol=2e-4, atol=1e-7)


@pytest.mark.parametrize("kind", MODELS)
def test_unit_by_unit_the_drift_is_at_least_that_of_all_together(kind: str):
    _, frames = trained({**MODELS[kind], "lr": 0.5}, 25)
    values = frames[25].lanes[0]
    together, apart = values["pre_drift_start"], values["unit_drift_start"]
    kept = np.isfinite(together)
    assert kept.any() and (apart[kept] >= together[kept] * (1 - 1e-4)).all()
    assert (apart[kept] > 0).all()


@pytest.mark.parametrize("kind", MODELS)
def test_histograms_and_percentiles_of_units_are_those_of_numpy(kind: str):
    trainer, frames = trained({**MODELS[kind], "gain": 3.0, "seed": 5}, 25)
    values, (pre, _) = frames[25].lanes[0], passed(trainer.lanes[0])
    edges = drift.UNIT_BINS.edges()
    shown = values["unit_hist"].shape[1]
    assert shown == drift.shown_units(len(pre), min(layer.shape[1] for layer in pre))
    for layer, z in enumerate(pre):
        width = z.shape[1]
        typical = int(torch.randint(width, (), generator=generator(5, "typical", layer)))
        if not z.size:
            assert np.isnan(values["typical_pct"][layer]).all()
            assert not values["unit_hist"][layer].any()
            continue
        ranks = np.percentile(z[:, typical].ravel(), [1, 15, 50, 85, 99], method="inverted_cdf")
        np.testing.assert_array_equal(values["typical_pct"][layer], ranks)
        for row in range(shown):
            unit = z[:, row * width // shown].ravel()
            counts, _ = np.histogram(np.clip(unit, edges[0], edges[-1]), edges)
            shares = np.rint(counts / len(unit) * 255)
            np.testing.assert_array_equal(values["unit_hist"][layer, row], shares)


def test_a_time_step_that_nobody_reaches_has_no_drift():
    lane = Lane(parse({"lane": MODELS["rnn"]}).lane)
    tape = Tape()
    x = torch.from_numpy(lane.data.heldout_x[:3].copy())
    x.view(3, -1)[:, -4:] = math.nan  # the last step of four numbers
    with torch.no_grad(), undisturbed(lane.model):
        lane.model(x, tape)
    assert len(tape.pre[-1]) == 0
    now = drift.snapshot(tape, lane.model.activation)
    values = drift.measure(now, now, now, [0] * len(now.widths), 0)
    for name in ("pre_drift_start", "act_drift_recent", "unit_drift_start"):
        assert np.isnan(values[name][-1]) and values[name][0] == 0
    assert not values["unit_hist"][-1].any()


def test_a_layer_that_did_not_vary_has_no_unit_to_measure_in():
    _, frames = trained({**SMALL, "init": "zeros"}, 1)
    assert np.isnan(frames[1].lanes[0]["pre_drift_start"]).all()


def test_the_fixed_batch_is_spread_over_the_held_out_examples():
    assert probe_rows(3) == [0, 1, 2]
    rows = probe_rows(1000)
    assert len(rows) == drift.EXAMPLES and set(np.diff(rows)) == {25}


def test_drift_is_measured_at_the_same_steps_for_everybody():
    assert [s for s in range(61) if is_due(s)] == [*range(11), 25, 50]
    _, frames = trained(SMALL, 45)
    for step, frame in frames.items():
        assert frame.lanes[0]["drift_step"] == max(s for s in range(step + 1) if is_due(s))


# Nothing of training is touched.


def same(ours: Iterable[torch.Tensor], theirs: Iterable[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("norm", catalog.NORMS)
def test_training_is_bit_for_bit_the_same_with_and_without(norm: str):
    lane = {**SMALL, "norm": norm, "optimizer": "adam", "clip": 0.5, "warmup": 3}
    runs = [trained({**lane, "meter": meter}, 11) for meter in catalog.METERS]
    (plain, without), *metered = runs
    for trainer, frames in metered:
        assert same(state(trainer.lanes[0]), state(plain.lanes[0]))
        for step, frame in without.items():
            for name, value in frame.lanes[0].items():
                np.testing.assert_array_equal(frames[step].lanes[0][name], value)


@pytest.mark.parametrize("kind", MODELS)
def test_so_it_is_with_every_model(kind: str):
    lane = {**MODELS[kind], "norm": "batch", "init": "lsuv"}
    (plain, _), (metered, _) = (trained({**lane, "meter": m}, 10) for m in ("off", "full"))
    assert same(state(metered.lanes[0]), state(plain.lanes[0]))
    assert metered.lanes[0].model.training


@pytest.mark.parametrize("norm", ["noisy", "spectral"])
def test_frames_do_not_depend_on_which_others_are_asked_for(norm: str):
    config = parse({"lane": {**SMALL, "norm": norm, "meter": "full"}, "steps": 50})

    def frames(every: int) -> dict[int, bytes]:
        trainer = Trainer(config)
        got = [trainer.step(step % every == 0) for step in range(1, 22)]
        return {f.step: encode(trainer.schema, f) for f in got if f is not None}

    often, rare = frames(1), frames(7)
    assert len(rare) < len(often)
    assert rare == {step: often[step] for step in rare}


# Gradient shift and smoothness.


def mixed(before: Network, after: Network, below: int) -> dict[str, torch.Tensor]:
    """The parameters of a network whose first layers are updated."""
    old, new = dict(before.named_parameters()), dict(after.named_parameters())
    updated = tuple(f"blocks.{index}." for index in range(below))
    return {n: new[n] if n.startswith(updated) else old[n] for n in old}


@pytest.mark.parametrize("kind", ["mlp", "normed", "after", "convnet"])
def test_gradient_shift_is_that_of_networks_put_together(kind: str):
    lane = Lane(parse({"lane": {**MODELS[kind], "lr": 1.0}}).lane)
    before = copy.deepcopy(lane.model)
    batch = lane.minibatch()
    lane.update(measure=False)
    found = gradient_shift(before, lane.model, *batch)
    weights = [n for n, _ in before.named_parameters() if n.endswith("linear.weight")]

    def gradient(below: int, layer: int) -> torch.Tensor:
        model = copy.deepcopy(before)
        with torch.no_grad():
            for name, value in mixed(before, lane.model, below).items():
                model.get_parameter(name).copy_(value)
        for parameter in model.parameters():
            parameter.grad = None
        with batch_statistics(model):
            cross_entropy(model(batch[0]), batch[1]).backward()
        grad = model.get_parameter([*weights, "output.weight"][layer]).grad
        assert grad is not None
        return grad.double()

    assert math.isnan(found.distance[0]) and math.isnan(found.cosine[0])
    for layer in range(1, len(weights) + 1):
        g, shifted = gradient(0, layer), gradient(layer, layer)
        np.testing.assert_allclose(found.distance[layer], (g - shifted).norm(), rtol=1e-4)
        cosine = (g * shifted).sum() / g.norm() / shifted.norm()
        np.testing.assert_allclose(found.cosine[layer], cosine, rtol=1e-4)
        assert found.distance[layer] > 0
    assert found.passes == 1 + len(weights)


def test_time_steps_share_their_weights_so_nothing_is_below_them():
    _, frames = trained({**MODELS["rnn"], "meter": "full"}, 10)
    values = frames[10].lanes[0]
    assert np.isnan(values["grad_shift"]).all() and np.isnan(values["grad_cosine"]).all()
    assert values["loss_range"] > 0 and values["shift_passes"] == 9


def test_smoothness_is_that_of_the_pass_that_is_shown():
    trainer, frames = trained({**SMALL, "norm": "batch", "meter": "full"}, 20)
    lane, values = trainer.lanes[0], frames[20].lanes[0]
    found = along_gradient(copy.deepcopy(lane.model), *lane.minibatch(), 0.1)
    assert values["loss_range"] == np.float32(found.range)
    assert values["gradient_change"] == np.float32(found.change)
    assert values["effective_beta"] == np.float32(found.beta)
    assert values["shift_passes"] == 9 + 3


def test_gradients_and_smoothness_are_measured_where_the_held_out_set_is():
    _, frames = trained({**SMALL, "meter": "full"}, 22)
    for step, frame in frames.items():
        assert frame.lanes[0]["shift_step"] == max(s for s in range(step + 1) if evaluates(s))
    assert np.isnan(frames[0].lanes[0]["grad_shift"]).all()
    assert np.isfinite(frames[10].lanes[0]["grad_shift"][1:]).all()


def test_where_the_gradient_is_zero_there_is_no_way_to_go():
    model = torch.nn.Linear(2, 2)
    torch.nn.init.zeros_(model.weight)
    torch.nn.init.zeros_(model.bias)
    found = along_gradient(model, torch.zeros(2, 2), torch.tensor([0, 1]), 0.1)
    assert math.isnan(found.beta) and found.range == found.change == 0


# Changes in the middle of a run.


def test_preprocessing_in_the_middle_keeps_the_start_and_another_data_set_does_not():
    base = {"dataset": "mnist", "depth": "2", "width": "10", "batch_size": "20", "steps": "80"}
    for field, value, anew in (("preprocessing", "zscore", False), ("dataset", "inverted", True)):
        trainer = Trainer(from_link({**base, f"{field}@33": value}))
        values = stepped(trainer, 33).lanes[0]
        if anew:
            assert values["drift_step"] == 33 and (values["pre_drift_start"] == 0).all()
            assert np.isnan(values["pre_drift_recent"]).all()
        else:
            assert values["drift_step"] == 25
        values = stepped(trainer, 75).lanes[0]
        assert (values["pre_drift_start"] > 0.01).all()
        assert np.isfinite(values["pre_drift_recent"]).all()


def stepped(trainer: Trainer, to: int) -> Frame:
    while trainer.step_count < to - 1:
        trainer.step(measure=False)
    frame = trainer.step(measure=True)
    assert frame is not None
    return frame


@pytest.mark.parametrize("meter", ["drift", "full"])
def test_a_fork_takes_the_meter_along(meter: str):
    config = from_link({n: str(v) for n, v in SMALL.items()} | {"meter": meter, "b.lr@9": "0.1"})
    trainer = Trainer(config)
    for _ in range(21):
        frame = trainer.step(measure=True)
        assert frame is not None
        a, b = frame.lanes
        assert all(np.array_equal(a[name], b[name], equal_nan=True) for name in a)


def test_a_lane_that_diverges_keeps_its_last_values():
    wild = {**SMALL, "activation": "linear", "init": "unit", "depth": 8, "lr": 100.0}
    run = RunConfig.model_validate({"lane": {**wild, "meter": "full"}, "others": [{"lr": 1e-6}]})
    trainer = Trainer(run)
    while not trainer.divergences:
        trainer.step(measure=True)
    assert [each["lane"] for each in trainer.divergences] == [0]
    kept = trainer.frame().lanes[0]
    for _ in range(3):
        frame = trainer.step(measure=True)
        assert frame is not None
        encode(trainer.schema, frame)
        assert frame.lanes[0]["drift_step"] == kept["drift_step"] < frame.lanes[1]["drift_step"]


def test_a_network_that_never_had_a_finite_pass_has_a_schema():
    lane = {**SMALL, "activation": "linear", "init": "constant", "init_std": 10, "gain": 100}
    trainer = Trainer(parse({"lane": {**lane, "depth": 40, "meter": "full"}}))
    assert trainer.finished
    encode(trainer.schema, trainer.frame())
