"""Passes beside training that leave it as it is."""

from collections.abc import Generator
from contextlib import contextmanager

from torch import nn

from normviz.nn.linear import Linear
from normviz.nn.network import batch_statistics


@contextmanager
def undisturbed(model: nn.Module) -> Generator[None]:
    """Inside, passes use the statistics of their own examples and move nothing.

    No running average, no vector of a spectral norm; and no noise is drawn.
    """
    linears = [module for module in model.modules() if isinstance(module, Linear)]
    with batch_statistics(model):
        for linear in linears:
            linear.eval()
        try:
            yield
        finally:
            for linear in linears:
                linear.train()
