"""Layers of one network that differ in shape: channels with positions, and time steps with fewer and fewer examples."""

from typing import Any

import numpy as np
import pytest
import torch

from normviz import catalog
from normviz.config import LaneConfig
from normviz.nn.activations import RELU
from normviz.probe import OnHost, measure
from normviz.probe.histograms import PERCENTILES, bins
from normviz.probe.moments import BLOCK, moments
from normviz.probe.samples import SAMPLE
from normviz.train.lane import Lane
from tests.unit.passes import KINDS, Shape, check_same, made_up, numbers, the_same
from tests.unit.test_gradients import svd
from tests.unit.test_histograms import check_layer

LAYERS: dict[str, list[Shape]] = {
    "maps": [(7, 4, 9, 9), (7, 4, 5, 5), (7, 6, 3, 3), (7, 6, 3, 3)],
    "wide maps": [(7, 12, 28, 28), (7, 12, 14, 14)],
    "time steps": [(7, 5), (7, 5), (4, 5), (1, 5)],
    "in turns": [(7, 5), (7, 6), (7, 5), (7, 4, 2), (7, 6)],
}
NETWORKS: dict[str, dict[str, Any]] = {
    "convnet": {"model": "convnet", "dataset": "digits", "blocks": 3, "channels": 6},
    "rnn": {"model": "rnn", "dataset": "recall", "width": 12, "batch_size": 60},
}


