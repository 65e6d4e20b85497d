"""The recurrent network against torch's, its time steps as layers, and sequences of unequal length."""

import math

import pytest
import torch
from torch import Tensor, nn

from normviz import catalog
from normviz.config import LaneConfig, RunConfig, parse
from normviz.data import recall
from normviz.nn.network import batch_statistics, running_statistics
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.recurrent import PIECES, Recurrent, steps_of
from normviz.nn.tape import Tape
from normviz.train.trainer import Trainer

B, T, F, WIDTH = 6, 5, 3, 8


def run(**lane: object) -> RunConfig:
    return parse({"lane": lane})


def config(**changes: object) -> LaneConfig:
    return LaneConfig.model_validate(
        {"model": "rnn", "width": WIDTH, "activation": "tanh", **changes}
    )


def sequences(seed: int = 0) -> Tensor:
    return torch.randn((B, T * F), generator=torch.Generator().manual_seed(seed))


def unequal(lengths: list[int]) -> Tensor:
    x = sequences().view(B, T, F)
    for row, length in enumerate(lengths):
        x[row, length:] = math.nan
    return x.flatten(1)


def test_without_normalization_it_is_torchs():
    ours = Recurrent(config(), (T, F), 4)
    theirs = nn.RNN(F, WIDTH, batch_first=True)
    weight, bias = ours.cell.linear.weight, ours.cell.linear.bias
    theirs.load_state_dict(
        {
            "weight_ih_l0": weight[:, :F],
            "weight_hh_l0": weight[:, F:],
            "bias_ih_l0": bias,
            "bias_hh_l0": torch.zeros(WIDTH),
        }
    )
    x = sequences()
    states, last = theirs(x.view(B, T, F))
    tape = Tape()
    torch.testing.assert_close(ours(x, tape), ours.output(last[0]))
    torch.testing.assert_close(torch.stack(tape.out, 1), states)
    ours(x).square().sum().backward()
    ours.output(theirs(x.view(B, T, F))[1][0]).square().sum().backward()
    torch.testing.assert_close(weight.grad[:, F:], theirs.weight_hh_l0.grad)  # pyright: ignore


def test_every_time_steps_gradient_adds_up_to_the_weights():
    model, tape = Recurrent(config(norm="layer"), (T, F), 4), Tape()
    logits = model(sequences(), tape)
    for weight in tape.weights:
        weight.retain_grad()
    logits.square().sum().backward()
    *steps, output = (weight.grad for weight in tape.weights)
    assert len(steps) == T
    torch.testing.assert_close(torch.stack(steps).sum(0), model.cell.linear.weight.grad)  # pyright: ignore
    assert output is model.output.weight.grad


def test_a_tape_changes_nothing():
    model = Recurrent(config(), (T, F), 4)
    grads = []
    for tape in (None, Tape()):
        model.zero_grad()
        model(sequences(), tape).square().sum().backward()
        grads.append(model.cell.linear.weight.grad.clone())  # pyright: ignore
    assert torch.equal(*grads)


@pytest.mark.parametrize("norm", catalog.NORMS)
def test_a_sequence_that_has_ended_keeps_its_last_state(norm: str):
    """In eval mode each sequence goes its own way, so alone and cut to its length it ends the same."""
    lengths = [5, 1, 3, 5, 2, 4]
    model = Recurrent(config(norm=norm), (T, F), 4).double()
    for seed in range(3):
        model(sequences(seed).double())
    x = unequal(lengths).double()
    with running_statistics(model):
        together = model(x)
        for row, length in enumerate(lengths):
            alone = x[row : row + 1].view(1, T, F)[:, :length].reshape(1, -1)
            padded = torch.full((1, T * F), math.nan).double()
            padded[:, : length * F] = alone
            torch.testing.assert_close(model(padded), together[row : row + 1])


def test_only_what_still_runs_is_on_the_tape_and_in_the_statistics():
    lengths = [5, 1, 3, 3, 1, 2]
    model, tape = Recurrent(config(norm="batch"), (T, F), 4), Tape()
    model(unequal(lengths), tape)
    assert [len(pre) for pre in tape.pre] == [6, 4, 3, 1, 1]
    for pre in tape.pre[:3]:  # normalized over the rows of that step alone
        torch.testing.assert_close(pre.mean(0), torch.zeros(WIDTH), rtol=0, atol=1e-6)


