"""The family: what is averaged over, its identities, its cards, and what the run must show."""

import itertools

import numpy as np
import pytest
import torch
from torch.nn.functional import batch_norm, group_norm, instance_norm, layer_norm

from normviz.catalog import NORMS
from normviz.charts.lessons.family import cube, seen
from normviz.lessons import family_cube as values
from normviz.lessons.family import LESSON, judge
from normviz.lessons.family_cards import FACTS
from normviz.lessons.family_cube import CHANNELS, EPS, EXAMPLES, GROUPS, KINDS, SHAPE
from tests.lessons.recorded import recorded

SEEDS = (0, 1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_claim_holds(seed: int):
    verdict = judge(recorded(LESSON, seed))
    assert all(claim.holds for claim in verdict.claims), verdict
    assert verdict.answer == 0


def test_other_settings_and_a_run_that_ended_early_are_survived():
    changes = {"steps": "3", "b.norm": "instance", "activation": "relu", "lr": "100", "depth": "2"}
    verdict = judge(recorded(LESSON, 0, **changes))
    assert verdict.answer is None
    assert len(verdict.words) == 5


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", KINDS)
def test_the_four_are_those_of_torch(name: str, seed: int):
    x = values.drawn(seed)
    given = torch.from_numpy(x)
    for groups in GROUPS:
        theirs = {
            "batch": lambda: batch_norm(given, None, None, training=True, eps=EPS),
            "layer": lambda: layer_norm(given, SHAPE[1:], eps=EPS),
            "instance": lambda: instance_norm(given, eps=EPS),
            "group": lambda g=groups: group_norm(given, g, eps=EPS),
        }[name]()
        ours = KINDS[name].normalized(x, groups)
        np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_group_is_layer_and_as_many_as_channels_instance(seed: int):
    x = values.drawn(seed)
    assert values.difference(values.group(x, 1), values.layer(x)) < 1e-12
    assert values.difference(values.group(x, CHANNELS), values.instance(x)) < 1e-12
    for groups in GROUPS[1:-1]:
        assert values.difference(values.group(x, groups), values.layer(x)) > 0.1
        assert values.difference(values.group(x, groups), values.instance(x)) > 0.1


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("name", KINDS)
def test_the_set_that_is_shown_is_the_one_that_is_normalized(name: str, groups: int):
    kind, x = KINDS[name], values.drawn(3)
    for n, c in itertools.product(range(EXAMPLES), range(CHANNELS)):
        together = kind.together(n, c, groups)
        part = x[together]
        expected = (x[n, c] - part.mean()) / np.sqrt(part.var() + EPS)
        np.testing.assert_allclose(kind.normalized(x, groups)[n, c], expected, atol=1e-12)
        assert together[n, c].all()


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("name", KINDS)
def test_neighbours_have_one_tint_only_if_they_share_a_set(name: str, groups: int):
    kind = KINDS[name]
    for n, c in itertools.product(range(EXAMPLES), range(CHANNELS - 1)):
        shared = bool(kind.together(n, c, groups)[n, c + 1].all())
        assert (kind.parity(n, c, groups) == kind.parity(n, c + 1, groups)) == shared
        assert f"{n + 1}" in kind.words(n, c, groups) or name == "batch"


@pytest.mark.parametrize("name", KINDS)
def test_every_cell_that_is_seen_says_its_set(name: str):
    figure = cube(KINDS[name], values.drawn(0), 0, 2, 3).to_dict()
    said = figure["data"][-1]["text"]
    positions = SHAPE[2] * SHAPE[3]
    assert len(said) == EXAMPLES * CHANNELS + (EXAMPLES + CHANNELS) * positions
    size = int(KINDS[name].together(0, 0, 3).sum())
    assert all(f"with {size} values" in words for words in said)


def test_the_corner_nearest_to_the_eye_is_in_front():
    assert seen((0, 0, 0)) == (0, 0)
    assert seen((1, 1, 1)) == pytest.approx((0, 0))
    assert seen((1, 0, 0))[0] < 0 < seen((0, 1, 0))[0]


def test_every_normalization_has_its_facts():
    assert [*FACTS] == [name for name in NORMS if name != "none"]
    for facts in FACTS.values():
        assert facts.over and facts.cost and facts.after
        assert facts.paper.where.startswith("https://")
