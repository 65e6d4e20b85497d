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
    """

    label: str
    formula: str
    about: str
    target: str

    def load(self) -> Any:  # noqa: ANN401 - each table documents what its targets are
        """Import and return the implementation."""
        return resolve_name(self.target)


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
}

#: targets: ``(train: array (n, features)) -> callable on arrays (m, features)``; fitted on training data only
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
}

#: targets: ``(weight: Tensor (fan_out, fan_in), generator) -> None``, filled in place
INITIALIZERS: Catalog = {
    "zeros": Choice(
        "zeros",
        "W = 0",
        "Every unit of a layer stays the same as its neighbours.",
        "normviz.nn.initializers:zeros",
    ),
    "small": Choice(
        "N(0, 0.01²)",
        "W \\sim \\mathcal N(0, 0.01^2)",
        "Small random numbers: signals shrink with depth.",
        "normviz.nn.initializers:small",
    ),
    "unit": Choice(
        "N(0, 1)",
        "W \\sim \\mathcal N(0, 1)",
        "Large random numbers: units saturate.",
        "normviz.nn.initializers:unit",
    ),
    "xavier": Choice(
        "Xavier",
        "W \\sim \\mathcal N(0, 2 / (n_{in} + n_{out}))",
        "Glorot & Bengio 2010, for linear and tanh units.",
        "normviz.nn.initializers:xavier",
    ),
    "he": Choice(
        "He",
        "W \\sim \\mathcal N(0, 2 / n_{in})",
        "He et al. 2015, for ReLU units.",
        "normviz.nn.initializers:he",
    ),
}

#: targets: ``(features: int, affine: bool) -> torch.nn.Module`` on (batch, features)
NORMS: Catalog = {
    "none": Choice("none", "y = x", "No normalization.", "normviz.nn.norms.none:NoNorm"),
    "batch": Choice(
        "Batch",
        "\\gamma (x - \\mu_B) / \\sqrt{\\sigma_B^2 + \\epsilon} + \\beta",
        "Mean and variance of each unit over the minibatch.",
        "normviz.nn.norms.batch:BatchNorm",
    ),
    "layer": Choice(
        "Layer",
        "\\gamma (x - \\mu_L) / \\sqrt{\\sigma_L^2 + \\epsilon} + \\beta",
        "Mean and variance of each example over the layer.",
        "normviz.nn.norms.layer:LayerNorm",
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

#: targets: ``(parameters, lr: float) -> torch.optim.Optimizer``
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
}
