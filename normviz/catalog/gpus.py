"""Which GPUs this server has and whether its PyTorch can use them, found out quickly and without torch.

NVIDIA's management library is asked: it is part of the driver and, other than CUDA, takes no GPU into use.
"""

import ctypes
import os
from collections import Counter
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from normviz.language import _

LIBRARY = "libnvidia-ml.so.1"
LONGEST_NAME = 96
HIDDEN = ("", "-1")


@cache
def usable() -> bool:
    """Tell whether there is an NVIDIA GPU and PyTorch was installed with CUDA."""
    return bool(names()) and with_cuda()


def found() -> str:
    """Say what this server has, in a sentence."""
    if not names():
        return _("This server has no GPU.")
    gpus = ", ".join(f"{n} x {name}" if n > 1 else name for name, n in Counter(names()).items())
    if with_cuda():
        return _("This server has {gpus}.").format(gpus=gpus)
    return _("This server has {gpus}, but a PyTorch without CUDA.").format(gpus=gpus)


@cache
def names() -> tuple[str, ...]:
    """Return the names of the NVIDIA GPUs; none where ``CUDA_VISIBLE_DEVICES`` hides them all."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in HIDDEN:
        return ()
    try:
        return listed(ctypes.CDLL(LIBRARY))
    except OSError:
        return ()


def listed(library: Any) -> tuple[str, ...]:  # noqa: ANN401 - a C library, or what stands in for one
    """Return the names that NVIDIA's management library gives; its functions return 0 when all is well."""
    if library.nvmlInit_v2():
        return ()
    try:
        count = ctypes.c_uint()
        if library.nvmlDeviceGetCount_v2(ctypes.byref(count)):
            return ()
        return tuple(filter(None, (_name(library, index) for index in range(count.value))))
    finally:
        library.nvmlShutdown()


def _name(library: Any, index: int) -> str:  # noqa: ANN401 - as above
    device, name = ctypes.c_void_p(), ctypes.create_string_buffer(LONGEST_NAME)
    failed = library.nvmlDeviceGetHandleByIndex_v2(
        index, ctypes.byref(device)
    ) or library.nvmlDeviceGetName(device, name, LONGEST_NAME)
    return "" if failed else name.value.decode("utf-8", "replace")


@cache
def with_cuda() -> bool:
    """Tell whether the installed PyTorch brings CUDA, by its files: importing it would take seconds."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return False
    return any((Path(spec.origin).parent / "lib").glob("*torch_cuda*.*"))
