"""The terms of the field, each with the lesson that is about it and the control of the Lab that changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from normviz.language import N_


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
    N_("activation"): Term(
        N_("A unit's output $a = \\phi(z)$, and the function $\\phi$ itself: sigmoid, tanh, ReLU."),
        "saturation",
        "activation",
    ),
    N_("batch normalization"): Term(
        N_(
            "Every unit's pre-activation minus its mean over the minibatch, divided by its standard deviation, then "
            "scaled by $\\gamma$ and shifted by $\\beta$."
        ),
        "bn_steps",
        "norm",
        _BATCH,
    ),
    N_("batch renormalization"): Term(
        N_(
            "BatchNorm corrected by $r$ and $d$ towards the running averages, so that training and inference agree "
            "even for small minibatches."
        ),
        "break_bn",
        "r_max",
        {"norm": "renorm"},
    ),
    N_("batch size"): Term(
        N_(
            "How many examples a step averages over. Few make BatchNorm's statistics noisy; one makes them useless."
        ),
        "break_bn",
        "batch_size",
    ),
    N_("condition number"): Term(
        N_(
            "The largest curvature of the loss divided by the smallest. Gradient descent needs about so many steps."
        ),
        "preprocessing",
        "preprocessing",
    ),
    N_("covariate shift"): Term(
        N_(
            "The inputs' distribution changes while the task stays: trained on one domain, tested on another."
        ),
        "two_domains",
        "dataset",
        {"dataset": "two_domains"},
    ),
    N_("dead unit"): Term(
        N_("A ReLU unit that is 0 for every example: no gradient reaches its weights any more."),
        "gamma_beta",
        "activation",
        {"activation": "relu"},
    ),
    N_("depth"): Term(
        N_("How many layers a gradient passes; small factors become a power of it."),
        "vanishing",
        "depth",
    ),
    N_("domain"): Term(
        N_("Where examples come from. Two domains have two means: no running average fits both."),
        "two_domains",
        "order",
        {"dataset": "two_domains", "norm": "batch", "order": "alternating"},
    ),
    N_("dynamic tanh"): Term(
        N_(
            "$\\gamma \\tanh(\\alpha x) + \\beta$ in the place of a normalization, without any statistics."
        ),
        "family",
        "norm",
        {"norm": "dyt"},
    ),
    N_("edge of chaos"): Term(
        N_(
            "Weights for which nearby inputs neither run together nor apart with depth: $\\chi_1 = 1$."
        ),
        "chaos",
        "init_std",
        {"init": "normal", "activation": "tanh", "depth": "30"},
    ),
    N_("epsilon"): Term(
        N_(
            "What is added to the variance before the root is taken, so that a constant unit divides by something."
        ),
        "bn_steps",
        "eps",
        _BATCH,
    ),
    N_("exploding gradient"): Term(
        N_("A gradient that grows from layer to layer on its way down."),
        "vanishing",
        "clip",
    ),
    N_("gamma and beta"): Term(
        N_(
            "The scale and the shift that a normalization learns. $\\gamma = \\sigma$ and $\\beta = \\mu$ give its "
            "input back."
        ),
        "gamma_beta",
        "affine",
        _BATCH,
    ),
    N_("gradient"): Term(
        N_(
            "The loss's derivative with respect to the weights or the pre-activations: the direction of a step, "
            "negated."
        ),
        "vanishing",
        "depth",
    ),
    N_("group normalization"): Term(
        N_(
            "Mean and variance of one example's group of channels. One group is LayerNorm, a group a channel is "
            "InstanceNorm."
        ),
        "family",
        "groups",
        {"norm": "group"},
    ),
    N_("He initialization"): Term(
        N_("Weights of variance $2/n_{in}$: ReLU halves the variance, and the 2 gives it back."),
        "initialization",
        "init",
        {"activation": "relu", "init": "he"},
    ),
    N_("inference"): Term(
        N_(
            "Using a trained network. BatchNorm then has no minibatch and takes averages from training."
        ),
        "inference",
        "statistics",
        _BATCH,
    ),
    N_("initialization"): Term(
        N_("The first weights. Their size decides whether a signal gets through the layers."),
        "initialization",
        "init",
    ),
    N_("instance normalization"): Term(
        N_("Mean and variance over one example's positions, channel by channel."),
        "family",
        "norm",
        {"model": "convnet", "norm": "instance"},
    ),
    N_("internal covariate shift"): Term(
        N_(
            "The distribution of a layer's inputs changes because the layers below it learn. Whether that is why "
            "BatchNorm helps is in doubt."
        ),
        "covariate_shift",
        "meter",
    ),
    N_("layer normalization"): Term(
        N_("Mean and variance over the units of one example: no other example matters."),
        "family",
        "norm",
        {"norm": "layer"},
    ),
    N_("learning rate"): Term(
        N_("How far a step goes along the gradient. Normalization widens the range that trains."),
        "learning_rate",
        "lr",
    ),
    N_("Lipschitz constant"): Term(
        N_(
            "The most by which a function stretches a distance; of a linear layer it is the spectral norm."
        ),
        "spectral_gan",
        "power_iterations",
        {"norm": "spectral"},
    ),
    N_("local response normalization"): Term(
        N_("A unit divided by a power of the sum of its neighbours' squares."),
        "family",
        "lrn_n",
        {"norm": "lrn"},
    ),
    N_("minibatch"): Term(
        N_("The examples of one step, in an order that is shuffled, or should be."),
        "break_bn",
        "order",
    ),
    N_("momentum"): Term(
        N_("The part by which a minibatch's statistics enter the running averages."),
        "inference",
        "momentum",
        _BATCH,
    ),
    N_("population statistics"): Term(
        N_("Mean and unbiased variance over all training data instead of running averages."),
        "inference",
        "statistics",
        {**_BATCH, "statistics": "population"},
    ),
    N_("pre-activation"): Term(
        N_("A unit's weighted sum $z = Wx + b$, before the activation."),
        "saturation",
        "place",
        _BATCH,
    ),
    N_("preprocessing"): Term(
        N_("Centring, scaling or whitening the inputs once, before training."),
        "preprocessing",
        "preprocessing",
    ),
    N_("RMS normalization"): Term(
        N_("LayerNorm without the mean: divided by the root of the mean square."),
        "family",
        "norm",
        {"norm": "rms"},
    ),
    N_("running average"): Term(
        N_(
            "$m \\leftarrow (1 - \\rho)\\, m + \\rho\\, \\mu_B$: what BatchNorm remembers for inference."
        ),
        "inference",
        "momentum",
        _BATCH,
    ),
    N_("saturation"): Term(
        N_(
            "A unit so far out on its curve that its slope is nearly 0: sigmoid outside 0.05 to 0.95, tanh beyond "
            "±0.97."
        ),
        "saturation",
        "activation",
    ),
    N_("spectral norm"): Term(
        N_("The largest singular value of a matrix: the most by which it stretches a vector."),
        "spectral_gan",
        "norm",
        {"norm": "spectral"},
    ),
    N_("symmetry breaking"): Term(
        N_("Equal units stay equal for ever; random weights make them different."),
        "initialization",
        "init",
        {"init": "zeros"},
    ),
    N_("vanishing gradient"): Term(
        N_("A gradient that shrinks from layer to layer on its way down."),
        "vanishing",
        "activation",
    ),
    N_("weight normalization"): Term(
        N_(
            "$w = g\\, v / \\lVert v \\rVert$: length and direction of a weight vector learn separately."
        ),
        "family",
        "norm",
        {"norm": "weight"},
    ),
    N_("whitening"): Term(
        N_(
            "A linear map that makes the inputs uncorrelated with variance 1: PCA in the directions of the data, ZCA "
            "as near to the pixels as possible."
        ),
        "preprocessing",
        "whiten_eps",
        {"preprocessing": "zca"},
    ),
    N_("Xavier initialization"): Term(
        N_(
            "Weights of variance $2 / (n_{in} + n_{out})$: it keeps signals and gradients, for tanh."
        ),
        "initialization",
        "init",
        {"activation": "tanh", "init": "xavier"},
    ),
}
