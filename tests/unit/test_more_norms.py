"""The further normalizations against torch's own layers or a naive numpy oracle, in float64."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.utils import parametrizations

from normviz import catalog
from normviz.config import LaneConfig
from normviz.nn.linear import ExpWeightNormLinear, Linear, SpectralNormLinear, WeightNormLinear
from normviz.nn.norms.base import Norm
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.dyt import DyT
from normviz.nn.norms.group import GroupNorm, divisor
from normviz.nn.norms.instance import InstanceNorm
from normviz.nn.norms.layer import LayerNorm
from normviz.nn.norms.local_response import LocalResponseNorm
from normviz.nn.norms.noisy import NoisyBatchNorm
from normviz.nn.norms.renorm import BatchRenorm
from normviz.nn.norms.rms import RMSNorm
from normviz.nn.tape import Tape

B, C = 7, 12


@pytest.fixture
def x() -> Tensor:
    return (
        torch.randn(B, C, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 2 + 0.5
    )


@pytest.fixture
def images() -> Tensor:
    return (
        torch.randn(B, C, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2)) * 3
        - 1
    )


def shaken(module: nn.Module) -> nn.Module:
    """Give every parameter a value of its own, in float64."""
    generator = torch.Generator().manual_seed(3)
    for parameter in module.double().parameters():
        parameter.data = torch.randn(parameter.shape, dtype=torch.float64, generator=generator)
    return module


def layer_of(kind: type[Linear]) -> Linear:
    """Make a linear layer with weights of its own."""
    layer = kind((5, C)).double()
    for tensor in (layer.weight, layer.bias):
        nn.init.normal_(tensor, generator=torch.Generator().manual_seed(4))
    return layer


def same(ours: nn.Module, theirs: nn.Module, x: Tensor) -> None:
    """Check forward and all gradients; parameters correspond in order."""
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        b.data = a.data.clone().view_as(b)
    inputs = x.clone().requires_grad_(), x.clone().requires_grad_()
    outputs = [module(each) for module, each in zip((ours, theirs), inputs, strict=True)]
    torch.testing.assert_close(*outputs)
    for output in outputs:
        output.sin().sum().backward()
    torch.testing.assert_close(inputs[0].grad, inputs[1].grad)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad)


@pytest.mark.parametrize("groups", [1, 3, 4, 12])
def test_group_norm_is_torchs(x: Tensor, images: Tensor, groups: int):
    for each in (x, images):
        same(shaken(GroupNorm(C, True, groups)), nn.GroupNorm(groups, C).double(), each)


def test_one_group_is_layer_norm_and_as_many_as_channels_is_instance_norm(
    x: Tensor, images: Tensor
):
    torch.testing.assert_close(GroupNorm(C, False, 1)(x), LayerNorm(C, False)(x))
    torch.testing.assert_close(GroupNorm(C, False, C)(images), InstanceNorm(C, False)(images))
    torch.testing.assert_close(InstanceNorm(C, False)(images), nn.InstanceNorm2d(C)(images))


@pytest.mark.parametrize(
    ("features", "groups", "used"), [(12, 5, 4), (12, 100, 12), (7, 6, 1), (200, 32, 25)]
)
def test_groups_that_do_not_divide_become_fewer(features: int, groups: int, used: int):
    assert divisor(features, groups) == used
    assert GroupNorm(features, True, groups).groups == used


def test_instance_norm_of_vectors_is_beta(x: Tensor):
    norm = InstanceNorm(C, True).double()
    norm.load_state_dict({"gamma": torch.ones(C), "beta": torch.full((C,), 0.25)})
    torch.testing.assert_close(norm(x), torch.full_like(x, 0.25))


def test_rms_norm_is_torchs(x: Tensor):
    same(shaken(RMSNorm(C, True)), nn.RMSNorm(C, eps=1e-5).double(), x)


def test_local_response_norm_is_torchs_and_the_papers(x: Tensor, images: Tensor):
    same(LocalResponseNorm(C, True), nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0), images)
    ours, values = LocalResponseNorm(C, True)(x), x.numpy()
    for i in range(C):
        near = values[:, max(0, i - 2) : i + 3]
        expected = values[:, i] / (2 + 1e-4 * (near**2).sum(1)) ** 0.75
        np.testing.assert_allclose(ours[:, i].numpy(), expected, rtol=1e-12)


def test_dyt_is_gamma_tanh_alpha_x_plus_beta(x: Tensor):
    norm = shaken(DyT(C, True))
    alpha, gamma, beta = (parameter.detach().numpy() for parameter in norm.parameters())
    np.testing.assert_allclose(
        norm(x).detach().numpy(), gamma * np.tanh(alpha * x.numpy()) + beta, rtol=1e-12
    )


def test_renorm_with_limits_one_and_zero_is_batch_norm(x: Tensor):
    ours, plain = (
        shaken(BatchRenorm(C, True, r_max=1.0, d_max=0.0, warmup=0)),
        BatchNorm(C, True).double(),
    )
    plain.load_state_dict({**plain.state_dict(), "gamma": ours.gamma.data, "beta": ours.beta.data})
    for _ in range(3):
        torch.testing.assert_close(ours(x), plain(x))
    torch.testing.assert_close(ours.running_mean, plain.running_mean)


def test_renorm_against_the_algorithm_step_by_step():
    norm, rng = (
        BatchRenorm(C, False, r_max=1.5, d_max=0.3, warmup=2).double(),
        np.random.default_rng(5),
    )
    mean, std = np.zeros(C), np.ones(C)
    for step in range(8):
        x = rng.normal(1.0, 2.0, (B, C))
        grown = min(1, max(0, (step - 2) / 2))
        r_max, d_max = 1 + grown * 0.5, grown * 0.3
        mu, sigma = x.mean(0), np.sqrt(x.var(0) + 1e-5)
        r, d = np.clip(sigma / std, 1 / r_max, r_max), np.clip((mu - mean) / std, -d_max, d_max)
        np.testing.assert_allclose(
            norm(torch.from_numpy(x)).numpy(), (x - mu) / sigma * r + d, rtol=1e-10, atol=1e-12
        )
        mean, std = mean + 0.1 * (mu - mean), std + 0.1 * (sigma - std)
    np.testing.assert_allclose(norm.running_mean.numpy(), mean, rtol=1e-12)
    np.testing.assert_allclose(norm.running_std.numpy(), std, rtol=1e-12)
    norm.eval()
    x = rng.normal(size=(B, C))
    np.testing.assert_allclose(norm(torch.from_numpy(x)).numpy(), (x - mean) / std, rtol=1e-10)


@pytest.mark.parametrize(
    "make", [lambda: BatchRenorm(C, True), lambda: RMSNorm(C, True), lambda: DyT(C, True)]
)
def test_gradients_are_those_of_finite_differences(x: Tensor, make):
    norm = shaken(make()).eval()
    assert torch.autograd.gradcheck(norm, (x.requires_grad_(),))


def test_one_example_and_constant_features_give_finite_numbers():
    for norm in (
        GroupNorm(C, True, 3),
        RMSNorm(C, True),
        BatchRenorm(C, True),
        DyT(C, True),
        LocalResponseNorm(C, True),
    ):
        for x in (torch.zeros(1, C), torch.full((5, C), 7.0)):
            assert torch.isfinite(norm(x)).all()


def test_noisy_batch_norm_shifts_and_scales_by_the_papers_constants():
    norm = NoisyBatchNorm(2000, False)
    y = norm(torch.randn(500, 2000, generator=torch.Generator().manual_seed(1)))
    means = y.mean(0)
    assert -0.6 < means.min() < -0.4 and 0.4 < means.max() < 0.6
    np.testing.assert_allclose(means.std().item(), 1 / np.sqrt(12), rtol=0.05)
    expected = np.mean(np.linspace(1, 1.25, 1001) ** 2) + 0.1**2 + 0.1**2 / 3
    np.testing.assert_allclose(y.var(0, correction=0).mean().item(), expected, rtol=0.01)


def test_noisy_batch_norm_is_batch_norm_where_nothing_is_trained():
    noisy, plain = NoisyBatchNorm(C, False), BatchNorm(C, False)
    x = torch.randn(B, C, generator=torch.Generator().manual_seed(1))
    noisy.tracking = plain.tracking = False
    torch.testing.assert_close(noisy(x), plain(x))
    torch.testing.assert_close(noisy.eval()(x), plain.eval()(x))


def test_weight_norm_is_torchs(x: Tensor):
    ours, theirs = layer_of(WeightNormLinear), nn.Linear(C, 5).double()
    theirs.load_state_dict(
        {name: value for name, value in ours.state_dict().items() if name != "g"}
    )
    ours.settle()
    theirs = parametrizations.weight_norm(theirs)
    torch.testing.assert_close(ours(x), theirs(x))
    ours(x).sin().sum().backward()
    theirs(x).sin().sum().backward()
    length, direction = (
        parameter.grad for name, parameter in theirs.named_parameters() if "original" in name
    )
    torch.testing.assert_close(ours.g.grad, length)
    torch.testing.assert_close(ours.weight.grad, direction)


@pytest.mark.parametrize("kind", [Linear, WeightNormLinear, ExpWeightNormLinear])
def test_a_settled_weight_is_as_it_was_initialized(kind: type[Linear], x: Tensor):
    layer = layer_of(kind)
    layer.settle()
    torch.testing.assert_close(layer(x), nn.functional.linear(x, layer.weight, layer.bias))


def test_spectral_norm_brings_the_largest_singular_value_to_one(x: Tensor):
    layer = layer_of(SpectralNormLinear)
    layer.settle()
    for _ in range(20):
        layer(x)
    tape = Tape()
    layer(x, tape)
    assert torch.linalg.matrix_norm(tape.weights[0], 2).item() == pytest.approx(1, abs=1e-6)
    before = layer.get_buffer("left").clone()
    layer.eval()(x)
    assert torch.equal(layer.get_buffer("left"), before)


@pytest.mark.parametrize("power_iterations", [1, 4])
@pytest.mark.parametrize("shape", [(5, C), (5, 3, 3, 3)])
def test_spectral_norm_is_torchs_pass_by_pass(shape: tuple[int, ...], power_iterations: int):
    """From torch's own vectors, whose start is random."""
    generator = torch.Generator().manual_seed(4)
    weight = torch.randn(shape, dtype=torch.float64, generator=generator)
    module = nn.Linear(C, 5) if len(shape) == 2 else nn.Conv2d(3, 5, 3)
    module.weight = nn.Parameter(weight.clone())
    theirs: Any = parametrizations.spectral_norm(module, n_power_iterations=power_iterations)
    ours = SpectralNormLinear(shape, power_iterations=power_iterations).double()
    ours.weight.data = weight
    vectors = theirs.parametrizations.weight[0]
    ours.left.copy_(vectors._u)
    ours.right.copy_(vectors._v)
    for training in (True, True, True, False):
        ours.train(training)
        theirs.train(training)
        first, second = ours.effective(), theirs.weight
        torch.testing.assert_close(first, second, rtol=1e-13, atol=1e-13)
    first.sin().sum().backward()
    second.sin().sum().backward()
    original = theirs.parametrizations.weight.original
    torch.testing.assert_close(ours.weight.grad, original.grad, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(ours.left, vectors._u, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 2, 2)])
