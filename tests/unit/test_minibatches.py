"""The order of the minibatches."""

import itertools

import pytest
import torch

from normviz.config import LaneConfig
from normviz.nn.network import generator
from normviz.train.lane import Lane
from normviz.train.orders import minibatches


def take(n: int, examples: int, size: int, seed: int = 0) -> list[list[int]]:
    batches = minibatches(examples, size, generator(seed, "order"))
    return [rows.tolist() for rows in itertools.islice(batches, n)]


@pytest.mark.parametrize(("examples", "size"), [(20, 5), (20, 1), (20, 20), (1, 1)])
def test_every_epoch_is_a_permutation(examples: int, size: int):
    batches = take(3 * examples // size, examples, size)
    epoch = examples // size
    for first in range(0, len(batches), epoch):
        rows = list(itertools.chain(*batches[first : first + epoch]))
        assert sorted(rows) == list(range(examples))
    assert all(len(rows) == size for rows in batches)


def test_every_epoch_has_an_order_of_its_own():
    batches = take(3, 50, 50)
    assert batches[0] != batches[1] != batches[2]


def test_an_incomplete_minibatch_is_dropped():
    batches = take(8, 23, 6)
    assert {len(rows) for rows in batches} == {6}
    for epoch in (batches[:3], batches[3:6]):
        assert len(set(itertools.chain(*epoch))) == 18


def test_a_minibatch_is_at_most_all_examples():
    assert [sorted(rows) for rows in take(2, 7, 100)] == [list(range(7))] * 2


def test_the_seed_decides_the_order():
    assert take(5, 50, 10) == take(5, 50, 10)
    assert take(5, 50, 10) != take(5, 50, 10, seed=1)


def test_lanes_see_the_same_minibatches_whatever_else_differs():
    base = LaneConfig(dataset="digits", depth=1, width=8)
    other = base.model_copy(update={"depth": 3, "norm": "batch", "optimizer": "adam", "width": 9})
    first, second = Lane(base), Lane(other)
    for _ in range(10):
        assert torch.equal(first._labels, second._labels)
        first.update(measure=False)
        second.update(measure=True)
