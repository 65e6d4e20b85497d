"""A device that can be had everywhere: the CPU, pretending to be another one.

Its tensors say that they are on torch's "meta" device, keep their numbers, and refuse what a GPU refuses: to be
computed with together with tensors of the CPU, and to be read without being brought over.
"""

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_leaves, tree_map

AWAY, HERE = torch.device("meta"), torch.device("cpu")
TO = torch.ops.aten._to_copy.default
READ = torch.ops.aten._local_scalar_dense.default


class Away(Tensor):
    """A tensor over there; ``numbers`` are what it holds."""

    numbers: Tensor

    @staticmethod
    def __new__(cls, numbers: Tensor) -> "Away":
        return Tensor._make_wrapper_subclass(
            cls,
            numbers.size(),
            strides=numbers.stride(),
            storage_offset=int(numbers.storage_offset()),
            dtype=numbers.dtype,
            device=AWAY,
        )

    def __init__(self, numbers: Tensor) -> None:
        self.numbers = numbers

    def tolist(self) -> Any:
        """Read the numbers, as a GPU's can be; torch itself refuses it for a class like this."""
        return self.numbers.tolist()

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _computed(func, args, kwargs or {})


class Elsewhere(TorchDispatchMode):
    """Inside, "meta" is a device with numbers."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        leaves = tree_leaves((args, kwargs))
        if AWAY in [leaf for leaf in leaves if isinstance(leaf, torch.device)]:
            return _computed(func, args, kwargs)
        return func(*args, **(kwargs or {}))


def _computed(func: Any, args: Any, kwargs: Any) -> Any:
    """Compute on the numbers; what comes out is over there too, unless it was asked over here."""
    leaves = tree_leaves((args, kwargs))
    if any(type(leaf) is Away for leaf in leaves):
        stayed = [leaf for leaf in leaves if isinstance(leaf, Tensor) and type(leaf) is not Away]
        if any(tensor.dim() for tensor in stayed):
            raise RuntimeError(f"{func}: a tensor of the CPU among those of the device")
    found = func(*tree_map(_inner, args), **tree_map(_inner, kwargs))
    if func is READ or (func is TO and kwargs.get("device") == HERE):
        return found
    wrapped = tree_map(lambda leaf: Away(leaf) if isinstance(leaf, Tensor) else leaf, found)
    return return_and_correct_aliasing(func, args, kwargs, wrapped)


def _inner(leaf: Any) -> Any:
    if isinstance(leaf, torch.device):
        return HERE if leaf == AWAY else leaf
    return leaf.numbers if isinstance(leaf, Away) else leaf


def away() -> torch.device:
    """The device, as an entry of the table of devices has it."""
    return AWAY
