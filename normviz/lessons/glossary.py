"""The terms of the field, each with the lesson that is about it and the control of the Lab that changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def _no_link() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Term:
    """A term.

    Attributes:
        text: what it means, in Markdown with formulas.
        lesson: the name of the lesson that shows it.
        control: the field of :class:`normviz.config.LaneConfig` that changes it.
        link: query parameters of a run in which that control has an effect, where the default run has none.
    """

    text: str
    lesson: str
    control: str
    link: Mapping[str, str] = field(default_factory=_no_link)


_BATCH = {"norm": "batch"}
#: In alphabetical order.
TERMS: dict[str, Term] = {
    "activation": Term(
        "A unit's output $a = \\phi(z)$, and the function $\\phi$ itself: sigmoid, tanh, ReLU.",
        "saturation",
        "activation",
    ),
    "batch normalization": Term(
        "Every unit's pre-activation minus its mean over the minibatch, divided by its standard deviation, then scaled "
        "by $\\gamma$ and shifted by $\\beta$.",
        "bn_steps",
        "norm",
        _BATCH,
    ),
    "batch renormalization": Term(
        "BatchNorm corrected by $r$ and $d$ towards the running averages, so that training and inference agree even "
        "for small minibatches.",
        "break_bn",
        "r_max",
        {"norm": "renorm"},
    ),
    "batch size": Term(
        "How many examples a step averages over. Few make BatchNorm's statistics noisy; one makes them useless.",
        "break_bn",
        "batch_size",
    ),
    "condition number": Term(
        "The largest curvature of the loss divided by the smallest. Gradient descent needs about so many steps.",
        "preprocessing",
        "preprocessing",
    ),
    "covariate shift": Term(
        "The inputs' distribution changes while the task stays: trained on one domain, tested on another.",
        "two_domains",
        "dataset",
        {"dataset": "two_domains"},
    ),
    "dead unit": Term(
        "A ReLU unit that is 0 for every example: no gradient reaches its weights any more.",
        "gamma_beta",
        "activation",
        {"activation": "relu"},
    ),
    "depth": Term(
        "How many layers a gradient passes; small factors become a power of it.",
        "vanishing",
        "depth",
    ),
    "domain": Term(
        "Where examples come from. Two domains have two means: no running average fits both.",
        "two_domains",
        "order",
        {"dataset": "two_domains", "norm": "batch", "order": "alternating"},
    ),
    "dynamic tanh": Term(
        "$\\gamma \\tanh(\\alpha x) + \\beta$ in the place of a normalization, without any statistics.",
        "family",
        "norm",
        {"norm": "dyt"},
    ),
    "edge of chaos": Term(
        "Weights for which nearby inputs neither run together nor apart with depth: $\\chi_1 = 1$.",
        "chaos",
        "init_std",
        {"init": "normal", "activation": "tanh", "depth": "30"},
    ),
    "epsilon": Term(
        "What is added to the variance before the root is taken, so that a constant unit divides by something.",
        "bn_steps",
        "eps",
        _BATCH,
    ),
    "exploding gradient": Term(
        "A gradient that grows from layer to layer on its way down.", "vanishing", "clip"
    ),
    "gamma and beta": Term(
        "The scale and the shift that a normalization learns. $\\gamma = \\sigma$ and $\\beta = \\mu$ give its input "
        "back.",
        "gamma_beta",
        "affine",
        _BATCH,
    ),
    "gradient": Term(
        "The loss's derivative with respect to the weights or the pre-activations: the direction of a step, negated.",
        "vanishing",
        "depth",
    ),
    "group normalization": Term(
        "Mean and variance of one example's group of channels. One group is LayerNorm, a group a channel is "
        "InstanceNorm.",
        "family",
        "groups",
        {"norm": "group"},
    ),
    "He initialization": Term(
        "Weights of variance $2/n_{in}$: ReLU halves the variance, and the 2 gives it back.",
        "initialization",
        "init",
        {"activation": "relu", "init": "he"},
    ),
    "inference": Term(
        "Using a trained network. BatchNorm then has no minibatch and takes averages from training.",
        "inference",
        "statistics",
        _BATCH,
    ),
    "initialization": Term(
        "The first weights. Their size decides whether a signal gets through the layers.",
        "initialization",
        "init",
    ),
    "instance normalization": Term(
        "Mean and variance over one example's positions, channel by channel.",
        "family",
        "norm",
        {"model": "convnet", "norm": "instance"},
    ),
    "internal covariate shift": Term(
        "The distribution of a layer's inputs changes because the layers below it learn. Whether that is why BatchNorm "
        "helps is in doubt.",
        "covariate_shift",
        "meter",
    ),
    "layer normalization": Term(
        "Mean and variance over the units of one example: no other example matters.",
        "family",
        "norm",
        {"norm": "layer"},
    ),
    "learning rate": Term(
        "How far a step goes along the gradient. Normalization widens the range that trains.",
        "learning_rate",
        "lr",
    ),
    "Lipschitz constant": Term(
        "The most by which a function stretches a distance; of a linear layer it is the spectral norm.",
        "spectral_gan",
        "power_iterations",
        {"norm": "spectral"},
    ),
    "local response normalization": Term(
        "A unit divided by a power of the sum of its neighbours' squares.",
        "family",
        "lrn_n",
        {"norm": "lrn"},
    ),
    "minibatch": Term(
        "The examples of one step, in an order that is shuffled, or should be.", "break_bn", "order"
    ),
    "momentum": Term(
        "The part by which a minibatch's statistics enter the running averages.",
        "inference",
        "momentum",
        _BATCH,
    ),
    "population statistics": Term(
        "Mean and unbiased variance over all training data instead of running averages.",
        "inference",
        "statistics",
        {**_BATCH, "statistics": "population"},
    ),
    "pre-activation": Term(
        "A unit's weighted sum $z = Wx + b$, before the activation.", "saturation", "place", _BATCH
    ),
    "preprocessing": Term(
        "Centring, scaling or whitening the inputs once, before training.",
        "preprocessing",
        "preprocessing",
    ),
    "RMS normalization": Term(
        "LayerNorm without the mean: divided by the root of the mean square.",
        "family",
        "norm",
        {"norm": "rms"},
    ),
    "running average": Term(
        "$m \\leftarrow (1 - \\rho)\\, m + \\rho\\, \\mu_B$: what BatchNorm remembers for inference.",
        "inference",
        "momentum",
        _BATCH,
    ),
    "saturation": Term(
        "A unit so far out on its curve that its slope is nearly 0: sigmoid outside 0.05 to 0.95, tanh beyond ±0.97.",
        "saturation",
        "activation",
    ),
    "spectral norm": Term(
        "The largest singular value of a matrix: the most by which it stretches a vector.",
        "spectral_gan",
        "norm",
        {"norm": "spectral"},
    ),
    "symmetry breaking": Term(
        "Equal units stay equal for ever; random weights make them different.",
        "initialization",
        "init",
        {"init": "zeros"},
    ),
    "vanishing gradient": Term(
        "A gradient that shrinks from layer to layer on its way down.", "vanishing", "activation"
    ),
    "weight normalization": Term(
        "$w = g\\, v / \\lVert v \\rVert$: length and direction of a weight vector learn separately.",
        "family",
        "norm",
        {"norm": "weight"},
    ),
    "whitening": Term(
        "A linear map that makes the inputs uncorrelated with variance 1: PCA in the directions of the data, ZCA as "
        "near to the pixels as possible.",
        "preprocessing",
        "whiten_eps",
        {"preprocessing": "zca"},
    ),
    "Xavier initialization": Term(
        "Weights of variance $2 / (n_{in} + n_{out})$: it keeps signals and gradients, for tanh.",
        "initialization",
        "init",
        {"activation": "tanh", "init": "xavier"},
    ),
}
