"""Devices: what is there, which one a lane takes, and that all of it is on there."""

import ctypes
import re
import subprocess
import sys
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from normviz import catalog, cli
from normviz.catalog import gpus
from normviz.config import RunConfig, parse
from normviz.engine.messages import Start
from normviz.engine.worker import Worker
from normviz.probe.device import brought
from normviz.train import devices
from normviz.train.trainer import Trainer
from tests.unit.passes import KINDS, made_up

ROOT = Path(__file__).resolve().parents[2]


class Library:
    """Stands in for NVIDIA's management library; ``fails`` are the functions that report an error."""

    def __init__(self, *names: str, fails: str = "") -> None:
        self.names, self.fails, self.open = names, fails, False

    def nvmlInit_v2(self) -> int:
        self.open = "Init" not in self.fails
        return int(not self.open)

    def nvmlShutdown(self) -> int:
        self.open = False
        return 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = len(self.names)
        return int("Count" in self.fails)

    def nvmlDeviceGetHandleByIndex_v2(self, index: int, device: Any) -> int:
        device._obj.value = 100 + index
        return int("Handle" in self.fails)

    def nvmlDeviceGetName(self, device: ctypes.c_void_p, name: Any, size: int) -> int:
        assert device.value is not None
        name.value = self.names[device.value - 100].encode()[: size - 1]
        return 0


@pytest.fixture(autouse=True)
def forget():
    """What was found out is kept for good; not from test to test."""
    for function in (gpus.names, gpus.usable, gpus.with_cuda):
        function.cache_clear()
    yield
    for function in (gpus.names, gpus.usable, gpus.with_cuda):
        function.cache_clear()


@pytest.mark.parametrize("names", [(), ("NVIDIA H200",), ("NVIDIA A10", "NVIDIA T4")])
def test_names_are_those_of_the_driver(names: tuple[str, ...]):
    library = Library(*names)
    assert gpus.listed(library) == names
    assert not library.open


@pytest.mark.parametrize("fails", ["Init", "Count", "Handle"])
def test_a_driver_that_does_not_answer_is_no_gpu(fails: str):
    library = Library("NVIDIA H200", fails=fails)
    assert gpus.listed(library) == ()
    assert not library.open


