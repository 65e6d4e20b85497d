"""Histograms and percentiles against numpy, edges and outside mass included."""

import numpy as np
import pytest

from normviz import catalog
from normviz.config import LaneConfig
from normviz.frames import Bins
from normviz.nn.activations import RELU, SIGMOID
from normviz.probe.histograms import (
    GRAD,
    PERCENTILES,
    PRE,
    bins,
    counts,
    counts_of_magnitude,
    measure,
    percentiles,
)
from normviz.probe.samples import SAMPLE, Samples
from normviz.train.lane import Lane

EDGES = np.array([-1.0, 0.0, 0.5, 2.0])


def ordered(*values: float) -> list[np.ndarray]:
    return [np.sort(np.array(values, np.float32))]


def test_a_bin_holds_its_lower_edge_and_the_last_one_both():
    assert counts(ordered(-1, 0, 0.5, 2), EDGES).tolist() == [[0, 1, 1, 2, 0]]


def test_values_outside_are_counted_there():
    values = ordered(-np.inf, -1.1, 2.1, 7, np.inf, np.nan)
    assert counts(values, EDGES).tolist() == [[2, 0, 0, 0, 4]]


def test_magnitudes_are_counted_whatever_the_sign():
    edges = np.array([0.01, 0.1, 1.0, 10.0])
    values = ordered(
        0, -0.0, 0.005, -0.005, 0.05, -0.05, 0.5, 1, -1, -5, 11, -11, np.inf, -np.inf, np.nan
    )
    assert counts_of_magnitude(values, edges).tolist() == [[4, 2, 1, 3, 5]]


@pytest.mark.parametrize("n", [1, 2, 3, 7, 100, 200])
def test_percentiles_are_nearest_rank(n: int):
    values = Samples(np.arange(n, dtype=np.float32), (n,))
    expected = [int(np.ceil(p * n / 100)) - 1 for p in PERCENTILES]
    assert percentiles(values)[0].tolist() == expected


@pytest.mark.parametrize("name", catalog.ACTIVATIONS)
def test_each_quantity_has_its_bins(name: str):
    activation = catalog.ACTIVATIONS[name].load()
    before, after = bins(activation, False), bins(activation, True)
    assert before["pre"] == after["pre"] == after["act"] == PRE
    assert before["grad"] == after["grad"] == GRAD
    assert (before["act"].lo, before["act"].hi) == activation.bounds


def sampled(tensor, width: int) -> np.ndarray:
    return tensor.detach()[: SAMPLE // width].numpy().ravel()


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("activation", catalog.ACTIVATIONS)
def test_fields_equal_numpy_on_the_sampled_values(activation: str, place: str):
    width = 100
    config = LaneConfig(
        dataset="digits",
        depth=2,
        width=width,
        activation=activation,
        norm="batch",
        place=place,
        init="unit",
    )
    measured = Lane(config).measured(None)
    values = measure(measured)
    tensors = {"pre": measured.tape.pre, "act": measured.tape.out}
    for name, bin_ in bins(measured.activation, place == "after").items():
        for i in range(2):
            raw = (
                sampled(tensors[name][i], width)
                if name in tensors
                else measured.sorted_grad.rows[i]
            )
            check_layer({key: value[i] for key, value in values.items()}, name, bin_, raw)


def check_layer(values: dict[str, np.ndarray], name: str, bin_: Bins, raw: np.ndarray) -> None:
    raw = np.abs(raw) if bin_.log10 else raw
    edges = bin_.edges().astype(np.float32)
    shares, outside = values[f"{name}_hist"], values[f"{name}_outside"]
    np.testing.assert_allclose(shares, np.histogram(raw, edges)[0] / raw.size, atol=2e-4)
    np.testing.assert_allclose(
        outside, [np.mean(raw < edges[0]), np.mean(raw > edges[-1])], atol=2e-4
    )
    assert shares.sum() + outside.sum() == pytest.approx(1, abs=1e-12)
    assert shares.shape == (64,)
    if not bin_.log10:
        expected = np.percentile(raw, PERCENTILES, method="inverted_cdf")
        np.testing.assert_allclose(values[f"{name}_pct"], expected, rtol=1e-6)


def test_gradients_are_those_of_each_examples_loss():
    """A batch of equal examples has the same histogram of gradients as one of them."""
    lane = Lane(LaneConfig(dataset="digits", depth=1, width=8, batch_size=20))
    measured = lane.measured(None)
    raw = np.sort((measured.grads[0].numpy() * np.float32(20)).ravel())
    np.testing.assert_array_equal(measured.sorted_grad.rows[0], raw)
    expected = np.histogram(np.log10(np.abs(raw[raw != 0]).astype(float)), np.linspace(-12, 1, 65))[
        0
    ]
    np.testing.assert_allclose(
        measure(measured)["grad_hist"][0], expected / raw.size, atol=1.1 / raw.size
    )


def test_a_batch_too_large_is_sampled_by_its_first_examples():
    lane = Lane(LaneConfig(dataset="digits", depth=2, width=512, batch_size=100))
    pre = lane.measured(None).sorted_pre
    assert pre.sizes == (16 * 512, 16 * 512)
    first = lane.measured(None).tape.pre[0].detach()[:16].numpy()
    np.testing.assert_array_equal(pre.rows[0], np.sort(first.ravel()))


@pytest.mark.parametrize("activation", [SIGMOID, RELU])
def test_edges_are_fixed_and_rising(activation):
    for bin_ in bins(activation, False).values():
        assert len(bin_.edges()) == 65
        assert (np.diff(bin_.edges().astype(np.float32)) > 0).all()
