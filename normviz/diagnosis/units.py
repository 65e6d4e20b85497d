"""What the units do: saturated, dead, all alike, or the same whatever comes in."""

import math

import numpy as np

from normviz.diagnosis import remedies
from normviz.diagnosis.rule import Case, Changes, Found, Rule, span

MOST = 0.5
#: Rounding gives 1e-6 or less, random weights about 1.
ALIKE = 1e-4
#: A unit that is silent on fewer examples than this may well be alive.
FEW = 10
#: Deviations, in numbers of standard deviations of a share that is 1/2 by chance.
DEVIATIONS = 3.0
#: Pooled values whose deviation is below this share of their mean are one number, up to float32's rounding.
ONE_NUMBER = 1e-6


def _saturated(case: Case) -> Found | None:
    shares = case.values["saturated"]
    where = span(shares > MOST)
    if case.activation.rectifies or case.learns or not where:
        return None
    return Found(float(np.nanmax(shares)), MOST, *where)


def dead_limit(units: int) -> float:
    """Return the share of silent units beyond what random weights explain, three deviations above 1/2."""
    return min(0.99, MOST + DEVIATIONS / 2 / math.sqrt(units))


def _dead(case: Case) -> Found | None:
    shares, limit = case.values["dead"], dead_limit(case.units)
    where = span(shares > limit)
    few = case.config.batch_size < FEW and case.config.model != "convnet"
    if not case.activation.can_die or few or case.learns or not where:
        return None
    return Found(float(np.nanmax(shares)), limit, *where)


def _treat_dead(case: Case, began: int) -> Changes:
    return remedies.signal(case, began) if began else {"activation": "leaky_relu"}


def _symmetric(case: Case) -> Found | None:
    differences = np.array(case.differences)
    where = span(differences < ALIKE)
    return Found(float(differences[differences < ALIKE].max()), ALIKE, *where) if where else None


def _treat_symmetric(case: Case, began: int) -> Changes:
    return remedies.initialization(case.config)


def _constant(case: Case) -> Found | None:
    """Look where the pooled values do differ; a time step whose input is empty is constant by nature."""
    shares, values = case.values["constant_units"], case.values
    differ = values["pre_std"] > ONE_NUMBER * np.abs(values["pre_mean"])
    constant = (shares > MOST) & differ
    if case.config.model == "rnn" and not constant[-1]:
        return None
    where = span(constant)
    return Found(float(np.nanmax(shares[constant])), MOST, *where) if where else None


SATURATED = Rule(
    "saturated",
    "share of saturated activations in a layer (each activation's own definition, below), while the network does not "
    "learn",
    f"above {MOST:g}",
    "ours: most of a layer passes next to no gradient; the definition for tanh is Karpathy's (makemore, part 3)",
    "as for vanishing gradients",
    _saturated,
    remedies.signal,
)
DEAD = Rule(
    "dead",
    f"share of a layer's n units that are 0 on the whole minibatch, while the network does not learn; ReLU, {FEW} "
    "examples or more",
    f"above {MOST:g} + {DEVIATIONS / 2:g}/√n",
    "ours: where all examples look alike random weights silence half of the units, and this is three deviations more; "
    "CS231n notes: up to 40 % die of a learning rate that is too high",
    "from the start: leaky ReLU; later: as for vanishing gradients",
    _dead,
    _treat_dead,
)
SYMMETRIC = Rule(
    "symmetric",
    "difference between the weights of a hidden layer's units: sum of squared differences from the layer's mean unit "
    "over the sum of squares",
    f"below {ALIKE:g}",
    "ours: rounding gives 1e-6, random weights 1; Goodfellow et al. 2016, section 8.4: equal units learn the same for "
    "ever",
    "a random initialization: He for rectifiers, else Xavier",
    _symmetric,
    _treat_symmetric,
    hides=("vanishing", "exploding", "saturated", "dead", "constant"),
)
CONSTANT = Rule(
    "constant",
    "share of a layer's units whose pre-activation hardly changes with the example (its deviation is below 1e-3 of the "
    "layer's pooled one), where the pooled values do differ",
    f"above {MOST:g}",
    "ours; Page 2019, How does batch norm really help optimisation?: the pooled histogram looks healthy while every "
    "channel is constant",
    "as for vanishing gradients",
    _constant,
    remedies.signal,
)
