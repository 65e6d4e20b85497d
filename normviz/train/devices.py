"""Where a network trains: one function a choice, which returns the device.

CUDA is first touched in here, so in the process that trains and never in the one that it was forked from. Products are
exact float32 on a GPU too (no TF32), and cuDNN keeps to algorithms that always give the same bits. torch's own switch
for deterministic algorithms stays off: it would change the numbers of lanes on the CPU beside, and end those that use
an operation without a deterministic form.
"""

import os
from functools import cache

import torch

from normviz.catalog import gpus


class DeviceError(RuntimeError):
    """The device cannot be used here. The message names field, value and what is possible."""


def auto() -> torch.device:
    """Return the GPU if there is one that can be used, else the CPU."""
    try:
        return cuda()
    except DeviceError:
        return cpu()


def cpu() -> torch.device:
    """Return the CPU."""
    return torch.device("cpu")


def cuda() -> torch.device:
    """Return the GPU.

    Raises:
        DeviceError: there is none, the installed PyTorch cannot use it, or it has no memory left.
    """
    if not torch.cuda.is_available():
        why = "PyTorch cannot use this server's GPU." if gpus.usable() else gpus.found()
        raise DeviceError(f"device = cuda: {why} Allowed here: auto, cpu.")
    try:
        return _gpu()
    except RuntimeError as error:
        why = f"The GPU cannot be used now ({error})."[:200]
        raise DeviceError(f"device = cuda: {why} Allowed here: auto, cpu.") from error


def named(device: torch.device) -> str:
    """Return what a reader calls it: "CPU", or the name of the GPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"


@cache
def _gpu() -> torch.device:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS wants it for equal bits
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
    return torch.ones(1, device="cuda").device
