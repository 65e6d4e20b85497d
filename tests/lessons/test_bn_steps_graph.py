"""The nine steps of Batch Normalization against torch's autograd in float64, and the code that the page shows."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given as drawn
from hypothesis import strategies as st
from torch.nn import functional

from normviz.lessons import bn_steps_graph as graph
from normviz.lessons.bn_steps_graph import START, STEPS, Inputs


def random(seed: int, batch: int = 4, units: int = 2, eps: float = 1e-5) -> Inputs:
    rng = np.random.default_rng(seed)
    x, dy = rng.normal(rng.normal(), 10 ** rng.uniform(-1, 2), (batch, units)), rng.normal(size=2)
    return Inputs(
        x, rng.normal(size=units), rng.normal(size=units), eps, rng.normal(dy[0], 1, (batch, units))
    )


def by_autograd(given: Inputs) -> tuple[torch.Tensor, dict[str, np.ndarray]]:
    """Return torch's own batch normalization, and its gradients of the inputs."""
    leaves = [
        torch.from_numpy(each).requires_grad_() for each in (given.x, given.gamma, given.beta)
    ]
    x, gamma, beta = leaves
    y = functional.batch_norm(x, None, None, gamma, beta, training=True, eps=given.eps)
    grads = torch.autograd.grad(y, leaves, torch.from_numpy(given.dy))
    return y.detach(), dict(zip(("x", "gamma", "beta"), (g.numpy() for g in grads), strict=True))


@drawn(
    st.integers(0, 10**6), st.integers(2, 8), st.integers(1, 5), st.sampled_from([1e-8, 1e-5, 1.0])
)
def test_forward_backward_and_the_one_line_formula_are_autograds(seed, batch, units, eps):
    given = random(seed, batch, units, eps)
    y, wanted = by_autograd(given)
    np.testing.assert_allclose(graph.forward(given)["y"], y.numpy(), rtol=1e-9, atol=1e-9)
    for found in (graph.gradients(given), graph.vectorised(given)):
        for name, gradient in wanted.items():
            scale = np.abs(gradient).max() + np.abs(given.gamma * graph.forward(given)["inv"]).max()
            np.testing.assert_allclose(found[name], gradient, rtol=1e-8, atol=1e-9 * scale)


@pytest.mark.parametrize("seed", range(5))
def test_every_node_on_the_way_has_autograds_gradient(seed):
    given = random(seed)
    value = {name: torch.from_numpy(getattr(given, name)) for name in ("x", "gamma", "beta")}
    for leaf in value.values():
        leaf.requires_grad_()
    for step, result in zip(STEPS, operations(given.eps), strict=True):
        value[step.node] = result(*(value[name] for name in step.inputs))
        value[step.node].retain_grad()
    value["y"].backward(torch.from_numpy(given.dy))
    found, forward = graph.gradients(given), graph.forward(given)
    assert found.keys() == forward.keys() == value.keys()
    for name, tensor in value.items():
        np.testing.assert_allclose(forward[name], tensor.detach().numpy(), rtol=1e-12)
        assert tensor.grad is not None
        np.testing.assert_allclose(found[name], tensor.grad.numpy(), rtol=1e-9, atol=1e-12)


def operations(eps: float):
    """The nine operations in torch, written once more."""
    return (
        lambda x: x.mean(0),
        lambda x, mu: x - mu,
        lambda xmu: xmu.square(),
        lambda sq: sq.mean(0),
        lambda var: (var + eps).sqrt(),
        lambda std: std.reciprocal(),
        lambda xmu, inv: xmu * inv,
        lambda xhat, gamma: xhat * gamma,
        lambda gx, beta: gx + beta,
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_code_on_the_page_computes_what_the_page_shows(seed):
    given = random(seed)
    names: dict[str, Any] = {**vars(given), "np": np, "N": len(given.x)}
    for step in STEPS:
        exec(step.forward, names)
    for name, value in graph.forward(given).items():
        np.testing.assert_array_equal(names[name], value)
    lines = dict(names)
    for step in reversed(STEPS):
        for line in step.backward:
            exec(line, lines)
    for name, gradient in graph.gradients(given).items():
        np.testing.assert_array_equal(lines[f"d{name}"], gradient)
    for line in graph.ONE_LINE:
        exec(line, names)
    for name, gradient in graph.vectorised(given).items():
        np.testing.assert_allclose(names[f"d{name}"], gradient, rtol=1e-12)


def test_a_step_back_gives_gradients_to_its_inputs_and_to_nothing_else():
    parts = graph.backward(graph.forward(START), START.dy)
    for step, part in zip(reversed(STEPS), parts, strict=True):
        given = {line.split(" = ")[0].removeprefix("d") for line in step.backward}
        assert set(part) == given <= set(step.inputs)
    arrived = [set(graph.gradients(START, done)) for done in range(10)]
    assert arrived[0] == {"y"} and arrived[9] == set(graph.forward(START))
    assert all(before <= after for before, after in itertools.pairwise(arrived))


@pytest.mark.parametrize("seed", range(5))
def test_central_differences_agree_with_the_nine_steps(seed):
    given = random(seed)
    found, wanted = graph.central(given), graph.gradients(given)
    for name, slopes in found.items():
        scale = np.abs(given.gamma * graph.forward(given)["inv"]).max() if name == "x" else 1.0
        np.testing.assert_allclose(slopes, wanted[name], rtol=1e-6, atol=1e-6 * scale)


def test_what_pushes_all_examples_alike_does_not_pass():
    alike = Inputs(START.x, START.gamma, START.beta, START.eps, np.ones_like(START.dy))
    np.testing.assert_allclose(graph.gradients(alike)["x"], 0, atol=1e-12)


def test_inputs_ten_times_larger_give_the_same_output_and_a_tenth_of_the_gradient():
    large = Inputs(START.x * 10, START.gamma, START.beta, 0.0, START.dy)
    small = Inputs(START.x, START.gamma, START.beta, 0.0, START.dy)
    np.testing.assert_allclose(graph.forward(large)["y"], graph.forward(small)["y"], rtol=1e-12)
    found = [graph.gradients(each)["x"] for each in (large, small)]
    np.testing.assert_allclose(found[0], found[1] / 10, rtol=1e-9, atol=1e-15)


def test_a_unit_that_does_not_vary_without_epsilon_is_no_number_and_no_error():
    flat = Inputs(np.ones((3, 1)), np.ones(1), np.zeros(1), 0.0, np.ones((3, 1)))
    assert np.isnan(graph.forward(flat)["y"]).all() and np.isnan(graph.gradients(flat)["x"]).all()
    assert np.isnan(graph.vectorised(flat)["x"]).all() and np.isnan(graph.central(flat)["x"]).all()


def test_over_axes_is_batch_norm_after_a_linear_layer_and_after_a_convolution():
    rng = np.random.default_rng(0)
    for shape, axes in (((6, 3), (0,)), ((4, 3, 5, 2), (0, 2, 3))):
        x = rng.normal(2, 3, shape)
        wanted = functional.batch_norm(torch.from_numpy(x), None, None, training=True, eps=1e-5)
        np.testing.assert_allclose(graph.over_axes(x, axes, 1e-5), wanted.numpy(), rtol=1e-12)
