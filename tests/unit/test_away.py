"""Whole runs on a device that is not the CPU: nothing stays behind, nothing is read without being brought over."""

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
import torch

from normviz import catalog
from normviz.config import parse
from normviz.frames import Frame
from normviz.probe import OnDevice
from normviz.train.trainer import Trainer
from tests.unit.away import AWAY, Away, Elsewhere
from tests.unit.passes import check_same
from tests.unit.test_gpu import CASES, SMALL

STEPS = 3


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch):
    choice = replace(catalog.DEVICES["cuda"], target="tests.unit.away:away")
    monkeypatch.setitem(catalog.DEVICES, "cuda", choice)
    # Fused Adam knows its devices by name; layers that share a weight share it still after a move, as on a GPU.
    optimizer = import_module("torch.optim.optimizer")
    monkeypatch.setattr(optimizer, "_get_fused_kernels_supported_devices", lambda: ["cpu", "meta"])
    torch.__future__.set_swap_module_params_on_conversion(True)
    with Elsewhere():
        yield
    torch.__future__.set_swap_module_params_on_conversion(False)


def run(device: str, lane: dict[str, Any]) -> tuple[Trainer, list[Frame]]:
    trainer = Trainer(parse({"lane": {**SMALL, **lane, "device": device}}))
    return trainer, list(steps(trainer))


def steps(trainer: Trainer) -> Iterator[Frame]:
    yield trainer.frame()
    for _ in range(STEPS):
        frame = trainer.step(measure=True)
        assert frame is not None
        yield frame


@pytest.mark.parametrize("lane", CASES, ids=lambda lane: "-".join(map(str, lane.values())))
def test_frames_equal_those_of_the_cpu(lane: dict[str, Any], elsewhere: None):
    (there, ours), (_, theirs) = run("cuda", lane), run("cpu", lane)
    assert isinstance(there.lanes[0].measured(None), OnDevice)
    assert {type(p.data) for p in there.lanes[0].model.parameters()} == {Away}
    assert len(ours) == len(theirs) == STEPS + 1
    for our, their in zip(ours, theirs, strict=True):
        check_same(dict(our.lanes[0]), dict(their.lanes[0]))


@pytest.mark.parametrize("lanes", [1, 2])
def test_a_change_on_the_way_equals_that_on_the_cpu(lanes: int, elsewhere: None):
    """In lane A, or in a lane B that goes its own way from there on."""
    turns = [
        {
            "lane": lanes - 1,
            "at": 1,
            "changes": {"norm": "batch", "optimizer": "adam", "lr": 0.001},
        },
        {"lane": lanes - 1, "at": 2, "changes": {"preprocessing": "centred", "batch_size": 50}},
    ]
    ours, theirs = (
        list(steps(Trainer(parse({"lane": {**SMALL, "device": d}, "interventions": turns}))))
        for d in ("cuda", "cpu")
    )
    for our, their in zip(ours, theirs, strict=True):
        assert len(our.lanes) == len(their.lanes) == lanes
        for lane in range(lanes):
            check_same(dict(our.lanes[lane]), dict(their.lanes[lane]))


def test_the_pretended_device_refuses_what_a_gpu_refuses(elsewhere: None):
    there = torch.ones(2, 3).to(AWAY)
    assert (there * 2).sum().item() == 12
    assert (there + 1).cpu().tolist() == [[2.0] * 3] * 2
    with pytest.raises(RuntimeError, match="a tensor of the CPU"):
        _ = there + torch.ones(2, 3)
    with pytest.raises((RuntimeError, TypeError)):
        there.numpy()