def first_examples(tensor: torch.Tensor) -> np.ndarray:
    """As many whole examples as fit into the sample, at least one."""
    values = tensor.detach().numpy()
    return values[: max(1, SAMPLE // values[0].size)].ravel()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("normed_after", [False, True])
@pytest.mark.parametrize("layers", LAYERS)
def test_all_fields_of_layers_of_any_shape(layers: str, normed_after: bool, kind: str):
    measured = made_up(KINDS[kind], LAYERS[layers], normed_after=normed_after)
    values, tape = measure(measured), measured.tape
    for i in range(len(tape.pre)):
        layer = {
            name: value[i]
            for name, value in values.items()
            if len(value.shape) and name[:2] != "dw"
        }
        grads = tape.pre[i].grad
        assert grads is not None
        for name, tensor in (
            ("pre", tape.pre[i]),
            ("act", tape.out[i]),
            ("grad", grads * measured.batch),
        ):
            assert layer[f"{name}_mean"] == pytest.approx(numbers(tensor).mean(), rel=1e-4)
            assert layer[f"{name}_std"] == pytest.approx(numbers(tensor).std(), rel=1e-4)
            edges = bins(measured.activation, normed_after)[name]
            check_layer(layer, name, edges, first_examples(tensor))
        phi = np.abs(first_examples(tape.phi[i]))
        assert layer["saturated"] == pytest.approx(np.mean(phi > 0.97), abs=1e-6)
        assert layer["dead"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_channels_are_dead_that_are_zero_everywhere(kind: str):
    measured = made_up(KINDS[kind], [(3, 4, 5, 5), (3, 4, 2, 2), (2, 4)], activation=RELU)
    for phi, alive in zip(measured.tape.phi, ([0], [0, 1, 3], []), strict=True):
        phi.detach().zero_()
        for unit in alive:
            phi.detach()[-1, unit].view(-1)[-1] = 1.0
    assert measure(measured)["dead"].tolist() == [0.75, 0.25, 1.0]


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_of_kernels_are_matrices_with_a_row_for_each_channel(kind: str):
    small, large = [(6, 1, 3, 3), (6, 6, 3, 3), (10, 40)], [(40, 20, 3, 3), (30, 30, 3, 3)]
    weights = [*small, *large, *small, *large]
    measured = made_up(KINDS[kind], LAYERS["maps"], weights)
    values = measure(measured)
    flat = [grad.numpy().reshape(len(grad), -1) for grad in measured.weight_grads]
    np.testing.assert_allclose(values["dw_spectral"], [svd(m) for m in flat], rtol=3e-2)
    exact = [i for i, matrix in enumerate(flat) if min(matrix.shape) <= 16]
    np.testing.assert_allclose(values["dw_spectral"][exact], [svd(flat[i]) for i in exact])
    exact = [np.linalg.norm(m.astype(float)) for m in flat]
    np.testing.assert_allclose(values["dw_frobenius"], exact, rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_that_saw_no_example_has_empty_bins_and_no_numbers(kind: str):
    measured = made_up(KINDS[kind], [(7, 5), (2, 5), (0, 5)], activation=RELU)
    values = measure(measured)
    for name in ("pre", "act", "grad"):
        assert values[f"{name}_hist"].sum(1)[2] == values[f"{name}_outside"].sum(1)[2] == 0
        np.testing.assert_allclose(
            (values[f"{name}_hist"].sum(1) + values[f"{name}_outside"].sum(1))[:2], 1
        )
        for field in ("mean", "std", "pct"):
            assert np.isnan(values[f"{name}_{field}"][2]).all()
            assert np.isfinite(values[f"{name}_{field}"][:2]).all()
    assert (
        np.isnan(values["saturated"]).tolist()
        == np.isnan(values["dead"]).tolist()
        == [False, False, True]
    )


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_scaled_with_the_minibatch_and_not_with_the_layer(kind: str):
    measured = made_up(KINDS[kind], LAYERS["time steps"], batch=7)
    values = measure(measured)
    for i, grad in enumerate(measured.grads):
        assert values["grad_mean"][i] == pytest.approx(7 * numbers(grad).mean(), rel=1e-4)
        assert values["grad_pct"][i][-1] == pytest.approx(7 * numbers(grad).max(), rel=1e-4)


@pytest.mark.parametrize("shape", [(2, 3, BLOCK), (3, BLOCK + 1), (BLOCK - 1,)])
def test_moments_of_many_values(shape: Shape):
    values = np.random.default_rng(1).normal(3.0, 0.01, shape).astype(np.float32)
    exact = values.astype(float)
    assert moments(torch.from_numpy(values)) == pytest.approx((exact.mean(), exact.std()), rel=1e-5)


def test_moments_do_not_depend_on_how_values_lie_in_memory():
    values = torch.randn(6, 5, 4, 3, generator=torch.Generator().manual_seed(0))
    turned = values.to(memory_format=torch.channels_last)
    assert moments(turned) == pytest.approx(moments(values), rel=1e-6)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("activation", ["tanh", "relu", "gelu"])
def test_real_networks(network: str, activation: str):
    """Each field against numpy on the tape of a pass."""
    lane = Lane(LaneConfig(**NETWORKS[network], activation=activation, norm="layer"))
    lane.update(measure=True)
    measured = lane.measured(None)
    assert isinstance(measured, OnHost)
    values, tape = measure(measured), measured.tape
    assert len({tuple(pre.shape) for pre in tape.pre}) > 1
    assert len(values["dw_spectral"]) == len(tape.pre) + 1
    for i, (pre, phi, grad) in enumerate(zip(tape.pre, tape.phi, measured.grads, strict=True)):
        assert grad.shape == pre.shape
        if not len(pre):
            continue
        assert values["pre_std"][i] == pytest.approx(numbers(pre).std(), rel=1e-4, abs=1e-7)
        assert values["grad_std"][i] == pytest.approx(
            measured.batch * numbers(grad).std(), rel=1e-4, abs=1e-9
        )
        assert values["act_pct"][i][2] == pytest.approx(
            np.percentile(first_examples(phi), PERCENTILES[2], method="inverted_cdf"), rel=1e-5
        )
        dead = (phi.detach().numpy().swapaxes(0, 1).reshape(phi.shape[1], -1) == 0).all(1)
        assert values["dead"][i] == pytest.approx(dead.mean() if measured.activation.can_die else 0)
    for i, grad in enumerate(measured.weight_grads):
        matrix = grad.numpy().reshape(len(grad), -1)
        assert values["dw_spectral"][i] == pytest.approx(svd(matrix), rel=5e-3, abs=1e-9)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("activation", catalog.ACTIVATIONS)
def test_both_ways_to_measure_agree(activation: str, place: str):
    lane = Lane(
        LaneConfig(
            dataset="digits", depth=4, width=40, activation=activation, norm="batch", place=place
        )
    )
    for _ in range(3):
        lane.update(measure=True)
    measured = lane.measured(lane.evaluate())
    check_same(measure(measured), measure(the_same(measured, KINDS["device"])))


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "silu"])
def test_both_ways_to_measure_agree_on_other_networks(network: str, activation: str):
    lane = Lane(LaneConfig(**NETWORKS[network], activation=activation))
    lane.update(measure=True)
    measured = lane.measured(None)
    check_same(measure(measured), measure(the_same(measured, KINDS["device"])))
