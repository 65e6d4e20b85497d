"""Things to try: small changes of a lane's configuration. Empty ones have nothing to change."""

from normviz.config import LaneConfig, bounds
from normviz.diagnosis.rule import Case, Changes

#: Initializations whose size does not follow from the layer's.
UNSCALED = frozenset({"zeros", "constant", "small", "unit", "normal", "uniform"})
#: Made for a slope of 1 at zero, and for a rectifier's.
FOR_LINEAR = frozenset({"lecun", "xavier", "xavier_uniform", "orthogonal"})
FOR_RECTIFIERS = frozenset({"he", "he_uniform"})
RECTIFIERS = frozenset({"relu", "leaky_relu", "elu", "gelu", "silu"})
OVER_BATCH = frozenset({"batch", "noisy", "renorm"})
#: Below this the statistics of a minibatch are too noisy (Wu & He 2018, figure 1).
SMALL_BATCH = 8


def initialization(config: LaneConfig) -> Changes:
    """Return the initialization that fits the nonlinearity: He for rectifiers, Xavier for others."""
    rectifier = config.activation in RECTIFIERS
    wrong = UNSCALED | (FOR_LINEAR if rectifier else FOR_RECTIFIERS)
    if config.init not in wrong and config.gain == 1.0:
        return {}
    gain: Changes = {"gain": 1.0} if config.gain != 1.0 else {}
    return {"init": "he" if rectifier else "xavier", **gain}


def normalization(config: LaneConfig) -> Changes:
    """Return a normalization for a network that has none: Batch, or Layer where minibatches are small."""
    if config.norm != "none":
        return {}
    return {"norm": "batch" if config.batch_size >= SMALL_BATCH else "layer"}


def slower(config: LaneConfig) -> Changes:
    """Return a tenth of the learning rate."""
    lowest = bounds("lr")[0] or 0.0
    rate = max(lowest, float(f"{config.lr / 10:g}"))
    return {"lr": rate} if rate < config.lr else {}


def orthogonal(config: LaneConfig) -> Changes:
    """Return orthogonal weights for a recurrent network, which multiplies with the same ones again and again."""
    tanh_like = config.activation not in RECTIFIERS | {"sigmoid"}
    if config.model != "rnn" or not tanh_like or config.init == "orthogonal":
        return {}
    return {"init": "orthogonal"}


def shallower(config: LaneConfig) -> Changes:
    """Return half as many layers, where their number can be chosen."""
    return {"depth": config.depth // 2} if config.model == "mlp" and config.depth > 1 else {}


def signal(case: Case, began: int) -> Changes:
    """Return what brings a signal through the layers.

    Statistics of very few examples come first, then an initialization that fits; with the sigmoid, whose slope is at
    most 1/4, none helps. What is wrong from the start is then the lack of a normalization, or the depth; what goes
    wrong on the way, the learning rate did.
    """
    config = case.config
    if config.norm in OVER_BATCH and config.batch_size < SMALL_BATCH:
        return {"norm": "layer"}
    if not case.activation.centre and (fits := initialization(config)):
        return fits
    return slower(config) if began else normalization(config) or shallower(config)