def test_a_minibatch_of_short_sequences_leaves_the_late_steps_empty():
    model, tape = Recurrent(config(norm="batch"), (T, F), 4), Tape()
    last = model.norms[-1]
    assert isinstance(last, BatchNorm)
    before = last.running_mean.clone()
    logits = model(unequal([2] * B), tape)
    assert [len(pre) for pre in tape.pre] == [B, B, 0, 0, 0]
    assert torch.isfinite(logits).all()
    assert torch.equal(last.running_mean, before)
    logits.sum().backward()


def test_batch_norm_has_statistics_of_its_own_for_every_time_step_and_one_gamma():
    model = Recurrent(config(norm="batch"), (T, F), 4)
    norms = [norm for norm in model.norms if isinstance(norm, BatchNorm)]
    with torch.no_grad():
        model(sequences())
    assert len({id(norm.gamma) for norm in norms}) == 1
    assert len({norm.running_mean.sum().item() for norm in norms}) == T
    before = [norm.running_mean.clone() for norm in norms]
    with batch_statistics(model):
        model(sequences(1))
    assert all(
        torch.equal(norm.running_mean, mean) for norm, mean in zip(norms, before, strict=True)
    )


def test_other_normalizations_are_one_module():
    assert len({id(norm) for norm in Recurrent(config(norm="layer"), (T, F), 4).norms}) == 1


@pytest.mark.parametrize(
    ("shape", "steps"),
    [
        ((25, 4), (25, 4)),
        ((1, 28, 28), (28, 28)),
        ((3, 8, 6), (8, 18)),
        ((2,), (2, 1)),
        ((PIECES,), (PIECES, 1)),
        ((500,), (50, 10)),
        ((101,), (34, 3)),
    ],
)
def test_an_example_of_any_shape_has_time_steps(shape: tuple[int, ...], steps: tuple[int, int]):
    assert steps_of(shape) == steps
    x = torch.rand(4, math.prod(shape))
    assert Recurrent(config(), shape, 3)(x).shape == (4, 3)


def test_a_coloured_picture_is_read_row_by_row():
    model = Recurrent(config(), (2, 3, 4), 3)
    x = torch.arange(2 * 3 * 4.0)[None]
    rows = model._sequences(x)[0]
    assert rows[1].tolist() == [4, 5, 6, 7, 16, 17, 18, 19]


def test_the_recall_set():
    data = recall.load()
    assert data.shape == (25, 4)
    assert data.gaps
    x = torch.from_numpy(data.x).view(-1, 25, 4)
    assert torch.equal(x[:, 0].argmax(1), torch.from_numpy(data.y))
    lengths = (~x[..., 0].isnan()).sum(1)
    assert (lengths.min(), lengths.max()) == (5, 25)
    for step in (1, 3):  # what comes later says nothing of the class
        for label in range(4):
            assert x[data.y == label, step].mean(0).abs().max() < 0.1


@pytest.mark.parametrize("norm", catalog.NORMS)
def test_it_trains_with_every_normalization_on_unequal_sequences(norm: str):
    trainer = Trainer(
        run(model="rnn", dataset="recall", width=8, activation="tanh", norm=norm, batch_size=3)
    )
    frames = [trainer.frame(), *(trainer.step(True) for _ in range(3))]
    assert all(frame is not None for frame in frames)
    assert trainer.schema.lanes[0].layers == 25
    assert not trainer.divergences


@pytest.mark.parametrize("model", ["mlp", "convnet"])
def test_other_models_see_zeros_where_a_sequence_has_ended(model: str):
    trainer = Trainer(run(model=model, dataset="recall", depth=2, width=8))
    assert torch.isfinite(trainer.lanes[0]._x).all()
    assert not trainer.finished


def test_it_learns_to_remember():
    trainer = Trainer(
        run(
            model="rnn", dataset="recall", width=50, activation="tanh", norm="layer", lr=0.3,
            init="orthogonal", batch_size=50,
        )
    )  # fmt: skip
    for _ in range(300):
        trainer.step(False)
    assert trainer.lanes[0].evaluate().accuracy > 0.6
