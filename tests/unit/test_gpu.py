"""The same steps on a GPU and on the CPU: they start from the same numbers and differ by the rounding of float32.

How far: every layer sums up to a hundred products of numbers that are right to 6e-8, and passes on what that leaves.
2.5e-5 of a quantity's size for each layer (1e-4 for the four of most networks here) leaves room for it, and none for
products of 10 bits (TF32), which a test below shows to be noticed. A few values next to the edge of a bin fall on its
other side. So do pre-activations next to a kink, where gradients jump: those of such a step are not compared.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from normviz import catalog
from normviz.config import LaneConfig, parse
from normviz.frames import Frame, encode
from normviz.probe import OnDevice, OnHost, measure
from normviz.train import devices
from normviz.train.lane import Lane
from normviz.train.trainer import Trainer
from tests.unit.passes import SHARES, check_few_aside, check_same, the_same

Array = np.ndarray[Any, Any]
#: Activations whose derivative jumps at 0, and the fields that it changes.
KINKED = ("relu", "leaky_relu")
BACKWARD = ("grad", "dw")

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        "not __import__('torch').cuda.is_available()", reason="no GPU, or hidden: pytest -m gpu"
    ),
]

SMALL: dict[str, Any] = {
    "dataset": "digits",
    "depth": 4,
    "width": 40,
    "activation": "tanh",
    "lr": 0.05,
}
CASES: list[dict[str, Any]] = [
    # instance normalization of vectors leaves equal logits: which of them is the largest, each device says for itself
    *({"norm": norm} for norm in catalog.NORMS if norm != "instance"),
    *(
        {"norm": norm, "place": "after", "activation": "relu"}
        for norm in ("none", "batch", "layer")
    ),
    *({"activation": activation, "init": "he"} for activation in catalog.ACTIVATIONS),
    *({"init": init} for init in ("orthogonal", "lsuv", "uniform")),
    *({"optimizer": optimizer, "lr": 0.001} for optimizer in catalog.OPTIMIZERS),
    *({"order": order} for order in catalog.ORDERS),
    {"clip": 0.1, "weight_decay": 0.01, "schedule": "cosine", "optimizer": "adamw", "lr": 0.001},
    {"norm": "batch", "statistics": "population"},
    {"norm": "batch", "meter": "norms"},
    {"model": "convnet", "norm": "batch", "meter": "norms", "blocks": 3},
    *(
        {"model": "convnet", "norm": norm, "blocks": 3}
        for norm in ("none", "batch", "instance", "lrn", "spectral")
    ),
    *(
        {"model": "rnn", "norm": norm, "dataset": "recall"}
        for norm in ("none", "batch", "layer", "weight")
    ),
]


def trainer(device: str, lane: dict[str, Any]) -> Trainer:
    """A run of 20 steps."""
    return Trainer(parse({"lane": {**SMALL, **lane, "device": device}, "steps": 20}))


def take_over(cpu: Lane, gpu: Lane) -> None:
    """Put the one into the state of the other: weights, averages, gradients, what the optimizer remembers."""
    cpu.model.load_state_dict(gpu.model.state_dict())
    cpu.optimizer.load_state_dict(gpu.optimizer.state_dict())
    for ours, theirs in zip(cpu.model.parameters(), gpu.model.parameters(), strict=True):
        ours.grad = None if theirs.grad is None else theirs.grad.cpu()


@pytest.mark.parametrize("lane", CASES, ids=lambda lane: "-".join(map(str, lane.values())))
def test_frames_equal_those_of_the_cpu(lane: dict[str, Any]):
    """Every step starts from the GPU's numbers on both, so that what differs is the rounding of one step."""
    gpu, cpu = trainer("cuda", lane), trainer("cpu", lane)
    for step in range(21):
        if step:
            take_over(cpu.lanes[0], gpu.lanes[0])
        frames = [each.step(measure=True) if step else each.frame() for each in (gpu, cpu)]
        compare(*frames, without=BACKWARD if at_a_kink(gpu.lanes[0], cpu.lanes[0]) else ())


def at_a_kink(gpu: Lane, cpu: Lane) -> bool:
    """Tell whether a pre-activation is on the other side of its activation's kink; few ever are."""
    assert gpu._tape is not None
    assert cpu._tape is not None
    if gpu.config.activation not in KINKED:
        return False
    pairs = zip(gpu._tape.pre, cpu._tape.pre, strict=True)
    apart = [(ours.cpu() > 0) != (theirs > 0) for ours, theirs in pairs]
    assert all(layer.float().mean() < 1e-3 for layer in apart)
    return any(layer.any() for layer in apart)


