"""Changes in the middle of a run, and lanes that leave lane A at a step."""

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from normviz import catalog
from normviz.config import RunConfig, from_link, to_link
from normviz.frames import Frame, decode, encode
from normviz.train.trainer import Trainer

BASE = {"dataset": "digits", "depth": "3", "width": "12", "batch_size": "50", "activation": "tanh"}
AT = 7


def run(**link: str) -> RunConfig:
    return from_link(BASE | {name.replace("_at", f"@{AT}"): value for name, value in link.items()})


def frames(config: RunConfig, steps: int = 15) -> list[Frame]:
    trainer = Trainer(config)
    found = [trainer.frame()]
    while trainer.step_count < steps and not trainer.finished:
        frame = trainer.step(True)
        if frame is not None:
            found.append(frame)
    return found


def same(ours: Any, theirs: Any) -> bool:
    return all(np.array_equal(ours[name], theirs[name], equal_nan=True) for name in theirs)


def turn(field: str, value: str, lane: str = "") -> dict[str, str]:
    return {f"{lane}{field}@{AT}": value}


CHANGES = {
    "lr": "0.5",
    "norm": "batch",
    "activation": "relu",
    "batch_size": "20",
    "preprocessing": "zscore",
    "optimizer": "adam",
    "order": "sorted",
    "clip": "0.01",
    "weight_decay": "0.1",
    "schedule": "cosine",
    "place": "after",
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_run_is_the_same_up_to_the_change_and_another_from_there(field: str):
    plain = frames(from_link(BASE | {"norm": "layer"}))
    changed = frames(from_link(BASE | {"norm": "layer"} | turn(field, CHANGES[field])))
    names = ("loss", "pre_std", "dw_frobenius")
    for before, after in zip(plain[:AT], changed[:AT], strict=True):
        assert all(np.array_equal(before.lanes[0][n], after.lanes[0][n]) for n in names)
    assert any(
        not np.array_equal(before.lanes[0][n], after.lanes[0][n])
        for before, after in zip(plain[AT:], changed[AT:], strict=True)
        for n in names
    )


@pytest.mark.parametrize("optimizer", catalog.OPTIMIZERS)
@pytest.mark.parametrize("norm", catalog.NORMS)
def test_a_fork_without_a_change_is_the_original_bit_for_bit(norm: str, optimizer: str):
    base = BASE | {"norm": norm, "optimizer": optimizer, "schedule": "cosine", "steps": "100"}
    for frame in frames(from_link(base | turn("lr", "0.1", "b."))):
        assert same(*frame.lanes)


@pytest.mark.parametrize("model", catalog.MODELS)
@pytest.mark.parametrize("order", catalog.ORDERS)
def test_so_is_one_of_every_model_and_order(model: str, order: str):
    base = BASE | {"model": model, "blocks": "2", "channels": "4", "order": order, "init": "lsuv"}
    for frame in frames(from_link(base | turn("lr", "0.1", "b."))):
        assert same(*frame.lanes)


def test_a_fork_goes_on_beside_the_original():
    both = frames(from_link(BASE | turn("norm", "batch", "b.")))
    alone = frames(from_link(BASE))
    changed = frames(from_link(BASE | turn("norm", "batch")))
    for index, frame in enumerate(both):
        for name in ("loss", "heldout_loss", "pre_hist", "pre_pct", "act_std", "dw_spectral"):
            np.testing.assert_array_equal(frame.lanes[0][name], alone[index].lanes[0][name])
        assert np.array_equal(frame.lanes[1]["loss"], changed[index].lanes[0]["loss"])
        assert same(*frame.lanes) == (index < AT)


def test_a_fork_survives_when_the_original_diverges_and_the_other_way_round():
    wild = {"lr": "100", "activation": "linear", "init": "unit", "depth": "8"}
    trainer = Trainer(from_link(BASE | turn("lr", "100", "b.") | {"activation": "linear"}))
    for _ in range(60):
        trainer.step(False)
    gone = {each["lane"] for each in trainer.divergences}
    assert 0 not in gone
    both = Trainer(from_link(BASE | wild | {"b.lr@50": "0.1"}))
    while not both.finished:
        both.step(False)
    assert [each["lane"] for each in both.divergences] == [0, 1]


def test_weights_statistics_and_memory_stay():
    config = from_link(BASE | {"norm": "batch", "optimizer": "momentum"} | turn("momentum", "0.5"))
    trainer, plain = (
        Trainer(config),
        Trainer(from_link(BASE | {"norm": "batch", "optimizer": "momentum"})),
    )
    for _ in range(AT):
        trainer.step(False)
        plain.step(False)
    ours, theirs = trainer.lanes[0], plain.lanes[0]
    for (name, a), b in zip(
        ours.model.state_dict().items(), theirs.model.state_dict().values(), strict=True
    ):
        if "running" not in name:
            assert torch.equal(a, b), name
    memory = [list(lane.optimizer.state.values()) for lane in (ours, theirs)]
    for a, b in zip(*memory, strict=True):
        assert torch.equal(a["momentum_buffer"], b["momentum_buffer"])


@pytest.mark.parametrize(
    ("first", "second"), list(itertools.permutations(["none", "weight", "weight_exp"], 2))
)
def test_the_effective_weights_stay_when_their_form_changes(first: str, second: str):
    base = BASE | {"norm": first, "lr": "0.1"}
    plain, changed = (frames(from_link(base | more), AT) for more in ({}, turn("norm", second)))
    np.testing.assert_allclose(plain[AT].lanes[0]["loss"], changed[AT].lanes[0]["loss"], rtol=1e-5)


@pytest.mark.parametrize("norm", catalog.NORMS)
@pytest.mark.parametrize("start", ["none", "batch", "spectral"])
def test_every_normalization_can_be_switched_on(start: str, norm: str):
    found = frames(from_link(BASE | {"norm": start} | turn("norm", norm)))
    assert len(found) == 16


def test_frames_fit_one_schema_whatever_changes():
    config = from_link(BASE | turn("activation", "relu") | turn("norm", "batch", "b."))
    trainer = Trainer(config)
    for step in range(12):
        frame = trainer.step(True) if step else trainer.frame()
        assert frame is not None
        assert decode(trainer.schema, encode(trainer.schema, frame)).frame.step == step
    flags = trainer.schema.to_json()["flags"]
    assert flags == [
        {"step": AT, "lane": 0, "text": "Activation: ReLU"},
        {"step": AT, "lane": 1, "text": "Normalization: Batch"},
    ]


def test_data_that_do_not_fit_are_named():
    trainer = Trainer(from_link(BASE | turn("dataset", "moons")))
    for _ in range(AT - 1):
        trainer.step(False)
    with pytest.raises(ValueError, match="dataset = moons: its examples have shape"):
        trainer.step(False)


def test_the_data_can_change_to_others_of_the_same_shape():
    assert (
        len(frames(from_link(BASE | {"dataset": "mnist"} | turn("dataset", "inverted")), 9)) == 10
    )


def test_links_say_it_and_titles_name_it():
    config = from_link(BASE | {"norm@120": "batch", "b.lr@500": "0.01", "b.norm@500": "layer"})
    assert from_link(to_link(config)) == config
    assert config.forks() == {}  # lane A has changed before
    assert from_link({"b.lr@500": "1", "lr@600": "1"}).forks() == {1: 500}
    assert config.titles() == (
        "from step 120 Normalization: Batch",
        "from step 500 Normalization: Layer, from step 500 Learning rate: 0.01",
    )
