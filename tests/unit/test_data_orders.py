"""The order of the examples: every epoch takes each once, and what a minibatch may hold."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from normviz import catalog
from normviz.config import LaneConfig, parse
from normviz.nn.network import generator
from normviz.train.lane import Lane
from normviz.train.orders import minibatches
from normviz.train.trainer import Trainer

Y = torch.arange(60) % 3
DOMAIN = torch.arange(60) // 30


def take(
    order: str, n: int, size: int, y: torch.Tensor = Y, domain: torch.Tensor | None = DOMAIN
) -> list[list[int]]:
    batches = catalog.ORDERS[order].load()(y, domain, size, generator(0, "order"))
    return [rows.tolist() for rows in itertools.islice(batches, n)]


@pytest.mark.parametrize("domain", [None, DOMAIN])
@pytest.mark.parametrize("order", catalog.ORDERS)
def test_every_epoch_has_each_example_once(order: str, domain: torch.Tensor | None):
    batches = take(order, 3 * 12, 5, Y, domain)
    for first in range(0, 36, 12):
        assert sorted(itertools.chain(*batches[first : first + 12])) == list(range(60))
    assert batches[:12] != batches[12:24] != batches[24:]


@pytest.mark.parametrize("order", catalog.ORDERS)
def test_the_generator_decides(order: str):
    batches = catalog.ORDERS[order].load()(Y, DOMAIN, 5, generator(1, "order"))
    assert take(order, 12, 5) == take(order, 12, 5)
    assert take(order, 12, 5) != [rows.tolist() for rows in itertools.islice(batches, 12)]


def test_sorted_minibatches_have_one_class_and_come_class_after_class():
    classes = [{int(Y[row]) for row in rows} for rows in take("sorted", 24, 5)]
    assert classes == 2 * [*4 * [{0}], *4 * [{1}], *4 * [{2}]]


def test_alternating_minibatches_have_one_domain_in_turn():
    domains = [{int(DOMAIN[row]) for row in rows} for rows in take("alternating", 24, 5)]
    assert domains == 12 * [{0}, {1}]


def test_domains_of_unequal_size_take_turns_until_one_is_used_up():
    domain = torch.tensor([0] * 6 + [1] * 2)
    batches = take("alternating", 4, 2, torch.zeros(8, dtype=torch.int64), domain)
    assert [int(domain[rows[0]]) for rows in batches] == [0, 1, 0, 0]
    assert sorted(itertools.chain(*batches)) == list(range(8))


@given(st.integers(1, 80), st.integers(1, 100), st.integers(0, 2**31 - 1))
def test_shuffled_is_what_it_always_was_and_alternating_one_domain_is_the_same(
    examples: int, size: int, seed: int
):
    """One random permutation an epoch, cut into minibatches, the incomplete one dropped."""
    order, size_used = generator(seed, "order"), min(size, examples)
    rows = [torch.randperm(examples, generator=order) for _ in range(2)]
    cut = [
        r[i : i + size_used] for r in rows for i in range(0, examples - size_used + 1, size_used)
    ]
    y = torch.zeros(examples, dtype=torch.int64)
    for found in (
        catalog.ORDERS["shuffled"].load()(y, None, size, generator(seed, "order")),
        catalog.ORDERS["alternating"].load()(y, None, size, generator(seed, "order")),
        minibatches(examples, size, generator(seed, "order")),
    ):
        assert [r.tolist() for r in itertools.islice(found, len(cut))] == [r.tolist() for r in cut]


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=60),
    st.integers(1, 80),
    st.sampled_from(sorted(catalog.ORDERS)),
)
def test_all_minibatches_are_of_one_size_and_no_example_comes_twice(
    labels: list[int], size: int, order: str
):
    y = torch.tensor(labels)
    smallest = len(y) if order == "shuffled" else int(np.bincount(labels)[np.unique(labels)].min())
    size_used = min(size, smallest)
    groups = [len(y)] if order == "shuffled" else np.bincount(labels).tolist()
    batches = take(order, sum(group // size_used for group in groups), size, y, y)
    assert {len(rows) for rows in batches} == {size_used}
    rows = list(itertools.chain(*batches))
    assert len(rows) == len(set(rows))
    assert sum(groups) - len(rows) == sum(group % size_used for group in groups)


@pytest.mark.parametrize("dataset", ["digits", "mnist"])
def test_a_lane_of_one_domain_trains_the_same_alternating_as_shuffled(dataset: str):
    base = LaneConfig(dataset=dataset, depth=1, width=8)
    first, second = Lane(base), Lane(base.model_copy(update={"order": "alternating"}))
    for _ in range(25):
        assert first.pass_loss == second.pass_loss
        first.update(measure=False)
        second.update(measure=False)


def test_a_lane_sees_the_order_it_is_given():
    lane = Lane(LaneConfig(dataset="digits", depth=1, width=8, order="sorted", batch_size=20))
    seen = []
    for _ in range(70):
        assert len(set(lane._labels.tolist())) == 1
        seen.append(int(lane._labels[0]))
        lane.update(measure=False)
    assert seen == sorted(seen)
    assert set(seen) == set(range(10))
    assert lane.data.domain is None


@pytest.mark.parametrize("order", catalog.ORDERS)
@pytest.mark.parametrize("batch_size", [1, 64, 1000])
def test_every_order_trains_with_every_batch_size(order: str, batch_size: int):
    lane = {"dataset": "digits", "order": order, "batch_size": batch_size, "depth": 2, "width": 8}
    trainer = Trainer(parse({"lane": {**lane, "norm": "batch"}, "steps": 30}))
    frames = [frame for _ in range(30) if (frame := trainer.step(True)) is not None]
    assert len(frames) == 30
    assert not trainer.divergences
