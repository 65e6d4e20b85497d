"""The pictures made by code, and the sets derived from MNIST."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from normviz.config import parse
from normviz.data import inverted, mnist, textured, two_domains
from normviz.data.dataset import Dataset
from normviz.nn.network import batch_statistics, running_statistics
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer


def least_squares(data: Dataset) -> float:
    """The held-out accuracy of a linear classifier, fitted by ridge regression."""
    x = data.x - data.x.mean(0)
    targets = np.eye(10)[data.y] - 0.1
    weights = np.linalg.solve(x.T @ x + 30 * np.eye(x.shape[1]), x.T @ targets)
    guess = ((data.heldout_x - data.x.mean(0)) @ weights).argmax(1)
    return float((guess == data.heldout_y).mean())


def test_the_two_domains_are_clearly_different():
    plain, drawn = mnist.load(), textured.load()
    assert plain.x.mean() < 0.15 < 0.4 < drawn.x.mean() < 0.55
    assert plain.x.std() > 0.3 > 0.25 > drawn.x.std() > 0.15
    assert (plain.x == 0).mean() > 0.75
    assert (drawn.x == 0).mean() < 0.01


def test_textured_digits_can_be_read():
    assert least_squares(mnist.load()) > 0.8
    assert least_squares(textured.load()) > 0.45


def test_textured_pictures_show_the_digit_they_are_labelled_with():
    """Without turning, clutter and the like a picture is one of two brightnesses, the digit's and the background's."""
    data = mnist.load()
    np.testing.assert_array_equal(textured.load().y, data.y)
    np.testing.assert_array_equal(textured.load().heldout_y, data.heldout_y)
    strokes = data.x[:500] > 0.5
    pictures = textured.load().x[:500]
    apart = [abs(p[s].mean() - p[~s].mean()) for p, s in zip(pictures, strokes, strict=True)]
    assert np.median(apart) > 0.1
    others = np.roll(strokes, 7, axis=0)
    by_chance = [abs(p[s].mean() - p[~s].mean()) for p, s in zip(pictures, others, strict=True)]
    assert np.median(by_chance) < np.median(apart) / 2


def test_digits_are_lighter_than_their_background_nine_times_out_of_ten():
    strokes = mnist.load().x > 0.5
    pictures = textured.load().x
    counts = strokes.sum(1)
    inside = (pictures * strokes).sum(1) / counts
    outside = (pictures * ~strokes).sum(1) / (784 - counts)
    assert (inside > outside).mean() == pytest.approx(0.9, abs=0.02)


def test_pictures_are_in_colour_before_they_are_grey():
    pictures = textured.coloured(mnist.load().x[:100], seed=5)
    assert pictures.shape == (100, 28, 28, 3)
    assert pictures.dtype == np.float32
    assert 0 <= pictures.min() < pictures.max() <= 1
    tint = pictures.mean((1, 2)).std(1)
    assert np.median(tint) > 0.05
    expected = 0.299 * pictures[..., 0] + 0.587 * pictures[..., 1] + 0.114 * pictures[..., 2]
    np.testing.assert_allclose(textured.grey(pictures), expected.reshape(100, 784), atol=1e-6)


def test_the_seed_decides_the_pictures():
    digits = mnist.load().x[:20]
    first, again, other = (textured.coloured(digits, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).mean() > 0.1


def test_an_enlarged_field_is_linear_between_its_points():
    coarse = np.arange(9.0).reshape(1, 3, 3)
    rows, columns = np.meshgrid(*[np.linspace(0, 2, 28)] * 2, indexing="ij")
    np.testing.assert_allclose(textured._field(coarse)[0], 3 * rows + columns, atol=1e-5)


class Still(np.random.Generator):
    """A random generator whose uniform numbers are 0: nothing is turned, scaled or sheared."""

    def uniform(self, *args: object, **kwargs: object) -> NDArray[np.float64]:  # pyright: ignore
        return np.zeros(args[2])  # pyright: ignore


def test_moving_sideways_moves_pixels():
    images = mnist.load().x[:3].reshape(-1, 28, 28)
    still = Still(np.random.PCG64(0))
    same = textured._tilted(images, np.zeros(3), still)
    np.testing.assert_allclose(same, images, atol=1e-6)
    moved = textured._tilted(images, np.array([4.0, -4.0, 0.5]), still)
    np.testing.assert_allclose(moved[0, :, 4:], images[0, :, :-4], atol=1e-5)
    assert (moved[0, :, :4] == 0).all()
    np.testing.assert_allclose(moved[1, :, :-4], images[1, :, 4:], atol=1e-5)
    between = (images[2, :, 1:] + images[2, :, :-1]) / 2
    np.testing.assert_allclose(moved[2, :, 1:], between, atol=1e-5)


def test_inverted_is_one_minus_mnist_in_the_same_order():
    data, negative = mnist.load(), inverted.load()
    np.testing.assert_array_equal(negative.x, 1 - data.x)
    np.testing.assert_array_equal(negative.heldout_x, 1 - data.heldout_x)
    assert negative.y is data.y
    assert negative.heldout_y is data.heldout_y


def test_two_domains_are_both_sets_each_with_its_number():
    both = two_domains.load()
    for number, single in enumerate((mnist.load(), textured.load())):
        for x, y, domain, theirs in (
            (both.x, both.y, both.domain, single.x),
            (both.heldout_x, both.heldout_y, both.heldout_domain, single.heldout_x),
        ):
            rows = domain == number
            assert sorted(row.tobytes() for row in x[rows]) == sorted(r.tobytes() for r in theirs)
            assert len(set(np.bincount(y[rows]))) == 1
    assert both.domain is not None
    assert 30 < both.domain[:100].sum() < 70


def test_running_averages_do_not_fit_the_second_domain_when_domains_alternate():
    """What the set is for: held out, averages of both cost the textured domain accuracy that its own would have."""

    def lost(order: str) -> float:
        lane = {"dataset": "two_domains", "order": order, "norm": "batch", "activation": "relu"}
        shape = {"init": "he", "depth": 2, "width": 64, "batch_size": 100}
        trainer = Trainer(parse({"lane": {**lane, **shape}, "steps": 800}))
        for _ in range(800):
            trainer.step(False)
        return accuracy_lost(trainer.lanes[0])

    assert lost("alternating") > 0.08
    assert abs(lost("shuffled")) < 0.08


@torch.no_grad()
def accuracy_lost(lane: Lane) -> float:
    """Accuracy on the textured domain with its own statistics, minus that with the running averages."""
    rows = torch.from_numpy(lane.data.heldout_domain == 1)
    x, y = torch.from_numpy(lane.data.heldout_x)[rows], torch.from_numpy(lane.data.heldout_y)[rows]
    found = []
    for statistics in (batch_statistics, running_statistics):
        with statistics(lane.model):
            found.append((lane.model(x).argmax(1) == y).float().mean().item())
    return found[0] - found[1]


def test_in_colour_they_are_the_same_pictures():
    grey, colour = textured.load(), textured.colour()
    assert colour.shape == (3, 28, 28)
    channels = colour.x.reshape(len(colour.x), 3, -1)
    np.testing.assert_allclose(np.tensordot(textured.LUMA, channels, (0, 1)), grey.x, atol=1e-5)
    assert np.abs(channels[:, 0] - channels[:, 2]).mean() > 0.02
    assert np.array_equal(colour.y, grey.y)
