"""What a lane hands to the probes equals a second implementation of the whole network in float64."""

import numpy as np
import pytest

from normviz import catalog
from normviz.config import LaneConfig
from normviz.probe import measure
from normviz.train.lane import Lane
from tests.unit.plain import float64_pass


def check_close(ours: np.ndarray, theirs: np.ndarray, tolerance: float) -> None:
    """The difference is small next to the whole array."""
    assert ours.shape == theirs.shape
    assert np.linalg.norm(ours - theirs) <= tolerance * np.linalg.norm(theirs) + 1e-9


@pytest.mark.parametrize("place", catalog.PLACES)
@pytest.mark.parametrize("norm", ["none", "batch", "layer"])
@pytest.mark.parametrize("activation", catalog.ACTIVATIONS)
def test_activations_and_gradients_equal_float64(activation: str, norm: str, place: str):
    config = LaneConfig(
        dataset="digits",
        depth=4,
        width=12,
        activation=activation,
        norm=norm,
        place=place,
        batch_size=50,
    )
    lane = Lane(config)
    for step in range(1, 4):
        lane.update(measure=True)
        measured, oracle = lane.measured(None), float64_pass(lane, step)
        for i in range(config.depth):
            check_close(measured.tape.pre[i].detach().numpy(), oracle.pre[i], 1e-5)
            check_close(measured.tape.phi[i].detach().numpy(), oracle.phi[i], 1e-5)
            check_close(measured.tape.out[i].detach().numpy(), oracle.out[i], 1e-5)
            check_close(measured.grads[i].numpy(), oracle.grads[i], 1e-4)
        for ours, theirs in zip(measured.weight_grads, oracle.weight_grads, strict=True):
            check_close(ours.numpy(), theirs, 1e-4)
        assert measured.loss == pytest.approx(oracle.loss, rel=1e-5)
        assert measured.accuracy == pytest.approx(oracle.accuracy, rel=1e-6)


@pytest.mark.parametrize("norm", ["none", "batch"])
def test_gradients_of_ten_layers_equal_float64(norm: str, trained):
    """Also the first layers' of the default network, six orders of magnitude below the last one's."""
    lane = trained(norm, 0, 20)
    measured, oracle = lane.measured(None), float64_pass(lane, 20)
    for ours, theirs in zip(measured.grads, oracle.grads, strict=True):
        check_close(ours.numpy(), theirs, 1e-4)
    for ours, theirs in zip(measured.weight_grads, oracle.weight_grads, strict=True):
        check_close(ours.numpy(), theirs, 1e-4)


def test_a_normalization_behind_the_activation_is_told_apart():
    places = {
        (norm, place): Lane(LaneConfig(dataset="digits", depth=1, norm=norm, place=place))
        .measured(None)
        .normed_after
        for norm in ("none", "batch")
        for place in ("before", "after")
    }
    assert [key for key, after in places.items() if after] == [("batch", "after")]


def test_what_is_too_large_for_float32_becomes_infinite():
    measured = Lane(LaneConfig(dataset="digits", depth=2, width=8)).measured(None)
    for pre in measured.tape.pre:
        assert pre.grad is not None
        pre.grad.fill_(1e38)
    values = measure(measured)
    assert np.isposinf(values["grad_mean"]).all()
    assert np.isposinf(values["grad_pct"]).all()
    assert (values["grad_outside"][:, 1] == 1).all()
