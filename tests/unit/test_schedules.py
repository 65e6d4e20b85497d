"""Schedules against torch's own, and what schedule, weight decay and clipping do to a lane."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn, optim
from torch.nn.functional import cross_entropy
from torch.optim import lr_scheduler

from normviz import catalog
from normviz.config import LaneConfig, RunConfig, parse
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer
from tests.unit.plain import rows, sequential

T = 40
THEIRS: dict[str, Callable[[optim.Optimizer], lr_scheduler.LRScheduler]] = {
    "constant": lambda o: lr_scheduler.ConstantLR(o, factor=1.0),
    "cosine": lambda o: lr_scheduler.CosineAnnealingLR(o, T_max=T),
    "warmup": lambda o: lr_scheduler.LinearLR(o, start_factor=10 / T, total_iters=T // 10 - 1),
    "step": lambda o: lr_scheduler.MultiStepLR(o, [T // 2, 3 * T // 4], gamma=0.1),
}


def torchs(name: str) -> list[float]:
    optimizer = optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler, rates = THEIRS[name](optimizer), []
    for _ in range(T):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def factors(name: str, steps: int) -> list[float]:
    schedule = catalog.SCHEDULES[name].load()
    return [schedule(step, steps) for step in range(steps)]


@pytest.mark.parametrize("name", catalog.SCHEDULES)
def test_schedules_equal_torchs(name: str):
    assert factors(name, T) == pytest.approx(torchs(name), rel=1e-12)


@pytest.mark.parametrize("name", catalog.SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 3, 7, 999])
def test_the_learning_rate_is_never_zero_nor_above_the_chosen_one(name: str, steps: int):
    assert all(0 < factor <= 1 for factor in factors(name, steps))


def test_shapes_at_their_ends():
    assert factors("cosine", 1000)[0] == 1 and factors("cosine", 1000)[-1] < 1e-5
    assert factors("warmup", 1000)[:2] == [0.01, 0.02] and factors("warmup", 1000)[98:] == [
        0.99,
        *[1] * 901,
    ]
    found = factors("step", 1000)
    assert found[499:501] + found[749:751] == pytest.approx([1, 0.1, 0.1, 0.01])


def config(**fields: object) -> LaneConfig:
    small = {"dataset": "digits", "depth": 3, "width": 12, "norm": "batch", "batch_size": 50}
    return LaneConfig.model_validate({**small, **fields})


def rates(lane: Lane, updates: int) -> list[float]:
    found = []
    for _ in range(updates):
        lane.update(measure=False)
        found.append(lane.optimizer.param_groups[0]["lr"])
    return found


@pytest.mark.parametrize("name", catalog.SCHEDULES)
@pytest.mark.parametrize("optimizer", catalog.OPTIMIZERS)
def test_a_lane_follows_its_schedule_and_ends_with_it(name: str, optimizer: str):
    lane = Lane(config(schedule=name, optimizer=optimizer, lr=0.02), steps=20)
    expected = [0.02 * factor for factor in factors(name, 20)]
    assert rates(lane, 23) == [*expected, *expected[-1:] * 3]


def test_a_run_tells_its_lanes_how_long_it_is():
    run: RunConfig = parse({"lane": config(schedule="cosine").model_dump(), "steps": 4})
    trainer = Trainer(run)
    found = []
    while not trainer.finished:
        trainer.step(False)
        found.append(trainer.lanes[0].optimizer.param_groups[0]["lr"])
    assert found == [0.1 * factor for factor in factors("cosine", 4)]


@pytest.mark.parametrize(
    "fields",
    [
        {"clip": 0.05},
        {"clip": 1e3},
        {"clip": 0.5, "optimizer": "momentum"},
        {"weight_decay": 0.1},
        {"weight_decay": 0.1, "optimizer": "adamw", "lr": 0.01},
        {"schedule": "step", "optimizer": "nesterov"},
        {"schedule": "warmup", "clip": 0.2, "weight_decay": 0.01, "optimizer": "rmsprop"},
    ],
)
def test_a_lane_trains_as_a_plain_loop_with_torchs_tools(fields: dict[str, Any]):
    lane = Lane(config(**fields), steps=T)
    plain = sequential(lane.config, Lane(lane.config).model).train()
    for module in plain.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.reset_running_stats()
    optimizer = catalog.OPTIMIZERS[lane.config.optimizer].load()(
        plain.parameters(), lane.config.lr, lane.config.weight_decay
    )
    scheduler = THEIRS[lane.config.schedule](optimizer)
    x, y = torch.from_numpy(lane.data.x), torch.from_numpy(lane.data.y)
    for step in range(25):
        picked = rows(lane.config, len(y), step)
        loss = cross_entropy(plain(x[picked]), y[picked])
        assert lane.pass_loss == pytest.approx(loss.item(), rel=1e-3)
        optimizer.zero_grad()
        loss.backward()
        if lane.config.clip:
            nn.utils.clip_grad_norm_(plain.parameters(), lane.config.clip)
        optimizer.step()
        scheduler.step()
        lane.update(measure=False)


def test_the_gradients_that_are_shown_are_those_before_clipping():
    clipped, free = (Lane(config(clip=clip)).measured(None).weight_grads for clip in (1e-3, 0.0))
    assert all(torch.equal(a, b) for a, b in zip(clipped, free, strict=True))


def test_clipping_limits_the_step():
    lane = Lane(config(clip=0.01, lr=1.0))
    before = [p.detach().clone() for p in lane.model.parameters()]
    lane.update(measure=False)
    moved = sum(
        (p.detach() - b).double().square().sum().item()
        for p, b in zip(lane.model.parameters(), before, strict=True)
    )
    assert moved**0.5 == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("optimizer", catalog.OPTIMIZERS)
def test_without_them_nothing_is_done(optimizer: str, monkeypatch: pytest.MonkeyPatch):
    """The defaults leave torch's plain optimizer, bit for bit, and call nothing else."""
    monkeypatch.setattr(nn.utils, "clip_grad_norm_", None)
    monkeypatch.setitem(catalog.SCHEDULES, "constant", None)
    lane = Lane(config(optimizer=optimizer, lr=0.01))
    other = Lane(config(optimizer=optimizer, lr=0.01))
    bare = catalog.OPTIMIZERS[optimizer].load()(other.model.parameters(), 0.01)
    for _ in range(5):
        lane.update(measure=False)
        bare.step()
        other._pass(False)
    for a, b in zip(lane.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(a, b)
