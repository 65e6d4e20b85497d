"""Two domains: what the versions share, where averages in turn end up, and the figure itself."""

import math

import pytest
import torch
from torch import nn

from normviz.nn.norms.batch import BatchNorm
from normviz.reproduce import domains, perils
from normviz.reproduce.normed import Normed
from normviz.reproduce.running import run
from tests.reproduce.test_figures import keys_shown


def minibatches() -> domains.Minibatches:
    return [(domain.x[:40], domain.y[:40]) for domain in domains.domains()]


def norms(net: Normed) -> list[BatchNorm]:
    return [norm for norm in net.norms if isinstance(norm, BatchNorm)]


def test_domains_are_the_same_digits_and_differ_in_their_mean():
    mnist, textured = domains.domains()
    for first, second in ((mnist.y, textured.y), (mnist.heldout_y, textured.heldout_y)):
        assert torch.equal(first.bincount(), second.bincount())
    assert float(textured.x.mean() - mnist.x.mean()) > 0.2
    assert float((mnist.x.mean(0) + textured.x.mean(0)).abs().max()) < 1e-5


def test_without_batchnorm_all_versions_have_the_same_gradient():
    bare = Normed(domains.one_network(0)[0].linears, [nn.Identity()] * 3, torch.relu)
    weights = list(bare.parameters())
    first, second = (
        torch.autograd.grad(loss([bare, bare], minibatches()), weights)
        for loss in (domains.together, domains.one_by_one)
    )
    for one, other in zip(first, second, strict=True):
        torch.testing.assert_close(one, other)


def test_with_batchnorm_they_differ():
    net, versions = domains.one_network(0), (domains.together, domains.one_by_one)
    losses = [loss(net, minibatches()).item() for loss in versions]
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)


def test_copies_have_one_set_of_weights_and_two_of_statistics():
    first, second = domains.two_copies(0)
    assert all(a is b for a, b in zip(first.linears, second.linears, strict=True))
    domains.one_by_one([first, second], minibatches()).backward()
    for one, other in zip(norms(first), norms(second), strict=True):
        assert not torch.allclose(one.running_mean, other.running_mean)
        assert one.gamma is not None and one.gamma.grad is not None
        assert other.gamma is not None and other.gamma.grad is not None


def test_shared_and_separate_averages_are_the_same_function_in_training():
    shared, separate = domains.one_network(3), domains.two_copies(3)
    losses = [domains.one_by_one(nets, minibatches()).item() for nets in (shared, separate)]
    assert losses[0] == losses[1]


def test_averages_in_turn_end_between_the_domains():
    norm = BatchNorm(1, affine=False, momentum=0.1)
    for _ in range(200):
        for mean in (-1.0, 3.0):
            norm(torch.tensor([[mean - 1], [mean + 1]]))
    assert float(norm.running_mean) == pytest.approx((0.9 * -1.0 + 3.0) / 1.9, abs=1e-5)


def test_own_statistics_are_the_domains_and_the_network_stays_as_it_was():
    nets = domains.one_network(0)
    before = {name: value.clone() for name, value in nets[0].state_dict().items()}
    for own, domain in zip(domains.with_own_statistics(nets), domains.domains(), strict=True):
        z = own.linears[0](domain.x)
        first, second, _ = norms(own)
        torch.testing.assert_close(first.running_mean, z.mean(0), rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(first.running_var, z.var(0), rtol=1e-4, atol=1e-4)
        h = torch.relu((z - z.mean(0)) / (z.var(0, correction=0) + 1e-5).sqrt())
        mean = own.linears[1](h).mean(0)
        torch.testing.assert_close(second.running_mean, mean, rtol=1e-3, atol=1e-3)
    assert all(torch.equal(value, before[name]) for name, value in nets[0].state_dict().items())


def test_distances_are_counted_in_standard_deviations():
    nets = domains.two_copies(0)
    owns = domains.with_own_statistics(nets)
    for net, own in zip(nets, owns, strict=True):
        held, true = norms(net)[0], norms(own)[0]
        held.running_mean.copy_(true.running_mean + true.running_var.sqrt())
    numbers = perils.first_means(nets)
    assert numbers["distance.mnist"] == pytest.approx(1, rel=1e-4)
    assert numbers["distance.textured"] == pytest.approx(1, rel=1e-4)
    apart = [numbers[f"unit.textured.{i}"] - numbers[f"unit.mnist.{i}"] for i in perils.UNITS]
    assert apart == sorted(apart)


def test_figure_is_inside_its_bands(monkeypatch):
    monkeypatch.setattr(domains, "EVERY", 400)
    monkeypatch.setattr(perils, "LOOKS", (400,))
    outcome = run("perils", [0])
    assert not [judged.row.label for judged in outcome.rows() if judged.inside is False]
    assert all(math.isfinite(value) for value in outcome.samples[0].values())


def test_every_number_shown_is_measured(monkeypatch):
    monkeypatch.setattr(domains, "EVERY", 1)
    monkeypatch.setattr(domains, "STEPS", 8)
    assert keys_shown("perils") <= run("perils", [0]).samples[0].keys()
