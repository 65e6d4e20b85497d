"""The decision surface of a network with two inputs: its answer on a grid over the plane, and its first layer's lines.

Unlike the other quantities it needs a pass of its own, in eval mode, without gradients; nothing of the network changes.
"""

import numpy as np
import torch
from jaxtyping import Float32, Float64
from torch import Tensor

from normviz.frames import Field, Values
from normviz.language import N_
from normviz.nn.network import Network, running_statistics
from normviz.nn.tape import Tape

#: Units of the first layer whose lines are shown, at most.
HYPERPLANES = 32
#: The class where an output is not a number.
UNDEFINED = 255
#: Points of the grid at which the first layer is looked at.
LOOKS = 61
#: How far, of its largest value, a pre-activation may be from a linear function that it is taken for.
STRAIGHT = 1e-4

Points = Float32[Tensor, "points 2"]
Corner = Float64[np.ndarray, " 2"]


def fields(side: int) -> tuple[Field, ...]:
    """Return the fields of a surface on a grid of so many points along each side."""
    return (
        Field(
            "surface_class",
            ("row", "column"),
            "u1",
            N_("Most likely class"),
            N_("class"),
            "in eval mode at each point of the grid over the two inputs, rows from the smallest x2; 255: undefined",
            grid=side,
        ),
        Field(
            "surface_margin",
            ("row", "column"),
            "u2",
            N_("Margin"),
            N_("share"),
            "probability of the most likely class less that of the second; 0 on the border between two classes",
            grid=side,
        ),
        Field(
            "hyperplanes",
            ("unit", "coefficient"),
            "f4",
            N_("First layer's lines"),
            "",
            "v1, v2, c of each of the first units: its nonlinearity receives v1 x1 + v2 x2 + c, in the data's own "
            "coordinates, eval mode; not-a-number where that is no linear function, and beyond the last unit",
            units=HYPERPLANES,
        ),
    )


@torch.inference_mode()
def measure(model: Network, inputs: Points, lo: Corner, hi: Corner) -> Values:
    """Measure all fields.

    Args:
        model: the network; it is in training mode before and after.
        inputs: the points of a square grid after preprocessing, row by row, which is a linear map.
        lo: the grid's first point before preprocessing.
        hi: its last one.
    """
    side = round(len(inputs) ** 0.5)
    looks = torch.linspace(0, len(inputs) - 1, LOOKS, device=inputs.device).round().long()
    ends = torch.tensor([0, side - 1, len(inputs) - side], device=inputs.device)
    rows, tape = torch.cat([ends, looks]), Tape()
    with running_statistics(model):
        logits = model(inputs)
        model(inputs[rows], tape)
    best = torch.softmax(logits, 1).topk(2, 1)
    defined = logits.isfinite().all(1)
    margin = torch.where(defined, best.values[:, 0] - best.values[:, 1], 0)
    winner = torch.where(defined, best.indices[:, 0], UNDEFINED)
    at = np.stack([rows.cpu().numpy() % side, rows.cpu().numpy() // side], 1) / (side - 1)
    return {
        "surface_class": winner.view(side, side).cpu().numpy(),
        "surface_margin": margin.view(side, side).cpu().numpy(),
        "hyperplanes": _lines(tape.pre[0], at, lo, hi),
    }


def _lines(
    pre: Tensor, at: Float64[np.ndarray, "looks 2"], lo: Corner, hi: Corner
) -> Float64[np.ndarray, "units 3"]:
    """Return the coefficients of each unit's linear function.

    Args:
        pre: what the nonlinearity receives at the looks, the first of which are the first point and the ends of the
            first row and the first column.
        at: where on the grid they are, from 0 to 1.
        lo: the grid's first point.
        hi: its last one.
    """
    found = np.full((HYPERPLANES, 3), np.nan)
    if pre.ndim != 2:  # channels with positions
        return found
    z = pre[:, :HYPERPLANES].double().cpu().numpy()
    slopes = z[1:3] - z[0]
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(z[0] + at @ slopes - z).max(0)
        straight = off <= STRAIGHT * np.abs(z).max(0)
        across = slopes / (hi - lo)[:, None]
        offset = z[0] - lo @ across
    units = z.shape[1]
    found[:units] = np.where(straight[:, None], np.column_stack([*across, offset]), np.nan)
    return found
