"""Whether the gradient comes through: vanishing and exploding gradients."""

import numpy as np
from jaxtyping import Float64

from normviz.diagnosis import remedies
from normviz.diagnosis.rule import Case, Changes, Found, Rule, span
from normviz.diagnosis.units import MOST

#: Gradients of hidden layers that are this far apart cannot be served by one learning rate.
FAR = 100.0


def _ratios(case: Case) -> Float64[np.ndarray, " layers"]:
    """Return each layer's gradient over that of the last layer that has one; empty without one."""
    std = case.values["grad_std"].astype(np.float64)
    (reached,) = np.nonzero(np.isfinite(std) & (std > 0))
    if len(std) < 2 or not len(reached):
        return np.empty(0)
    return std / std[reached[-1]]


def _vanishing(case: Case) -> Found | None:
    ratios, first = _ratios(case), _first_with_input(case)
    if not len(ratios) or not ratios[first] < 1 / FAR:
        return None
    (small,) = np.nonzero(ratios < 1 / FAR)
    return Found(float(ratios[first]), 1 / FAR, 1 + first, 1 + int(small[-1]))


def _first_with_input(case: Case) -> int:
    """Return the first layer's index; in a recurrent network that of the first time step whose units vary at all."""
    vary = ~(case.values["constant_units"] > MOST)
    return int(vary.argmax()) if case.config.model == "rnn" else 0


def _exploding(case: Case) -> Found | None:
    ratios = _ratios(case)
    if not len(ratios) or not ratios[0] > FAR:
        return None
    first, last = span(ratios > FAR) or (1, 1)
    return Found(float(ratios[0]), FAR, first, last)


def _treat_vanishing(case: Case, began: int) -> Changes:
    return remedies.orthogonal(case.config) or remedies.signal(case, began)


def _treat_exploding(case: Case, began: int) -> Changes:
    """Take the normalization from a recurrent network: at time steps without input it divides by next to nothing."""
    config = case.config
    if config.model == "rnn" and config.norm != "none":
        return {"norm": "none"}
    return remedies.signal(case, began)


_MEASURES = (
    "standard deviation of the gradient by pre-activation: layer 1 over the last hidden layer"
)
_OURS = "ours: two orders of magnitude, more than one learning rate can serve; measured as in"

VANISHING = Rule(
    "vanishing",
    f"{_MEASURES} (in a recurrent network: the first time step whose units vary)",
    f"below {1 / FAR:g}",
    f"{_OURS} Glorot & Bengio 2010, figure 7",
    "in a recurrent network orthogonal weights; Layer normalization in place of statistics of fewer than 8 examples; "
    "else an initialization that fits (not with the sigmoid); else, from the start: a normalization, else half the "
    "depth; later: a tenth of the learning rate",
    _vanishing,
    _treat_vanishing,
)
EXPLODING = Rule(
    "exploding",
    _MEASURES,
    f"above {FAR:g}",
    f"{_OURS} Pascanu et al. 2013, section 2; Yang et al. 2019 with BatchNorm",
    "as for vanishing gradients; in a recurrent network with a normalization: none",
    _exploding,
    _treat_exploding,
)
