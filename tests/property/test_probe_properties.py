"""Quantities on any values: equal to numpy's, and what holds whatever is measured."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from normviz import catalog, probe
from normviz.config import LaneConfig
from normviz.frames import Bins
from normviz.probe.gradients import norms
from normviz.probe.histograms import PERCENTILES, counts, counts_of_magnitude, percentiles
from normviz.probe.moments import moments
from normviz.probe.samples import Samples
from normviz.probe.saturation import dead_share, share_outside
from normviz.train.lane import Lane
from tests.property import strategies
from tests.unit.plain import float64_pass

finite = st.floats(-1000, 1000, width=32)
anything = st.floats(width=32, allow_nan=False)


def samples(elements: st.SearchStrategy[float]) -> st.SearchStrategy[Samples]:
    """Sorted values of one to three layers, which differ in how many they have."""
    row = npst.arrays(np.float32, st.integers(1, 30), elements=elements).map(np.sort)
    return st.lists(row, min_size=1, max_size=3).map(
        lambda rows: Samples(np.concatenate(rows), tuple(map(len, rows)))
    )


@given(npst.arrays(np.float32, npst.array_shapes(max_dims=2, max_side=40), elements=finite))
def test_moments_equal_numpy(values: np.ndarray):
    mean, std = moments(torch.from_numpy(values))
    scale = float(np.abs(values).max())
    np.testing.assert_allclose(mean, values.astype(float).mean(), rtol=1e-5, atol=1e-6 * scale)
    np.testing.assert_allclose(std, values.astype(float).std(), rtol=1e-5, atol=1e-6 * scale)


edges = st.lists(st.integers(-8, 8), min_size=2, max_size=9, unique=True).map(
    lambda integers: np.sort(np.array(integers, float) / 2)
)
near_edges = st.integers(-20, 20).map(lambda n: n / 4) | anything


@given(samples(near_edges), edges)
def test_counts_equal_numpys_histogram(samples: Samples, edges: np.ndarray):
    found = counts(samples.rows, edges).tolist()
    for row, (below, *inside, above) in zip(samples.rows, found, strict=True):
        assert inside == np.histogram(row, edges)[0].tolist()
        assert below == (row < edges[0]).sum()
        assert above == (row > edges[-1]).sum()


@given(samples(anything | st.sampled_from([0.0, -0.0, 1e-3, -1e-3, 0.5, -0.5])))
def test_counts_of_magnitude_equal_numpys_histogram(samples: Samples):
    edges = Bins(-3.0, 1.0, 8, log10=True).edges().astype(np.float32)
    found = counts_of_magnitude(samples.rows, edges).tolist()
    for row, (below, *inside, above) in zip(map(np.abs, samples.rows), found, strict=True):
        kept = row[row < edges[-1]]
        assert inside == np.histogram(kept, edges)[0].tolist()
        assert below == (row < edges[0]).sum()
        assert above == (row >= edges[-1]).sum()


@given(samples(anything))
def test_percentiles_equal_numpys(samples: Samples):
    for row, found in zip(samples.rows, percentiles(samples), strict=True):
        expected = np.percentile(row, PERCENTILES, method="inverted_cdf")
        np.testing.assert_array_equal(found, expected)


@given(samples(near_edges), st.integers(-8, 0), st.integers(0, 8))
def test_share_outside_equals_counting(samples: Samples, low: int, high: int):
    for row in samples.rows:
        expected = np.mean((row < low / 4) | (row > high / 4))
        assert share_outside(row, low / 4, high / 4) == expected


@given(
    npst.arrays(
        np.float32,
        npst.array_shapes(min_dims=2, max_dims=4, max_side=4),
        elements=st.sampled_from([0, 0, 1e-45, -3]),
    )
)
def test_dead_share_equals_counting(phi: np.ndarray):
    dead = [all(value == 0 for value in phi[:, unit].flat) for unit in range(phi.shape[1])]
    assert dead_share(torch.from_numpy(phi)) == pytest.approx(np.mean(dead), rel=1e-6)


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray:
    """Normal, uniform or low-rank matrices."""
    rows, columns = draw(st.integers(1, 60)), draw(st.integers(1, 60))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    kind, rank = draw(st.sampled_from(["normal", "uniform", "low"])), draw(st.integers(1, 4))
    if kind == "low":
        return (rng.normal(size=(rows, rank)) @ rng.normal(size=(rank, columns))).astype(np.float32)
    return (rng.normal if kind == "normal" else rng.uniform)(size=(rows, columns)).astype(
        np.float32
    )


def svd(matrix: np.ndarray) -> float:
    return float(np.linalg.svd(matrix.astype(float), compute_uv=False)[0])


@given(matrices())
def test_spectral_norm_is_a_close_lower_bound(matrix: np.ndarray):
    (spectral,), (frobenius,) = norms(matrix[None])
    exact = svd(matrix)
    assert 0.9 * exact <= spectral <= exact * (1 + 1e-5)
    assert min(matrix.shape) > 16 or spectral >= exact * (1 - 1e-5)
    np.testing.assert_allclose(frobenius, np.linalg.norm(matrix.astype(float)), rtol=1e-5)
    rank = min(matrix.shape)
    assert 0.9 * frobenius / np.sqrt(rank) <= spectral <= frobenius * (1 + 1e-5)


@given(matrices(), st.integers(-100, 80), st.sampled_from([-1, 1]))
def test_norms_scale_with_the_matrix(matrix: np.ndarray, exponent: int, sign: int):
    factor = np.float32(sign * 2.0**exponent)
    for base, scaled in zip(norms(matrix[None]), norms(matrix[None] * factor), strict=True):
        np.testing.assert_allclose(scaled, base * abs(float(factor)), rtol=1e-4)


@given(matrices())
def test_norms_are_those_of_the_transpose(matrix: np.ndarray):
    for base, turned in zip(norms(matrix[None]), norms(matrix.T[None].copy()), strict=True):
        np.testing.assert_allclose(turned, base, rtol=0.1)


small_lanes = strategies.lane(
    model=st.just("mlp"),
    dataset=st.just("digits"),
    device=st.just("cpu"),
    depth=st.integers(1, 4),
    width=st.integers(4, 24),
    batch_size=st.integers(1, 60),
    lr=st.floats(0.001, 0.2),
    init_std=st.floats(0.001, 1.0),
    gain=st.floats(0.2, 2.0),
    eps=st.floats(1e-5, 0.1),
    order=st.just("shuffled"),
    norm=st.sampled_from(["none", "batch", "layer"]),  # those that the plain oracle knows
)


@settings(max_examples=60)
@given(small_lanes)
def test_sorted_phi_is_the_sorted_function_of_pre(config: LaneConfig):
    measured = Lane(config).measured(None)
    phi = np.stack([np.sort(t.detach().numpy().ravel()) for t in measured.tape.phi])
    np.testing.assert_allclose(measured.sorted_phi.rows, phi, rtol=2e-7, atol=0)
    assert (np.diff(measured.sorted_phi.rows, axis=1) >= 0).all()


@settings(max_examples=60)
@given(small_lanes)
def test_shares_are_shares(config: LaneConfig):
    values = probe.measure(Lane(config).measured(None))
    for name in ("pre", "act", "grad"):
        total = values[f"{name}_hist"].sum(1) + values[f"{name}_outside"].sum(1)
        np.testing.assert_allclose(total, 1, rtol=1e-12)
        assert (np.diff(values[f"{name}_pct"], axis=1) >= 0).all()
    for name in ("saturated", "dead", "accuracy"):
        assert ((values[name] >= 0) & (values[name] <= 1)).all()
    assert (values["dw_spectral"] <= values["dw_frobenius"] * (1 + 1e-5)).all()


@settings(max_examples=60)
@given(small_lanes, st.sampled_from(["small", "xavier", "he"]), st.integers(4, 60))
def test_fields_equal_a_float64_network(config: LaneConfig, init: str, batch: int):
    """Left out is where float32 itself has no digits left: saturated units, minibatches of one."""
    lane = Lane(config.model_copy(update={"init": init, "batch_size": batch}))
    values, oracle = probe.measure(lane.measured(None)), float64_pass(lane, 0)
    layers = {"pre": oracle.pre, "act": oracle.out, "grad": [batch * g for g in oracle.grads]}
    for name, arrays in layers.items():
        for i, array in enumerate(arrays):
            size = np.sqrt(np.mean(array**2)) + 1e-12
            assert abs(values[f"{name}_mean"][i] - array.mean()) <= 1e-3 * size
            assert abs(values[f"{name}_std"][i] - array.std()) <= 1e-3 * size
    for i, grad in enumerate(oracle.weight_grads):
        np.testing.assert_allclose(
            values["dw_frobenius"][i], np.linalg.norm(grad), rtol=1e-3, atol=1e-12
        )
    np.testing.assert_allclose(values["loss"], oracle.loss, rtol=1e-5)


@given(st.sampled_from(sorted(catalog.ACTIVATIONS)), st.booleans())
def test_declared_fields_are_unique_and_explained(activation: str, normed_after: bool):
    fields = probe.fields(catalog.ACTIVATIONS[activation].load(), normed_after)
    assert len({field.name for field in fields}) == len(fields)
    assert all(field.label and field.description for field in fields)
