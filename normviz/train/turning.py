"""What a network takes along when its configuration changes in the middle of a run."""

import torch
from torch import Tensor, nn

from normviz.config import LaneConfig
from normviz.nn.network import Network
from normviz.nn.norms.base import Norm

#: What decides which examples there are.
SOURCE = ("dataset", "own", "noise")
DATA = (*SOURCE, "preprocessing", "whiten_eps")
ORDER = (*SOURCE, "batch_size", "order")
OPTIMIZER = ("optimizer", "lr", "weight_decay", "schedule")
#: What neither the network nor its optimizer knows of.
OUTSIDE = (*DATA, "batch_size", "order", "clip", "statistics")


def differ(before: LaneConfig, after: LaneConfig, fields: tuple[str, ...]) -> bool:
    """Tell whether one of these fields has changed."""
    return any(getattr(before, field) != getattr(after, field) for field in fields)


def changes_network(before: LaneConfig, after: LaneConfig) -> bool:
    """Tell whether the network has to be made anew."""
    within = set(LaneConfig.model_fields) - {*OUTSIDE, *OPTIMIZER}
    return differ(before, after, tuple(within))


@torch.no_grad()
def carry_network(old: Network, new: Network) -> None:
    """Give the new network the old one's effective weights, biases, gammas, betas and running averages.

    Where both normalize weights in the same way all of it goes along; otherwise the new way starts from W as it was.
    """
    for before, after in zip(old.linears(), new.linears(), strict=True):
        if type(before) is type(after):
            after.load_state_dict(before.state_dict())
        else:
            after.weight.copy_(before.effective())
            after.bias.copy_(before.bias)
            after.settle()
    for before, after in zip(_norms(old), _norms(new), strict=False):
        _carry(before, after)


def _norms(model: Network) -> list[Norm]:
    return [module for module in model.modules() if isinstance(module, Norm)]


def _carry(old: nn.Module, new: nn.Module) -> None:
    known, wanted = old.state_dict(), new.state_dict()
    fits = {
        name: value
        for name, value in known.items()
        if name in wanted and wanted[name].shape == value.shape
    }
    new.load_state_dict(fits, strict=False)


def carry_memory(
    old: tuple[Network, torch.optim.Optimizer], new: tuple[Network, torch.optim.Optimizer]
) -> None:
    """Give the new optimizer what the old one remembers of parameters that both networks have, by name and shape."""
    memory = {name: old[1].state.get(parameter) for name, parameter in old[0].named_parameters()}
    for name, parameter in new[0].named_parameters():
        if (kept := memory.get(name)) and all(_fits(value, parameter) for value in kept.values()):
            new[1].state[parameter] = {
                key: value.clone() if isinstance(value, Tensor) else value
                for key, value in kept.items()
            }


def _fits(value: object, parameter: Tensor) -> bool:
    """Tell whether something remembered is a number, or of the parameter's shape."""
    return not isinstance(value, Tensor) or value.ndim == 0 or value.shape == parameter.shape