def compare(gpu: Frame | None, cpu: Frame | None, without: tuple[str, ...] = ()) -> None:
    assert gpu is not None
    assert cpu is not None
    assert gpu.step == cpu.step
    ours, theirs = dict(gpu.lanes[0]), dict(cpu.lanes[0])
    assert ours.keys() == theirs.keys()
    layers = len(theirs["pre_mean"])
    for name in ours:
        if not name.startswith(without):
            spread = theirs.get(name.replace("_mean", "_std"), theirs[name])
            size = np.abs(np.nan_to_num(spread)).max()
            check(name, ours[name], theirs[name], 2.5e-5 * layers * float(size))


def check(name: str, our: Array, their: Array, tolerance: float) -> None:
    """Shares of values may differ by three in a thousand, spectral norms by twice what they are right to."""
    assert our.shape == their.shape
    assert our.dtype == their.dtype
    if name == "unit_hist":
        check_few_aside(our, their)
    elif name.endswith(("_hist", "_outside")) or name in SHARES:
        np.testing.assert_allclose(our, their, rtol=0, atol=3e-3, err_msg=name)
    else:
        rough = 2e-3 if name == "dw_spectral" else 0
        np.testing.assert_allclose(our, their, rtol=rough, atol=tolerance, err_msg=name)


def test_products_of_ten_bits_are_noticed():
    gpu, cpu = trainer("cuda", {}), trainer("cpu", {})
    take_over(cpu.lanes[0], gpu.lanes[0])
    torch.backends.cuda.matmul.allow_tf32 = True
    try:
        frame = gpu.step(measure=True)
    finally:
        torch.backends.cuda.matmul.allow_tf32 = False
    with pytest.raises(AssertionError):
        compare(frame, cpu.step(measure=True))


@pytest.mark.parametrize("norm", ["none", "batch", "noisy"])
def test_the_start_is_the_same_to_the_last_bit(norm: str):
    settings = {**SMALL, "norm": norm}
    gpu, cpu = (Lane(LaneConfig.model_validate({**settings, "device": d})) for d in ("cuda", "cpu"))
    for ours, theirs in zip(gpu.model.parameters(), cpu.model.parameters(), strict=True):
        assert ours.is_cuda
        assert torch.equal(ours.cpu(), theirs)
    for _ in range(3):
        assert gpu._rows.tolist() == cpu._rows.tolist()
        gpu.update(measure=False)
        cpu.update(measure=False)


@pytest.mark.parametrize("lane", [{}, {"norm": "batch", "optimizer": "adam"}, {"model": "convnet"}])
def test_the_same_run_has_the_same_bits_again(lane: dict[str, Any]):
    trainers = [Trainer(parse({"lane": {**SMALL, **lane, "device": "cuda"}})) for _ in range(2)]
    for _ in range(20):
        first, second = (trainer.step(measure=True) for trainer in trainers)
        assert first is not None
        assert second is not None
        assert encode(trainers[0].schema, first) == encode(trainers[1].schema, second)


def test_measuring_on_the_gpu_equals_measuring_its_tensors_on_the_cpu():
    """One pass, measured where it is and, with everything copied, by NumPy."""
    changes = {"activation": "gelu", "norm": "batch", "place": "after", "device": "cuda"}
    lane = Lane(LaneConfig.model_validate({**SMALL, **changes}))
    measured = lane.measured(None)
    assert isinstance(measured, OnDevice)
    here, tape = measure(measured), measured.tape
    gradients = [pre.grad for pre in tape.pre]
    for layers in (tape.pre, tape.phi, tape.out, measured.weight_grads):
        layers[:] = [tensor.detach().cpu() for tensor in layers]
    for pre, gradient in zip(tape.pre, gradients, strict=True):
        assert gradient is not None
        pre.grad = gradient.cpu()
    logits, labels = measured.logits.cpu(), measured.labels.cpu()
    copied = replace(measured, logits=logits, labels=labels)
    check_same(here, measure(the_same(copied, OnHost)))


def test_products_are_exact_float32():
    assert devices.cuda().type == "cuda"
    a, b = (torch.randn(300, 300, generator=torch.Generator().manual_seed(i)) for i in range(2))
    exact = (a.double() @ b.double()).numpy()
    ours = (a.cuda() @ b.cuda()).cpu().numpy()
    assert np.abs(ours - exact).max() < 1e-4


def test_the_lane_says_which_gpu():
    trainer = Trainer(parse({"lane": {**SMALL, "device": "cuda"}}))
    assert trainer.schema.lanes[0].device == torch.cuda.get_device_name()
