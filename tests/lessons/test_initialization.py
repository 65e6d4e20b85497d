"""The claims of initialization, and its signal against autograd."""

import numpy as np
import pytest
import torch

from normviz.lessons.initialization import EQUAL, LESSON, RELU
from normviz.lessons.initialization_signal import CASES, DEPTH, sweep, through
from tests.lessons.recorded import recorded


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("lesson", [LESSON, RELU, EQUAL], ids=lambda lesson: lesson.title)
def test_its_claims_come_out(lesson, seed):
    verdict = lesson.judge(recorded(lesson, seed))
    assert all(claim.holds for claim in verdict.claims), verdict.claims
    expected = {LESSON.title: None, RELU.title: 2, EQUAL.title: 0}[lesson.title]
    assert verdict.answer == expected and all(verdict.words)


@pytest.mark.parametrize("lesson", [LESSON, RELU, EQUAL], ids=lambda lesson: lesson.title)
@pytest.mark.parametrize(
    "changes", [{"activation": "linear", "lr": "100"}, {"init": "zeros", "b.init": "zeros"}]
)
def test_it_has_words_for_any_setting(lesson, changes):
    verdict = lesson.judge(recorded(lesson, 0, steps="2", **changes))
    assert len(verdict.words) >= 2 and all(verdict.words)


@pytest.mark.parametrize("case", [case for case in CASES if case != "zeros"])
def test_the_gradients_are_those_of_autograd(case):
    activation, scale = CASES[case]
    signal = through(activation, scale, width=12, examples=5, seed=3)
    random = np.random.default_rng(3)
    h = torch.from_numpy(random.standard_normal((5, 12)))
    weights = [random.standard_normal((12, 12)) * scale / np.sqrt(12) for _ in range(DEPTH)]
    zs = []
    for weight in weights:
        zs.append((h @ torch.from_numpy(weight).T).requires_grad_())
        zs[-1].retain_grad()
        h = torch.tanh(zs[-1]) if activation == "tanh" else torch.relu(zs[-1])
    h.backward(torch.from_numpy(random.standard_normal((5, 12))))
    np.testing.assert_allclose(signal.forward[-1], h.detach().numpy(), atol=1e-12)
    for ours, z in zip(signal.backward, zs, strict=True):
        assert z.grad is not None
        np.testing.assert_allclose(ours, z.grad.numpy(), rtol=1e-9, atol=1e-14)


def test_zeros_pass_nothing_either_way():
    signal = through(*CASES["zeros"], width=20)
    assert not any(layer.any() for layer in (*signal.forward, *signal.backward[:-1]))


def test_the_sweep_has_its_best_place_at_xavier_and_he():
    tanh, relu = sweep("tanh"), sweep("relu")
    he = np.argmin(abs(np.log(relu.forward)))
    assert 1.1 < relu.scales[he] < 1.8
    best = np.argmin(abs(np.log(tanh.backward)))
    assert 0.9 < tanh.scales[best] < 2.0
    assert tanh.forward[0] < 1e-8 < tanh.forward[-1] and relu.backward[0] < 1e-8
