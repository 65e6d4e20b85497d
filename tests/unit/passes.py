"""Passes made up of any numbers, and two ways to measure the same one."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from torch import Tensor

from normviz.frames import Values
from normviz.nn.activations import TANH, Activation
from normviz.nn.tape import Tape
from normviz.probe import Measured, OnDevice, OnHost

#: Both ways to measure a pass; on tensors in the processor's memory both work.
KINDS: dict[str, type[Measured]] = {"host": OnHost, "device": OnDevice}
Shape = tuple[int, ...]
SHARES = {"saturated", "dead", "constant_units", "accuracy"}


def drawn(shape: Shape, rng: np.random.Generator, scale: float = 1.0) -> Tensor:
    """Normal numbers around a number of their own."""
    numbers = rng.normal(rng.normal(), scale, size=shape)
    return torch.from_numpy(numbers.astype(np.float32))


def made_up(
    kind: type[Measured],
    layers: Sequence[Shape],
    weights: Sequence[Shape] = ((3, 2),),
    activation: Activation = TANH,
    normed_after: bool = False,
    batch: int = 7,
) -> Measured:
    """A pass of layers of these shapes, with gradients of any size, that no network has made."""
    rng, tape = np.random.default_rng(0), Tape()
    for shape in layers:
        pre = drawn(shape, rng).requires_grad_()
        phi = activation.function(pre)
        pre.grad = drawn(shape, rng, 1e-3)
        tape.write(pre, phi, phi * 2 + 0.5 if normed_after else phi)
    return kind(
        tape=tape,
        weight_grads=[drawn(shape, rng, 1e-2) for shape in weights],
        logits=drawn((batch, 4), rng),
        labels=torch.from_numpy(rng.integers(0, 4, batch)),
        activation=activation,
        loss=1.0,
        heldout=None,
        normed_after=normed_after,
    )


def the_same(measured: Measured, kind: type[Measured]) -> Measured:
    """The same pass, measured in another way."""
    return kind(**{field.name: getattr(measured, field.name) for field in fields(measured)})


def check_same(ours: Values, theirs: Values, more: float = 1.0) -> None:
    """All fields agree as far as float32 allows, whatever the order of additions.

    Shares of values may differ by one in a thousand, spectral norms by twice what they are right to; means agree next
    to the standard deviation. ``more`` is how often as much the numbers themselves may differ.
    """
    assert ours.keys() == theirs.keys()
    for name, our in ours.items():
        their = theirs[name]
        assert our.shape == their.shape
        assert our.dtype == their.dtype
        if name == "unit_hist":
            check_few_aside(our, their)
            continue
        if name.endswith(("_hist", "_outside")) or name in SHARES:
            np.testing.assert_allclose(our, their, atol=1e-3 * more, err_msg=name)
            continue
        spread = ours.get(name.replace("_mean", "_std"), our)
        size = np.abs(np.nan_to_num(spread)).max()
        tolerance = 2e-3 if name == "dw_spectral" else 1e-5 * more
        np.testing.assert_allclose(
            our, their, rtol=tolerance, atol=1e-6 * more * size, err_msg=name
        )


def check_few_aside(ours: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> None:
    """In few units a value may be on the other side of a bin's edge: two bins that are neighbours then differ."""
    apart = (ours != theirs).reshape(-1, ours.shape[-1])
    assert apart.any(-1).mean() <= 0.02
    for unit in apart[apart.any(-1)]:
        assert np.ptp(np.flatnonzero(unit)) <= 1


def numbers(tensor: Tensor) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Its values, wherever they are, one after another in float64."""
    return tensor.detach().cpu().double().numpy().ravel()