@pytest.mark.parametrize("kind", [WeightNormLinear, ExpWeightNormLinear, SpectralNormLinear])
def test_gradients_of_normalized_weights_are_those_of_finite_differences(
    kind: type[Linear], shape: tuple[int, ...]
):
    layer = kind(shape).double()
    nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(4))
    layer.settle()
    learned = {name: p for name, p in layer.eval().named_parameters() if name != "bias"}

    class Effective(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = layer

        def forward(self) -> Tensor:
            return self.layer.effective()

    def call(*values: Tensor) -> Tensor:
        named = {f"layer.{name}": v for name, v in zip(learned, values, strict=True)}
        return functional_call(Effective(), named, ())

    assert torch.autograd.gradcheck(call, [p.detach().requires_grad_() for p in learned.values()])


@pytest.mark.parametrize("model", ["mlp", "convnet", "rnn"])
def test_the_controls_arrive(model: str):
    def made(norm: str, **settings: Any) -> nn.Module:
        config = LaneConfig(norm=norm, model=model, depth=1, width=8, blocks=2, **settings)
        network = catalog.MODELS[model].load()(config, (1, 8, 8), 10)
        norms = [module for module in network.modules() if isinstance(module, Norm)]
        linear = network.linears()[0]
        return linear if isinstance(linear, SpectralNormLinear) else norms[0]

    def check(module: nn.Module, **expected: Any) -> None:
        assert {name: getattr(module, name) for name in expected} == expected

    lrn = made("lrn", lrn_n=3, lrn_k=1.5, lrn_alpha=0.1, lrn_beta=0.6)
    check(lrn, n=3, k=1.5, alpha=0.1, beta=0.6)
    check(made("renorm", warmup=7, r_max=2.0, d_max=1.0), warmup=7, r_max=2.0, d_max=1.0)
    check(made("spectral", power_iterations=4), power_iterations=4)
    check(made("group", groups=2, eps=0.1), groups=2, eps=0.1)
    check(made("batch", momentum=0.3, eps=0.0), momentum=0.3, eps=0.0)


def test_the_defaults_of_local_response_are_the_papers_and_the_configurations():
    ours, config = LocalResponseNorm(C, True), LaneConfig()
    assert (ours.n, ours.k, ours.alpha, ours.beta) == (5, 2.0, 5e-4, 0.75)
    assert (config.lrn_n, config.lrn_k, config.lrn_alpha, config.lrn_beta) == (5, 2.0, 5e-4, 0.75)


@pytest.mark.parametrize("kind", [WeightNormLinear, ExpWeightNormLinear, SpectralNormLinear])
def test_a_weight_of_zeros_stays_zero(kind: type[Linear], x: Tensor):
    layer = layer_of(kind)
    nn.init.zeros_(layer.weight)
    layer.settle()
    assert layer(x).sub(layer.bias).abs().max() < 1e-10
