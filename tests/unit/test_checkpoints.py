"""Checkpoints: a run that goes on from a state of another is, from there on, the run from step 0, bit for bit."""

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from normviz import catalog
from normviz.config import RunConfig, from_link, shared_past
from normviz.engine.past import Translation
from normviz.frames import encode
from normviz.train.checkpoints import MOST, Checkpoints
from normviz.train.trainer import Trainer

BASE = {"dataset": "digits", "depth": "3", "width": "12", "batch_size": "50", "activation": "tanh"}
STEPS, KEPT = 26, 11
MODELS: list[dict[str, str]] = [
    *({"norm": norm} for norm in catalog.NORMS),
    *({"optimizer": name, "lr": "0.01"} for name in catalog.OPTIMIZERS),
    *({"order": name} for name in catalog.ORDERS),
    {"meter": "full", "norm": "batch"},
    {"statistics": "population", "norm": "batch"},
    {"model": "convnet", "norm": "noisy"},
    {"model": "rnn", "norm": "batch", "dataset": "recall"},
    {"dataset": "spiral"},
    {"schedule": "cosine", "clip": "0.1", "weight_decay": "0.01"},
]


def run(**link: str) -> RunConfig:
    return from_link(BASE | {name.replace("__", "."): value for name, value in link.items()})


def frames(trainer: Trainer, upto: int = STEPS) -> dict[int, bytes]:
    """All frames from the next step on, encoded."""
    found = {}
    while trainer.step_count < upto and not trainer.finished:
        if frame := trainer.step(True):
            found[frame.step] = encode(trainer.schema, frame)
    return found


def gone_on(old: RunConfig, new: RunConfig, at: int = KEPT) -> tuple[Trainer, dict[int, bytes]]:
    """Train the old run past a checkpoint; return the new run resumed there, and the old one's frames as the new's."""
    first, kept, before = Trainer(old), Checkpoints(2**30), {}
    for _ in range(at):
        frame = first.step(True)
        assert frame is not None
        before[frame.step] = encode(first.schema, frame)
    kept.keep("old", first)
    frames(first, at + 5)  # what it does later must not matter
    past, resumed = shared_past(old, new), Trainer(new)
    assert past is not None
    assert past.until >= at
    found = kept.latest("old", past.until)
    assert found is not None
    resumed.resume(found.state, past.lanes)
    translation = Translation.between(found.schema, resumed.schema.to_json(), past.lanes)
    assert translation is not None
    return resumed, {step: translation.frame(data, 0) for step, data in before.items()}


@pytest.mark.parametrize("lane", MODELS, ids=lambda lane: "-".join(lane.values()))
def test_a_change_after_a_checkpoint_is_the_change_in_the_run_from_the_start(lane: dict[str, str]):
    old, new = run(**lane), run(**lane, **{"lr@15": "0.02"})
    resumed, before = gone_on(old, new)
    assert resumed.step_count == KEPT
    assert {**before, **frames(resumed)} == frames(Trainer(new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, {"b__lr@15": "0.5"}),
        ({}, {"b__norm@15": "batch"}),
        ({"b__norm": "batch"}, {"b__norm": "batch", "c__lr@20": "0.5"}),
        ({"b__lr@5": "0.5"}, {"b__lr@5": "0.5", "c__lr@20": "0.9"}),
        ({"b__lr@20": "0.5"}, {"b__lr@20": "0.5", "lr@22": "0.1"}),
        ({"b__norm": "batch"}, {"b__norm": "batch", "b__lr@12": "0.01"}),
    ],
)
def test_a_fork_after_a_checkpoint_is_the_fork_of_the_run_from_the_start(old: Any, new: Any):
    resumed, before = gone_on(run(**old), run(**new))
    assert {**before, **frames(resumed)} == frames(Trainer(run(**new)))


@pytest.mark.parametrize(
    ("old", "new", "past"),
    [
        ({}, {"lr@15": "0.5"}, (14, (0,))),
        ({"lr@15": "0.5"}, {"lr@15": "0.5", "norm@30": "batch"}, (29, (0,))),
        ({"lr@15": "0.5"}, {"lr@15": "0.6"}, (14, (0,))),
        ({"lr@15": "0.5"}, {}, (14, (0,))),
        ({"b__norm": "batch"}, {"norm": "batch"}, (10_000, (1,))),
        ({"b__norm": "batch"}, {"b__norm": "batch", "c__lr@9": "1"}, (8, (0, 1, 0))),
        ({}, {"lr": "0.5"}, None),
        ({}, {"b__norm": "batch"}, None),
        ({}, {"steps": "500", "lr@15": "0.5"}, None),
        ({}, {"lr@1": "0.5"}, None),
    ],
)
def test_the_past_that_two_runs_share(old: Any, new: Any, past: Any):
    found = shared_past(run(**old), run(**new))
    assert (found and (found.until, found.lanes)) == past


def test_fields_that_mean_something_else_are_not_translated():
    old, new = (Trainer(run(**each)).schema.to_json() for each in ({}, {"activation@15": "relu"}))
    assert Translation.between(old, old, (0,))
    assert Translation.between(old, new, (0,)) is None  # activations have other bins


def test_checkpoints_are_bounded_in_number_and_memory():
    trainer, kept = Trainer(run()), Checkpoints(2**30)
    for _ in range(3 * MOST):
        trainer.step(False)
        kept.keep("a", trainer)
    steps = [each.state.step for each in kept._kept["a"]]
    assert len(steps) == MOST
    assert steps[0] == 1
    assert steps[-1] == trainer.step_count
    assert max(b - a for a, b in itertools.pairwise(steps)) <= 8
    one = trainer.nbytes()
    small = Checkpoints(5 * one)
    for name in "abcd":
        for _ in range(3):
            small.keep(name, trainer)
    assert small.nbytes() <= 5 * one
    assert small.latest("d", trainer.step_count)
    assert small.latest("a", trainer.step_count) is None
    small.forget("d")
    assert small.latest("d", trainer.step_count) is None
    assert Checkpoints(one - 1).keep("a", trainer) is None


def test_a_run_with_a_lane_that_diverged_is_not_kept():
    trainer, kept = Trainer(run(b__lr="100", b__activation="linear")), Checkpoints(2**30)
    while not trainer.divergences:
        trainer.step(False)
    kept.keep("a", trainer)
    assert kept.latest("a", trainer.step_count) is None


def test_lanes_that_train_at_the_same_time_have_the_same_bits():
    config = run(b__norm="batch", c__norm="layer", d__lr="0.5")

    def each(work: Callable[[int], None], lanes: Sequence[int]) -> None:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, lanes))

    assert frames(Trainer(config, each)) == frames(Trainer(config))
