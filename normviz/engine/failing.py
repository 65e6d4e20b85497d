"""What is said of a run that goes wrong: notices, each a rule and its values."""

import json
from typing import Any

import torch

from normviz.config import parse
from normviz.data.files import DataError
from normviz.data.openml import offer
from normviz.engine.messages import Start
from normviz.train.devices import DeviceError


def diverged(divergence: dict[str, Any]) -> dict[str, Any]:
    """Say that a lane diverged."""
    return {"rule": "loss_not_finite", "values": divergence}


def failure(error: Exception, argument: object, step: int) -> dict[str, Any]:
    """Say what went wrong; of data that are not here, also whether they can be downloaded."""
    if isinstance(error, DataError) and isinstance(argument, Start):
        datasets = [lane.dataset for lane in parse(json.loads(argument.config)).lanes()]
        return {"rule": "data_missing", "values": {"error": str(error)[:500], **offer(datasets)}}
    if _lacks_memory(error):
        return {"rule": "out_of_memory", "values": {"step": step}}
    if isinstance(error, DeviceError):
        return {"rule": "device_missing", "values": {"error": str(error)}}
    text = f"{type(error).__name__}: {error}"[:300]
    return {"rule": "run_error", "values": {"step": step, "error": text}}


def _lacks_memory(error: Exception) -> bool:
    """Tell whether memory was refused; torch's allocator on the CPU says so in words only."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )
