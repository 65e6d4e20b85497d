r"""What a person can choose from: one table a kind, one line an entry.

An entry names its implementation as ``"module:attribute"`` and is loaded only by the process that trains, so the web
process can list, explain and validate every choice without importing torch. Adding a normalization (or any other
choice) is: its class or function in its own file, and one line here. Controls, link, limits, titles and tests read
these tables.
"""

from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any


@dataclass(frozen=True)
class Choice:
    """One entry of a table.

    Attributes:
        label: what the control shows.
        formula: one line of LaTeX without dollar signs; empty when there is nothing to write.
        about: one plain sentence.
        target: where the implementation is, ``"package.module:attribute"``.
        uses: further fields of a lane's configuration that the implementation takes, by keyword. A field that some
            choice names here has no effect with the others, and its control is shown with those that name it.
        here: ``"package.module:attribute"`` of a function ``() -> bool`` that tells, quickly and without torch, whether
            this machine has what the implementation needs; empty when nothing is needed.
    """

    label: str
    formula: str
    about: str
    target: str
    uses: tuple[str, ...] = ()
    here: str = ""

    def load(self) -> Any:  # noqa: ANN401 - each table documents what its targets are
        """Import and return the implementation."""
        return resolve_name(self.target)

    def available(self) -> bool:
        """Tell whether it can be used on this machine."""
        return not self.here or resolve_name(self.here)()

    def settings(self, config: object) -> dict[str, Any]:
        """Return the fields of a lane's configuration that the implementation takes."""
        return {field: getattr(config, field) for field in self.uses}


Catalog = dict[str, Choice]

#: targets: ``() -> normviz.data.dataset.Dataset``
DATASETS: Catalog = {
    "mnist": Choice(
        "MNIST digits, 28 x 28",
        "x \\in [0,1]^{784}",
        "4,000 to train on, 1,000 held out.",
        "normviz.data.mnist:load",
    ),
    "digits": Choice(
        "Optical digits, 8 x 8",
        "x \\in [0,1]^{64}",
        "1,442 to train on, 355 held out.",
        "normviz.data.digits:load",
    ),
    "inverted": Choice(
        "MNIST, inverted",
        "x \\leftarrow 1 - x",
        "Dark digits on a bright background: the mean of the inputs is far from zero.",
        "normviz.data.inverted:load",
    ),
    "textured": Choice(
        "Textured digits, 28 x 28",
        "x \\in [0,1]^{784}",
        "The MNIST digits on backgrounds made by code, in grey: as many features, another distribution.",
        "normviz.data.textured:load",
    ),
    "two_domains": Choice(
        "MNIST and textured",
        "x \\in [0,1]^{784}",
        "Both together: 8,000 to train on, 2,000 held out; for batches that alternate by domain.",
        "normviz.data.two_domains:load",
    ),
    "fashion": Choice(
        "Fashion-MNIST, 28 x 28",
        "x \\in [0,1]^{784}",
        "Clothes: 20,000 of its 60,000 to train on, held out 2,000 of its own 10,000 test images.",
        "normviz.data.fashion:load",
        here="normviz.data.fashion:available",
    ),
    "mnist_full": Choice(
        "MNIST from its own files",
        "x \\in [0,1]^{784}",
        "20,000 of its 60,000 to train on, held out 2,000 of its own 10,000 test images.",
        "normviz.data.mnist_full:load",
        here="normviz.data.mnist_full:available",
    ),
    "svhn": Choice(
        "Street View house numbers",
        "x \\in [0,1]^{784}",
        "In grey, cut to 28 x 28: 20,000 of its 73,257 to train on, held out 2,000 of its own test images.",
        "normviz.data.svhn:load",
        here="normviz.data.svhn:available",
    ),
    "gaussian": Choice(
        "Gaussian noise",
        "x \\sim \\mathcal N(0, 1)^{500}",
        "As in CS231n: 1,000 inputs and labels at random, so there is nothing to learn; 200 held out.",
        "normviz.data.gaussian:load",
    ),
    "circle": Choice(
        "Circle in a ring",
        "x \\in [-1,1]^2",
        "TensorFlow Playground's: 1,000 points to train on, 250 held out.",
        "normviz.data.plane:circle",
    ),
    "xor": Choice(
        "Exclusive or",
        "y = [x_1 x_2 \\ge 0]",
        "TensorFlow Playground's: 1,000 points to train on, 250 held out.",
        "normviz.data.plane:xor",
    ),
    "gauss": Choice(
        "Two Gaussians",
        "x \\sim \\mathcal N(\\pm 0.4, 0.02)^2",
        "TensorFlow Playground's: 1,000 points to train on, 250 held out.",
        "normviz.data.plane:gauss",
    ),
    "spiral": Choice(
        "Spiral",
        "x = r (\\sin t, \\cos t),\\; t = 3.5 \\pi r",
        "TensorFlow Playground's: 1,000 points to train on, 250 held out.",
        "normviz.data.plane:spiral",
    ),
    "moons": Choice(
        "Two moons",
        "x \\in [-1,1]^2",
        "scikit-learn's with noise 0.1: 1,000 points to train on, 250 held out.",
        "normviz.data.plane:moons",
    ),
}

#: targets: ``(train: array (n, features), **uses) -> callable on arrays (m, features)``; fitted on training data only
PREPROCESSINGS: Catalog = {
    "raw": Choice(
        "raw, pixels / 255",
        "x",
        "Nothing is subtracted: all inputs are positive.",
        "normviz.data.preprocessing:raw",
    ),
    "centred": Choice(
        "centred",
        "x - \\bar x",
        "Subtracts the mean of each pixel.",
        "normviz.data.preprocessing:centred",
    ),
    "zscore": Choice(
        "z-score",
        "(x - \\bar x) / \\sqrt{s^2 + 10^{-5}}",
        "Each pixel gets mean 0 and standard deviation 1.",
        "normviz.data.preprocessing:zscore",
    ),
    "global": Choice(
        "global z-score",
        "(x - m) / \\sqrt{v + 10^{-5}}",
        "One mean and one variance for all features together.",
        "normviz.data.preprocessing:global_zscore",
    ),
    "pca": Choice(
        "PCA-whitened",
        "(x - \\bar x) U (\\Lambda + \\epsilon)^{-1/2}",
        "Turned onto the principal axes U; each gets variance 1.",
        "normviz.data.preprocessing:pca",
        ("whiten_eps",),
    ),
    "zca": Choice(
        "ZCA-whitened",
        "(x - \\bar x) U (\\Lambda + \\epsilon)^{-1/2} U^\\top",
        "Whitened and turned back: the nearest white data to x.",
        "normviz.data.preprocessing:zca",
        ("whiten_eps",),
    ),
}

#: targets: ``normviz.nn.activations.Activation``
ACTIVATIONS: Catalog = {
    "sigmoid": Choice(
        "sigmoid",
        "\\sigma(z) = 1 / (1 + e^{-z})",
        "Between 0 and 1; its slope is at most 1/4.",
        "normviz.nn.activations:SIGMOID",
    ),
    "tanh": Choice(
        "tanh",
        "\\tanh z",
        "Between -1 and 1; its slope is 1 at zero.",
        "normviz.nn.activations:TANH",
    ),
    "relu": Choice(
        "ReLU",
        "\\max(0, z)",
        "Zero for negative input; its slope is 0 or 1.",
        "normviz.nn.activations:RELU",
    ),
    "leaky_relu": Choice(
        "leaky ReLU",
        "\\max(0.01 z, z)",
        "Its slope is 0.01 for negative input: no unit dies.",
        "normviz.nn.activations:LEAKY_RELU",
    ),
    "elu": Choice(
        "ELU",
        "z \\text{ if } z > 0 \\text{ else } e^z - 1",
        "Down to -1 for negative input, so means stay near 0.",
        "normviz.nn.activations:ELU",
    ),
    "gelu": Choice(
        "GELU",
        "z \\, \\Phi(z)",
        "Weighs its input by the normal distribution function; falls, then rises.",
        "normviz.nn.activations:GELU",
    ),
    "silu": Choice(
        "SiLU",
        "z \\, \\sigma(z)",
        "Weighs its input by the sigmoid of it; falls, then rises.",
        "normviz.nn.activations:SILU",
    ),
    "softsign": Choice(
        "softsign",
        "z / (1 + \\lvert z \\rvert)",
        "Between -1 and 1 like tanh, but approaches them slowly.",
        "normviz.nn.activations:SOFTSIGN",
    ),
    "hard_tanh": Choice(
        "hard tanh",
        "\\max(-1, \\min(1, z))",
        "The identity, cut off at -1 and 1.",
        "normviz.nn.activations:HARD_TANH",
    ),
    "linear": Choice(
        "linear",
        "z",
        "No nonlinearity: the network is a product of matrices.",
        "normviz.nn.activations:LINEAR",
    ),
}

#: targets: ``(weight: Tensor (fan_out, fan_in), generator, **uses) -> None``, filled in place
INITIALIZERS: Catalog = {
    "zeros": Choice(
        "zeros",
        "W = 0",
        "Every unit of a layer stays the same as its neighbours.",
        "normviz.nn.initializers:zeros",
    ),
    "constant": Choice(
        "constant",
        "W = s",
        "All weights are the same number.",
        "normviz.nn.initializers:constant",
        ("init_std",),
    ),
    "small": Choice(
        "N(0, 0.01²)",
        "W \\sim \\mathcal N(0, 0.01^2)",
        "Small random numbers: signals shrink with depth.",
        "normviz.nn.initializers:small",
        ("gain",),
    ),
    "unit": Choice(
        "N(0, 1)",
        "W \\sim \\mathcal N(0, 1)",
        "Large random numbers: units saturate.",
        "normviz.nn.initializers:unit",
        ("gain",),
    ),
    "normal": Choice(
        "N(0, s²)",
        "W \\sim \\mathcal N(0, s^2)",
        "Normal random numbers whose size you choose.",
        "normviz.nn.initializers:normal",
        ("init_std", "gain"),
    ),
    "uniform": Choice(
        "U(-s, s)",
        "W \\sim \\mathcal U(-s, s)",
        "Uniform random numbers whose size you choose; their deviation is 0.58 s.",
        "normviz.nn.initializers:uniform",
        ("init_std", "gain"),
    ),
    "lecun": Choice(
        "LeCun normal",
        "W \\sim \\mathcal N(0, 1 / n_{in})",
        "LeCun et al. 1998: keeps the variance of a linear layer.",
        "normviz.nn.initializers:lecun",
        ("gain",),
    ),
    "xavier": Choice(
        "Xavier normal",
        "W \\sim \\mathcal N(0, 2 / (n_{in} + n_{out}))",
        "Glorot & Bengio 2010, for linear and tanh units.",
        "normviz.nn.initializers:xavier",
        ("gain",),
    ),
    "xavier_uniform": Choice(
        "Xavier uniform",
        "W \\sim \\mathcal U(-r, r),\\; r = \\sqrt{6 / (n_{in} + n_{out})}",
        "Glorot & Bengio 2010, equation 16.",
        "normviz.nn.initializers:xavier_uniform",
        ("gain",),
    ),
    "he": Choice(
        "He normal",
        "W \\sim \\mathcal N(0, 2 / n_{in})",
        "He et al. 2015, for ReLU units.",
        "normviz.nn.initializers:he",
        ("gain",),
    ),
    "he_uniform": Choice(
        "He uniform",
        "W \\sim \\mathcal U(-r, r),\\; r = \\sqrt{6 / n_{in}}",
        "The variance of He et al. 2015, evenly spread.",
        "normviz.nn.initializers:he_uniform",
        ("gain",),
    ),
    "orthogonal": Choice(
        "orthogonal",
        "W^\\top W = I \\text{ or } W W^\\top = I",
        "Saxe et al. 2014: keeps lengths, however deep.",
        "normviz.nn.initializers:orthogonal",
        ("gain",),
    ),
    "lsuv": Choice(
        "LSUV",
        "W^\\top W = I \\text{ or } W W^\\top = I,\\; W \\leftarrow W / \\sqrt{\\mathrm{Var}(Wx)}",
        "Mishkin & Matas 2016: orthogonal, then each layer's output is scaled to variance 1 on the first minibatch.",
        "normviz.nn.initializers:lsuv",
        ("gain",),
    ),
}

#: targets: ``(features: int, affine: bool, **settings) -> normviz.nn.norms.base.Norm`` on (batch, features, ...)
NORMS: Catalog = {
    "none": Choice("none", "y = x", "No normalization.", "normviz.nn.norms.none:NoNorm"),
    "batch": Choice(
        "Batch",
        "\\gamma (x - \\mu_B) / \\sqrt{\\sigma_B^2 + \\epsilon} + \\beta",
        "Mean and variance of each unit over the minibatch.",
        "normviz.nn.norms.batch:BatchNorm",
        ("eps", "momentum"),
    ),
    "layer": Choice(
        "Layer",
        "\\gamma (x - \\mu_L) / \\sqrt{\\sigma_L^2 + \\epsilon} + \\beta",
        "Mean and variance of each example over the layer.",
        "normviz.nn.norms.layer:LayerNorm",
        ("eps",),
    ),
    "group": Choice(
        "Group",
        "\\gamma (x - \\mu_G) / \\sqrt{\\sigma_G^2 + \\epsilon} + \\beta",
        "Mean and variance of each example over a group of neighbouring units; one group is Layer.",
        "normviz.nn.norms.group:GroupNorm",
        ("groups", "eps"),
    ),
    "instance": Choice(
        "Instance",
        "\\gamma (x - \\mu_I) / \\sqrt{\\sigma_I^2 + \\epsilon} + \\beta",
        "Mean and variance of each channel of each example over its positions. A unit here has one value an example "
        "and no positions, so beta is all that is left: every input looks the same.",
        "normviz.nn.norms.instance:InstanceNorm",
        ("eps",),
    ),
    "rms": Choice(
        "RMS",
        "\\gamma x / \\sqrt{\\overline{x^2} + \\epsilon}",
        "Layer without the mean: divides each example by its root mean square.",
        "normviz.nn.norms.rms:RMSNorm",
        ("eps",),
    ),
    "renorm": Choice(
        "Batch Renorm",
        "\\gamma \\left( \\frac{x - \\mu_B}{\\sigma_B} r + d \\right) + \\beta",
        "Batch, corrected towards the running averages after 100 steps.",
        "normviz.nn.norms.renorm:BatchRenorm",
        ("eps", "momentum", "r_max", "d_max"),
    ),
    "noisy": Choice(
        "Batch with noise",
        "s \\, \\mathrm{BN}(x) + m",
        "Batch, then a random scale and shift in every step (Santurkar et al. 2018).",
        "normviz.nn.norms.noisy:NoisyBatchNorm",
        ("eps", "momentum"),
    ),
    "weight": Choice(
        "Weight",
        "W = g \\, v / \\lVert v \\rVert",
        "Length and direction of each unit's weights are learned apart; what passes is not touched.",
        "normviz.nn.norms.weight:WeightNorm",
    ),
    "weight_exp": Choice(
        "Weight, g = exp(s)",
        "W = e^s \\, v / \\lVert v \\rVert",
        "As Weight, with lengths that stay positive.",
        "normviz.nn.norms.weight:ExpWeightNorm",
    ),
    "spectral": Choice(
        "Spectral",
        "W = v / \\sigma(v)",
        "Every weight matrix is divided by its largest singular value.",
        "normviz.nn.norms.weight:SpectralNorm",
    ),
    "lrn": Choice(
        "Local Response",
        "x_i / (2 + 10^{-4} \\sum_j x_j^2)^{3/4}",
        "Divides each value by the activity of the units beside it (Krizhevsky et al. 2012).",
        "normviz.nn.norms.local_response:LocalResponseNorm",
    ),
    "dyt": Choice(
        "Dynamic tanh",
        "\\gamma \\tanh(\\alpha x) + \\beta",
        "No statistics at all: squashes each value, with a learned slope.",
        "normviz.nn.norms.dyt:DyT",
    ),
}

#: targets: ``(linear, norm, activation) -> normviz.nn.mlp.Block``
PLACES: Catalog = {
    "before": Choice(
        "before the activation",
        "\\phi(\\mathrm{norm}(Wx + b))",
        "As in Ioffe & Szegedy 2015.",
        "normviz.nn.mlp:NormBefore",
    ),
    "after": Choice(
        "after the activation",
        "\\mathrm{norm}(\\phi(Wx + b))",
        "The next layer receives normalized input.",
        "normviz.nn.mlp:NormAfter",
    ),
}

#: targets: ``(parameters, lr: float, weight_decay: float) -> torch.optim.Optimizer``
OPTIMIZERS: Catalog = {
    "sgd": Choice(
        "SGD",
        "\\theta \\leftarrow \\theta - \\eta g",
        "Plain gradient descent on minibatches.",
        "normviz.train.optimizers:sgd",
    ),
    "momentum": Choice(
        "SGD with momentum",
        "v \\leftarrow 0.9 v + g,\\; \\theta \\leftarrow \\theta - \\eta v",
        "Adds up past gradients, momentum 0.9.",
        "normviz.train.optimizers:momentum",
    ),
    "nesterov": Choice(
        "Nesterov",
        "v \\leftarrow 0.9 v + g,\\; \\theta \\leftarrow \\theta - \\eta (g + 0.9 v)",
        "Momentum that looks one step ahead, momentum 0.9.",
        "normviz.train.optimizers:nesterov",
    ),
    "rmsprop": Choice(
        "RMSprop",
        "\\theta \\leftarrow \\theta - \\eta g / (\\sqrt{E[g^2]} + \\epsilon)",
        "Divides by the recent size of each gradient.",
        "normviz.train.optimizers:rmsprop",
    ),
    "adam": Choice(
        "Adam",
        "\\theta \\leftarrow \\theta - \\eta \\hat m / (\\sqrt{\\hat v} + \\epsilon)",
        "Momentum and RMSprop together, Kingma & Ba 2015.",
        "normviz.train.optimizers:adam",
    ),
    "adamw": Choice(
        "AdamW",
        "\\theta \\leftarrow \\theta - \\eta (\\hat m / (\\sqrt{\\hat v} + \\epsilon) + \\lambda \\theta)",
        "Adam with weight decay apart from the gradient, Loshchilov & Hutter 2019.",
        "normviz.train.optimizers:adamw",
    ),
}

#: targets: ``(y: Tensor (train,), domain: Tensor (train,) | None, size: int, generator) -> iterator of rows``
ORDERS: Catalog = {
    "shuffled": Choice(
        "shuffled",
        "i \\sim \\mathcal U\\{1 \\dots n\\}",
        "Every epoch is a new random order of all examples.",
        "normviz.train.orders:shuffled",
    ),
    "sorted": Choice(
        "sorted by class",
        "y_1 = y_2 = \\dots = y_m",
        "Each minibatch has one class only, class after class; no larger than the smallest class.",
        "normviz.train.orders:by_class",
    ),
    "alternating": Choice(
        "alternating by domain",
        "d_1 = d_2 = \\dots = d_m",
        "Each minibatch comes from one domain, in turn; on a data set of one domain this is the same as shuffled.",
        "normviz.train.orders:by_domain",
    ),
}

#: targets: ``(step: int, steps: int) -> float``, what the learning rate of a step is multiplied by
SCHEDULES: Catalog = {
    "constant": Choice(
        "constant",
        "\\eta_t = \\eta",
        "The same learning rate all the time.",
        "normviz.train.schedules:constant",
    ),
    "cosine": Choice(
        "cosine",
        "\\eta_t = \\eta (1 + \\cos(\\pi t / T)) / 2",
        "Falls along half a cosine; it would be 0 at step T.",
        "normviz.train.schedules:cosine",
    ),
    "warmup": Choice(
        "warm-up",
        "\\eta_t = \\eta \\min(1, 10 (t + 1) / T)",
        "Rises over the first tenth of the steps.",
        "normviz.train.schedules:warmup",
    ),
    "step": Choice(
        "step",
        "\\eta_t = \\eta \\cdot 0.1^{[t \\ge T/2] + [t \\ge 3T/4]}",
        "Divided by 10 after half and after three quarters of the steps.",
        "normviz.train.schedules:step",
    ),
}