@pytest.mark.parametrize("hidden", ["", "-1", " "])
def test_hidden_gpus_are_not_there(hidden: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library("NVIDIA H200"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert gpus.names() == ("NVIDIA H200",)
    gpus.names.cache_clear()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert gpus.names() == ()


def no_library(name: str) -> Library:
    raise OSError(name)


def test_no_driver_is_no_gpu(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ctypes, "CDLL", no_library)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpus.names() == ()
    assert not gpus.usable()


@pytest.mark.parametrize(
    ("names", "cuda", "said", "usable"),
    [
        ((), True, "This server has no GPU.", False),
        (("NVIDIA H200",), True, "This server has NVIDIA H200.", True),
        (("NVIDIA T4", "NVIDIA T4"), True, "This server has 2 x NVIDIA T4.", True),
        (("NVIDIA T4",), False, "This server has NVIDIA T4, but a PyTorch without CUDA.", False),
    ],
)
def test_what_the_control_says(
    names: tuple[str, ...], cuda: bool, said: str, usable: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library(*names))
    monkeypatch.setattr(gpus, "with_cuda", lambda: cuda)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    choice = catalog.DEVICES["cuda"]
    assert choice.available() == usable
    assert choice.explanation() == f"{choice.about} {said}"
    assert catalog.DEVICES["cpu"].explanation() == catalog.DEVICES["cpu"].about


def test_whether_torch_was_installed_with_cuda_is_seen_without_it():
    assert gpus.with_cuda() == (torch.version.cuda is not None)


def test_looking_for_gpus_loads_no_torch():
    code = (
        "import sys; from normviz import catalog;"
        "[(c.available(), c.explanation()) for c in catalog.DEVICES.values()];"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_what_the_nursery_does_leaves_cuda_alone():
    """A process that has started CUDA cannot fork others that use it."""
    code = """
import torch

def touched(*_, **__):
    raise SystemExit("CUDA was touched")

for name in ("init", "_lazy_init", "is_available", "device_count", "current_device"):
    setattr(torch.cuda, name, touched)
torch._C._cuda_getDeviceCount = touched
from normviz.catalog import DATASETS
from normviz.config import LaneConfig
from normviz.engine import nursery, worker
DATASETS[LaneConfig().dataset].load()()
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_auto_takes_the_gpu_only_where_there_is_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert devices.auto() == devices.cpu() == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(devices, "_gpu", lambda: torch.device("cuda", 0))
    assert devices.auto() == devices.cuda() == torch.device("cuda", 0)


def test_a_gpu_that_is_not_there_is_refused_by_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(devices.DeviceError, match=r"device = cuda: .*Allowed here: auto, cpu"):
        Trainer(parse({"lane": {"dataset": "digits", "depth": 1, "device": "cuda"}}))


def test_the_schema_says_what_each_lane_trains_on():
    run = parse({"lane": {"dataset": "digits", "depth": 1}, "others": [{"device": "cpu"}]})
    assert [lane.device for lane in Trainer(run).schema.lanes] == ["CPU", "CPU"]
    assert devices.named(torch.device("cpu")) == "CPU"


def test_a_link_of_a_field_that_is_new_and_one_without_are_the_same_run():
    assert RunConfig().key() == parse({"lane": {"device": "auto"}}).key()


def test_all_that_was_gathered_comes_over_at_once(monkeypatch: pytest.MonkeyPatch):
    """One copy a pass, whatever is asked for."""
    copies = 0
    copy = torch.Tensor.cpu

    def counted(tensor: torch.Tensor) -> torch.Tensor:
        nonlocal copies
        copies += 1
        return copy(tensor)

    monkeypatch.setattr(torch.Tensor, "cpu", counted)
    measured = made_up(
        KINDS["device"], [(7, 4, 5, 5), (6, 4)], [(20, 30), (3, 4)], normed_after=True
    )
    _ = measured.right, measured.norms, measured.sorted_out, measured.sorted_grad
    _ = [measured.moments(name) for name in ("pre", "out", "grad")]
    assert copies == 1


def test_tensors_of_different_types_come_over_as_they_are():
    tensors = {
        "small": torch.tensor([[1.5, -0.0], [float("nan"), 1e-45]]),
        "exact": torch.tensor([1e300, -1 / 3, float("inf")], dtype=torch.float64),
        "count": torch.tensor(2**40 + 1),
        "none": torch.empty(0, 3),
        "turned": torch.arange(6.0).view(2, 3).T,
    }
    for name, found in brought(tensors).items():
        np.testing.assert_array_equal(found, tensors[name].numpy(), strict=True)
        assert (
            np.signbit(found.astype(float)).tolist()
            == np.signbit(tensors[name].double().numpy()).tolist()
        )


def test_a_run_on_a_gpu_that_is_not_there_ends_with_a_notice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    ours, theirs = Pipe()
    worker = Worker(theirs, 30.0, 0.005)
    config = parse({"lane": {"dataset": "digits", "depth": 1}, "others": [{"device": "cuda"}]})
    worker._guarded("run", worker._obey, Start("run", config.canonical()))
    progress = ours.recv()
    assert progress.status == "failed"
    assert progress.notice["rule"] == "device_missing"
    assert re.match(r"device = cuda: .*Allowed here: auto, cpu", progress.notice["values"]["error"])


def test_the_command_line_names_what_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as left:
        cli.main(["run", "--set", "device=cuda", "--set", "dataset=digits", "--steps", "1"])
    assert left.value.code == 2
    assert "device = cuda" in capsys.readouterr().err


def test_a_gpu_without_memory_is_refused_by_name_and_auto_does_without_it(
    monkeypatch: pytest.MonkeyPatch,
):
    def full() -> torch.device:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(devices, "_gpu", full)
    with pytest.raises(devices.DeviceError, match=r"device = cuda: .*out of memory"):
        devices.cuda()
    assert devices.auto() == torch.device("cpu")
