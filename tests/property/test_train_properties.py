"""Looking does not change what is looked at."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from normviz import catalog
from normviz.config import LaneConfig, RunConfig
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer
from tests.property import strategies
from tests.unit.plain import rows, sequential

STEPS = 12  # the held-out set is evaluated at steps 0 and 10

#: The normalizations that the plain loop knows.
PLAIN = ("none", "batch", "layer")

lanes = strategies.lane(
    dataset=st.just("digits"),
    depth=st.integers(1, 4),
    width=st.integers(4, 24),
    channels=st.integers(4, 8),
    device=st.just("cpu"),
    batch_size=st.integers(1, 100),
    lr=st.floats(0.001, 0.2),
    init_std=st.floats(0.001, 1.0),
    gain=st.floats(0.2, 2.0),
    eps=st.floats(1e-5, 0.1),
)


def state(lane: Lane) -> list[torch.Tensor]:
    """All numbers of a network: weights, running averages, and what its optimizer remembers.

    Statistics of the population are made by an evaluation and used by nothing else.
    """
    made = "running" if lane.config.statistics == "population" else "nothing"
    model = [v.clone() for name, v in lane.model.state_dict().items() if made not in name]
    memory = lane.optimizer.state_dict()["state"]
    return [*model, *(v for slot in memory.values() for v in slot.values() if torch.is_tensor(v))]


@settings(max_examples=80)
@given(lanes)
def test_measuring_and_evaluating_leave_the_weights_bit_for_bit(config: LaneConfig):
    looked_at, alone = Trainer(RunConfig(lane=config)), Lane(config, measure=False)
    looked_at.frame()
    for _ in range(STEPS):
        if not looked_at.finished:  # it has diverged
            looked_at.step(True)
            looked_at.frame()
            alone.update(measure=False)
    assert str(alone.pass_loss) == str(looked_at.lanes[0].pass_loss)  # not a number equals itself
    for ours, theirs in zip(state(looked_at.lanes[0]), state(alone), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)


makers = {"sgd": torch.optim.SGD, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}


@settings(max_examples=40)
@given(lanes, st.sampled_from(PLAIN), st.sampled_from(sorted(makers)), st.integers(4, 100))
def test_training_is_a_plain_loop(config: LaneConfig, norm: str, optimizer: str, batch: int):
    """A few steps of torch's own modules lead to the same place."""
    plainly = {"affine": True, "weight_decay": 0.0, "clip": 0.0, "schedule": "constant"}
    chosen = {"optimizer": optimizer, "batch_size": batch, "order": "shuffled"}
    chosen |= {"model": "mlp", "norm": norm, "eps": 1e-5, "momentum": 0.1}
    config = config.model_copy(update={**chosen, **plainly})
    lane = Lane(config)
    plain = sequential(config, Lane(config, measure=False).model).train()
    for module in plain.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            module.reset_running_stats()
    steps = makers[optimizer](plain.parameters(), config.lr)
    x, y = torch.from_numpy(lane.data.x), torch.from_numpy(lane.data.y)
    for step in range(3):
        picked = rows(config, len(y), step)
        loss = cross_entropy(plain(x[picked]), y[picked])
        torch.testing.assert_close(lane.pass_loss, loss.item(), rtol=1e-3, atol=1e-5)
        steps.zero_grad()
        loss.backward()
        steps.step()
        lane.update(measure=False)


@given(
    st.sampled_from(sorted(catalog.INITIALIZERS)),
    st.integers(0, 2**31 - 1),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_networks_of_one_seed_share_their_first_layers(init: str, seed: int, a: int, b: int):
    base = LaneConfig(dataset="digits", width=6, init=init, seed=seed)
    first, second = (Lane(base.model_copy(update={"depth": depth})) for depth in (a, b))
    for i in range(min(a, b)):
        ours, theirs = first.model.linears()[i], second.model.linears()[i]
        assert torch.equal(ours.weight, theirs.weight)
