"""Every normalization on channels with positions, (batch, channels, height, width), in float64.

Against torch's own layers where there are any, against naive numpy where there are none, and against one another.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.autograd import gradcheck
from torch.func import functional_call

from normviz.nn.norms.base import Norm
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.norms.dyt import DyT
from normviz.nn.norms.group import GroupNorm
from normviz.nn.norms.instance import InstanceNorm
from normviz.nn.norms.layer import LayerNorm
from normviz.nn.norms.local_response import LocalResponseNorm
from normviz.nn.norms.noisy import NoisyBatchNorm
from normviz.nn.norms.renorm import BatchRenorm
from normviz.nn.norms.rms import RMSNorm

B, C, H, W = 5, 6, 4, 3
AXES = (0, 2, 3)
Case = tuple[Callable[[bool], Norm], Callable[[bool], nn.Module]]

TORCHS: dict[str, Case] = {
    "batch": (lambda a: BatchNorm(C, a), lambda a: nn.BatchNorm2d(C, affine=a)),
    "layer": (lambda a: LayerNorm(C, a), lambda a: nn.GroupNorm(1, C, affine=a)),
    "group": (lambda a: GroupNorm(C, a, 3), lambda a: nn.GroupNorm(3, C, affine=a)),
    "instance": (lambda a: InstanceNorm(C, a), lambda a: nn.InstanceNorm2d(C, affine=a)),
    "lrn": (
        lambda a: LocalResponseNorm(C, a, 3, 1.5, 0.7, 0.6),
        lambda a: nn.LocalResponseNorm(3, 0.7, 0.6, 1.5),
    ),
    "lrn, even": (
        lambda a: LocalResponseNorm(C, a, 4, 1.5, 0.7, 0.6),
        lambda a: nn.LocalResponseNorm(4, 0.7, 0.6, 1.5),
    ),
}
ALL: dict[str, Callable[[bool], Norm]] = {
    **{name: ours for name, (ours, _) in TORCHS.items()},
    "renorm": lambda a: BatchRenorm(C, a, r_max=3.0, d_max=5.0, warmup=0),
    "noisy": lambda a: NoisyBatchNorm(C, a),
    "rms": lambda a: RMSNorm(C, a),
    "dyt": lambda a: DyT(C, a),
}
OVER_BATCH = ("batch", "renorm", "noisy")


def numbers(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator) * 2 + 1


def double(norm: Norm) -> Any:
    return norm.double()


def shaken(norm: Norm) -> Any:
    """The module in float64, every parameter with values of its own."""
    for seed, parameter in enumerate(double(norm).parameters(), 20):
        parameter.data = numbers(*parameter.shape, seed=seed)
    return norm


def broadcast(values: np.ndarray | Tensor) -> np.ndarray:
    return np.asarray(values).reshape(1, -1, 1, 1)


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("name", TORCHS)
def test_values_gradients_and_averages_are_torchs(name: str, affine: bool):
    ours, theirs = shaken(TORCHS[name][0](affine)), TORCHS[name][1](affine).double()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        b.data = a.data.clone()
    for step, batch in enumerate([7, 7, 2, 1, 4]):
        x = numbers(batch, C, H, W, seed=step)
        xs = x.clone().requires_grad_(), x.clone().requires_grad_()
        ys = ours(xs[0]), theirs(xs[1])
        torch.testing.assert_close(*ys, rtol=1e-13, atol=1e-13)
        for y in ys:
            (y * numbers(*x.shape, seed=99)).sum().backward()
        torch.testing.assert_close(xs[0].grad, xs[1].grad, rtol=1e-12, atol=1e-12)
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-12, atol=1e-12)
    if name == "batch":
        for buffer in ("running_mean", "running_var"):
            torch.testing.assert_close(
                ours.get_buffer(buffer), theirs.get_buffer(buffer), rtol=1e-14, atol=1e-14
            )
    x = numbers(3, C, H, W, seed=50)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("name", ALL)
def test_gradients_equal_finite_differences(name: str, affine: bool, training: bool):
    norm: Any = shaken(ALL[name](affine)).train(training)
    if name in OVER_BATCH:
        norm.tracking = False
    if name == "renorm":  # r and d are constants to the gradient: held at their limits
        norm.running_mean.fill_(-1000.0)
        norm.running_std.fill_(100.0)
    learned = dict(norm.named_parameters())

    def call(x: Tensor, *values: Tensor) -> Tensor:
        return functional_call(norm, dict(zip(learned, values, strict=True)), (x,))

    inputs = [numbers(3, C, 2, 2), *(value.detach() for value in learned.values())]
    assert gradcheck(call, [each.requires_grad_() for each in inputs])


@pytest.mark.parametrize("name", ALL)
def test_gamma_and_beta_are_by_channel(name: str):
    norm = ALL[name](True)
    assert {p.shape for key, p in norm.named_parameters() if key != "alpha"} <= {(C,)}


@pytest.mark.parametrize("name", [*OVER_BATCH, "layer", "group", "instance", "rms"])
def test_the_result_has_mean_0_and_square_1_over_what_is_normalized(name: str):
    norm = double(ALL[name](False))
    if name == "renorm":
        norm.warmup = 1
    if name == "noisy":
        norm.tracking = False
    x = numbers(B, C, H, W)
    y = norm(x).numpy()
    parts = {
        "layer": y.reshape(B, -1),
        "rms": y.reshape(B, -1),
        "group": y.reshape(B * 3, -1),
        "instance": y.reshape(B * C, -1),
    }
    parts = parts.get(name, y.transpose(1, 0, 2, 3).reshape(C, -1))
    np.testing.assert_allclose((parts**2).mean(1), 1, rtol=1e-4)
    if name != "rms":
        np.testing.assert_allclose(parts.mean(1), 0, atol=1e-12)


def test_rms_divides_by_the_root_mean_square_over_channels_and_positions():
    norm, x = shaken(RMSNorm(C, True)), numbers(B, C, H, W)
    root = np.sqrt((x.numpy() ** 2).mean((1, 2, 3), keepdims=True) + 1e-5)
    expected = broadcast(norm.gamma.detach()) * x.numpy() / root
    np.testing.assert_allclose(norm(x).detach().numpy(), expected, rtol=1e-12)


def test_dyt_is_gamma_tanh_alpha_x_plus_beta():
    norm, x = shaken(DyT(C, True)), numbers(B, C, H, W)
    alpha, gamma, beta = (p.detach().numpy() for p in norm.parameters())
    expected = broadcast(gamma) * np.tanh(alpha * x.numpy()) + broadcast(beta)
    np.testing.assert_allclose(norm(x).detach().numpy(), expected, rtol=1e-12)


def test_renorm_against_the_algorithm_step_by_step():
    norm = shaken(BatchRenorm(C, True, r_max=1.5, d_max=0.3, warmup=2))
    gamma, beta = (broadcast(p.detach()) for p in norm.parameters())
    mean, std = np.zeros(C), np.ones(C)
    for step in range(8):
        x = numbers(B - step % 2, C, H, W, seed=step).numpy()
        grown = min(1, max(0, (step - 2) / 2))
        r_max, d_max = 1 + grown * 0.5, grown * 0.3
        mu, sigma = x.mean(AXES), np.sqrt(x.var(AXES) + 1e-5)
        r, d = np.clip(sigma / std, 1 / r_max, r_max), np.clip((mu - mean) / std, -d_max, d_max)
        normed = (x - broadcast(mu)) / broadcast(sigma) * broadcast(r) + broadcast(d)
        ours = norm(torch.from_numpy(x)).detach().numpy()
        np.testing.assert_allclose(ours, gamma * normed + beta, rtol=1e-10, atol=1e-12)
        mean, std = mean + 0.1 * (mu - mean), std + 0.1 * (sigma - std)
    x = numbers(2, C, H, W, seed=50).numpy()
    expected = gamma * (x - broadcast(mean)) / broadcast(std) + beta
    ours = norm.eval()(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-12)


def test_the_noise_has_one_mean_and_width_a_channel_and_differs_everywhere_else():
    noisy, plain = NoisyBatchNorm(2, False), BatchNorm(2, False)
    noisy.seed(torch.Generator().manual_seed(3))
    x = torch.randn(40, 2, 50, 50, generator=torch.Generator().manual_seed(1))
    x[:, :, :, 25:] = 0  # there the noise's shift is all there is but the mean's own
    shift, zero = noisy(x)[:, :, :, 25:], plain(x)[0, :, 0, 49]
    again = torch.Generator().manual_seed(3)
    means = (torch.rand(2, generator=again) * 2 - 1) * 0.5
    torch.testing.assert_close(shift.mean(AXES), means + zero, atol=0.01, rtol=0)
    assert shift.unique().numel() > 0.9 * shift.numel()
    np.testing.assert_allclose(shift.std(AXES), 0.1 / np.sqrt(3), rtol=0.05)


def test_one_group_is_layer_and_as_many_as_channels_are_instance():
    x = numbers(B, C, H, W)
    torch.testing.assert_close(GroupNorm(C, False, 1)(x), LayerNorm(C, False)(x))
    torch.testing.assert_close(GroupNorm(C, False, C)(x), InstanceNorm(C, False)(x))
    one = x[:1, :1]
    expected = BatchNorm(1, False).double()(one)
    for norm in (GroupNorm(1, False, 1), InstanceNorm(1, False), LayerNorm(1, False)):
        torch.testing.assert_close(norm(one), expected)


@pytest.mark.parametrize("shape", [(B, C), (B, C, H, W)])
def test_renorm_with_limits_one_and_zero_is_batch(shape: tuple[int, ...]):
    ours, plain = shaken(BatchRenorm(C, True, r_max=1.0, d_max=0.0, warmup=0)), BatchNorm(C, True)
    plain.double().load_state_dict(
        {**plain.state_dict(), "gamma": ours.gamma.data, "beta": ours.beta.data}
    )
    for step in range(3):
        xs = [numbers(*shape, seed=step).requires_grad_() for _ in range(2)]
        ys = ours(xs[0]), plain(xs[1])
        torch.testing.assert_close(*ys)
        for y in ys:
            y.sin().sum().backward()
        torch.testing.assert_close(xs[0].grad, xs[1].grad)


@pytest.mark.parametrize("shape", [(B, C), (B, C, H, W)])
def test_gamma_sigma_and_beta_mu_give_back_the_input(shape: tuple[int, ...]):
    x = numbers(*shape)
    over = [axis for axis in range(len(shape)) if axis != 1]
    for norm in (BatchNorm(C, True, eps=0.0), BatchRenorm(C, True, eps=0.0)):
        norm = double(norm)
        norm.gamma.data, norm.beta.data = x.std(over, correction=0), x.mean(over)
        torch.testing.assert_close(norm(x), x)
    for norm, rest in (
        (LayerNorm(C, True, eps=0.0), x[:1].flatten()),
        (GroupNorm(C, True, 1, eps=0.0), x[:1].flatten()),
    ):
        norm = double(norm)
        norm.gamma.data.fill_(rest.std(correction=0).item())
        norm.beta.data.fill_(rest.mean().item())
        torch.testing.assert_close(norm(x[:1]), x[:1])
    rms = double(RMSNorm(C, True, eps=0.0))
    rms.gamma.data.fill_(x[:1].square().mean().sqrt().item())
    torch.testing.assert_close(rms(x[:1]), x[:1])


def test_instance_with_sigma_and_mu_of_a_channel_gives_back_the_input():
    x = numbers(1, C, H, W)
    norm = double(InstanceNorm(C, True, eps=0.0))
    norm.gamma.data, norm.beta.data = x[0].std((1, 2), correction=0), x[0].mean((1, 2))
    torch.testing.assert_close(norm(x), x)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(0, C), (0, C, H, W)])
@pytest.mark.parametrize("name", ALL)
def test_no_example_gives_no_output_and_moves_nothing(
    name: str, shape: tuple[int, ...], training: bool
):
    norm = ALL[name](True).train(training)
    before = [buffer.clone() for buffer in norm.buffers()]
    assert norm(torch.zeros(shape)).shape == shape
    assert all(map(torch.equal, before, norm.buffers()))


@pytest.mark.parametrize("name", ALL)
def test_a_length_is_as_one_row_of_positions(name: str):
    first, second = (shaken(ALL[name](True)) for _ in range(2))
    for norm in (first, second):
        norm.seed(torch.Generator().manual_seed(1))
    x = numbers(B, C, 7)
    torch.testing.assert_close(first(x), second(x.unsqueeze(2)).squeeze(2))
