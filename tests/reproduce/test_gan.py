"""The ring and what is measured on it, the bound against torch's own spectral norm, and the figure itself."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from normviz.nn.linear import Linear, SpectralNormLinear
from normviz.nn.network import generator
from normviz.reproduce import gan, ring, study
from normviz.reproduce.running import run
from tests.reproduce.test_figures import keys_shown


def test_points_lie_around_eight_modes_with_the_spread():
    points = ring.ring(20_000, generator(0, "test"))
    distance, mode = torch.cdist(points, ring.CENTRES).min(1)
    shares = mode.bincount(minlength=8) / len(points)
    assert float((shares - 1 / 8).abs().max()) < 0.01
    assert float(distance.square().mean() / 2) == pytest.approx(ring.SPREAD**2, rel=0.03)
    # of a Gaussian in the plane, 1 - exp(-9 / 2) is within three standard deviations
    assert float(ring.good(points).sum()) == pytest.approx(1 - math.exp(-4.5), abs=0.003)


def test_a_mode_that_is_missed_is_not_counted():
    points = ring.CENTRES[[0, 0, 2]] + torch.tensor([[0, 0.14], [0.2, 0], [0, 0]])
    torch.testing.assert_close(ring.good(points), torch.tensor([1, 0, 1, 0, 0, 0, 0, 0]) / 3)


def test_shares_by_angle_begin_around_the_first_mode():
    points = ring.CENTRES + torch.tensor([0.0, -0.01])
    shares = ring.around(points, 64)
    assert shares[::8].tolist() == [1 / 8] * 8 and float(shares.sum()) == 1


def test_the_bound_is_the_product_of_the_largest_singular_values():
    net = ring.networks(Linear, 0).discriminate
    largest = [np.linalg.svd(layer.weight.detach().numpy())[1][0] for layer in net.linears]
    assert net.bound() == pytest.approx(np.prod(largest), rel=1e-4)


def test_spectral_normalization_bounds_it_by_one_and_plain_layers_do_not():
    bounds = [ring.networks(kind, 0).discriminate.bound() for kind in gan.KINDS.values()]
    assert bounds[0] > 10 and bounds[1] == pytest.approx(1, abs=0.05)


def test_settled_layers_are_torchs_own_spectral_norm():
    layer = SpectralNormLinear((6, 4))
    nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    theirs = nn.utils.parametrizations.spectral_norm(nn.Linear(4, 6), n_power_iterations=200)
    with torch.no_grad():
        theirs.parametrizations.weight.original.copy_(layer.weight)  # pyright: ignore
        theirs(torch.zeros(1, 4))
    for _ in range(20):
        layer.settle()
    torch.testing.assert_close(layer.eval().effective(), theirs.weight, rtol=1e-4, atol=1e-5)


def test_slopes_are_those_of_finite_differences():
    net = ring.networks(Linear, 1).discriminate.double()
    points = torch.tensor([[0.3, -1.2], [2.0, 0.1]], dtype=torch.float64)
    steps = 1e-6 * torch.eye(2, dtype=torch.float64)
    with torch.no_grad():
        moved = [(net(points + step) - net(points - step))[:, 0] / 2e-6 for step in steps]
    torch.testing.assert_close(ring.slopes(net, points), torch.stack(moved).norm(dim=0))


@pytest.mark.parametrize("kind", gan.KINDS.values())
def test_no_slope_and_no_difference_is_steeper_than_the_bound(kind):
    nets = ring.networks(kind, 2)
    for _ in ring.training(nets, 2, (5,)):
        found = ring.measured(nets, 2)
        assert found["slope"] <= found["bound"] * 1.0001
        assert found["stretch"] <= found["bound"] * 1.0001


def test_both_variants_see_the_same_points_and_begin_with_the_same_weights():
    plain, spectral = (ring.networks(kind, 3) for kind in gan.KINDS.values())
    for one, other in zip(plain.generate.parameters(), spectral.generate.parameters(), strict=True):
        assert torch.equal(one, other)
    weights = [net.discriminate.linears[0].weight for net in (plain, spectral)]
    assert torch.equal(*weights)


def test_figure_is_inside_its_bands(monkeypatch):
    monkeypatch.setattr(gan, "LOOKS", (1000,))
    outcome = run("gan", [0])
    assert not [judged.row.label for judged in outcome.rows() if judged.inside is False]
    assert all(math.isfinite(value) for value in outcome.samples[0].values())
    told = [study._plane(outcome.samples[0], plane) for plane in gan.FIGURE.planes]
    for variant, plane in zip(gan.KINDS, told, strict=True):
        points = torch.tensor(plane["points"])
        assert points.shape == (gan.DRAWN, 2)
        near = float(
            (torch.cdist(points, ring.CENTRES).min(1).values < 3 * ring.SPREAD).float().mean()
        )
        share = outcome.samples[0][
            f"{variant}.good"
        ]  # of other points: four standard errors of a share
        assert near == pytest.approx(share, abs=4 * math.sqrt(0.25 / gan.DRAWN))
        assert plane["notes"][0] == outcome.samples[0][f"{variant}.bound"]


def test_every_number_shown_is_measured(monkeypatch):
    monkeypatch.setattr(ring, "training", lambda nets, seed, looks: iter(looks))
    assert keys_shown("gan") <= run("gan", [0]).samples[0].keys()
