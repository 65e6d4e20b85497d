"""What networks are made of."""

from normviz.catalog.choice import Catalog, Choice
from normviz.language import N_

#: targets: ``normviz.nn.activations.Activation``
ACTIVATIONS: Catalog = {
    "sigmoid": Choice(
        "sigmoid",
        "\\sigma(z) = 1 / (1 + e^{-z})",
        N_("Between 0 and 1; its slope is at most 1/4."),
        "normviz.nn.activations:SIGMOID",
    ),
    "tanh": Choice(
        "tanh",
        "\\tanh z",
        N_("Between -1 and 1; its slope is 1 at zero."),
        "normviz.nn.activations:TANH",
    ),
    "relu": Choice(
        "ReLU",
        "\\max(0, z)",
        N_("Zero for negative input; its slope is 0 or 1."),
        "normviz.nn.activations:RELU",
    ),
    "leaky_relu": Choice(
        N_("leaky ReLU"),
        "\\max(0.01 z, z)",
        N_("Its slope is 0.01 for negative input: no unit dies."),
        "normviz.nn.activations:LEAKY_RELU",
    ),
    "elu": Choice(
        "ELU",
        "z \\text{ if } z > 0 \\text{ else } e^z - 1",
        N_("Down to -1 for negative input, so means stay near 0."),
        "normviz.nn.activations:ELU",
    ),
    "gelu": Choice(
        "GELU",
        "z \\, \\Phi(z)",
        N_("Weighs its input by the normal distribution function; falls, then rises."),
        "normviz.nn.activations:GELU",
    ),
    "silu": Choice(
        "SiLU",
        "z \\, \\sigma(z)",
        N_("Weighs its input by the sigmoid of it; falls, then rises."),
        "normviz.nn.activations:SILU",
    ),
    "softsign": Choice(
        "softsign",
        "z / (1 + \\lvert z \\rvert)",
        N_("Between -1 and 1 like tanh, but approaches them slowly."),
        "normviz.nn.activations:SOFTSIGN",
    ),
    "hard_tanh": Choice(
        N_("hard tanh"),
        "\\max(-1, \\min(1, z))",
        N_("The identity, cut off at -1 and 1."),
        "normviz.nn.activations:HARD_TANH",
    ),
    "linear": Choice(
        N_("linear"),
        "z",
        N_("No nonlinearity: the network is a product of matrices."),
        "normviz.nn.activations:LINEAR",
    ),
}

#: targets: ``(weight: Tensor (fan_out, fan_in), generator, **uses) -> None``, filled in place
INITIALIZERS: Catalog = {
    "zeros": Choice(
        N_("zeros"),
        "W = 0",
        N_("Every unit of a layer stays the same as its neighbours."),
        "normviz.nn.initializers:zeros",
    ),
    "constant": Choice(
        N_("constant"),
        "W = s",
        N_("All weights are the same number."),
        "normviz.nn.initializers:constant",
        ("init_std",),
    ),
    "small": Choice(
        "N(0, 0.01²)",
        "W \\sim \\mathcal N(0, 0.01^2)",
        N_("Small random numbers: signals shrink with depth."),
        "normviz.nn.initializers:small",
        ("gain",),
    ),
    "unit": Choice(
        "N(0, 1)",
        "W \\sim \\mathcal N(0, 1)",
        N_("Large random numbers: units saturate."),
        "normviz.nn.initializers:unit",
        ("gain",),
    ),
    "normal": Choice(
        "N(0, s²)",
        "W \\sim \\mathcal N(0, s^2)",
        N_("Normal random numbers whose size you choose."),
        "normviz.nn.initializers:normal",
        ("init_std", "gain"),
    ),
    "uniform": Choice(
        "U(-s, s)",
        "W \\sim \\mathcal U(-s, s)",
        N_("Uniform random numbers whose size you choose; their deviation is 0.58 s."),
        "normviz.nn.initializers:uniform",
        ("init_std", "gain"),
    ),
    "lecun": Choice(
        N_("LeCun normal"),
        "W \\sim \\mathcal N(0, 1 / n_{in})",
        N_("LeCun et al. 1998: keeps the variance of a linear layer."),
        "normviz.nn.initializers:lecun",
        ("gain",),
    ),
    "xavier": Choice(
        N_("Xavier normal"),
        "W \\sim \\mathcal N(0, 2 / (n_{in} + n_{out}))",
        N_("Glorot & Bengio 2010, for linear and tanh units."),
        "normviz.nn.initializers:xavier",
        ("gain",),
    ),
    "xavier_uniform": Choice(
        N_("Xavier uniform"),
        "W \\sim \\mathcal U(-r, r),\\; r = \\sqrt{6 / (n_{in} + n_{out})}",
        N_("Glorot & Bengio 2010, equation 16."),
        "normviz.nn.initializers:xavier_uniform",
        ("gain",),
    ),
    "he": Choice(
        N_("He normal"),
        "W \\sim \\mathcal N(0, 2 / n_{in})",
        N_("He et al. 2015, for ReLU units."),
        "normviz.nn.initializers:he",
        ("gain",),
    ),
    "he_uniform": Choice(
        N_("He uniform"),
        "W \\sim \\mathcal U(-r, r),\\; r = \\sqrt{6 / n_{in}}",
        N_("The variance of He et al. 2015, evenly spread."),
        "normviz.nn.initializers:he_uniform",
        ("gain",),
    ),
    "orthogonal": Choice(
        N_("orthogonal"),
        "W^\\top W = I \\text{ or } W W^\\top = I",
        N_("Saxe et al. 2014: keeps lengths, however deep."),
        "normviz.nn.initializers:orthogonal",
        ("gain",),
    ),
    "lsuv": Choice(
        "LSUV",
        "W^\\top W = I \\text{ or } W W^\\top = I,\\; W \\leftarrow W / \\sqrt{\\mathrm{Var}(Wx)}",
        N_(
            "Mishkin & Matas 2016: orthogonal, then each layer's output is scaled to variance 1 on the first minibatch."
        ),
        "normviz.nn.initializers:lsuv",
        ("gain",),
    ),
}

#: targets: ``(linear, norm, activation) -> normviz.nn.network.Block``
PLACES: Catalog = {
    "before": Choice(
        N_("before the activation"),
        "\\phi(\\mathrm{norm}(Wx + b))",
        N_("As in Ioffe & Szegedy 2015."),
        "normviz.nn.network:NormBefore",
    ),
    "after": Choice(
        N_("after the activation"),
        "\\mathrm{norm}(\\phi(Wx + b))",
        N_("The next layer receives normalized input."),
        "normviz.nn.network:NormAfter",
    ),
}

#: targets: ``(config, shape of one example, classes) -> normviz.nn.network.Network``
MODELS: Catalog = {
    "mlp": Choice(
        "MLP",
        "x_{l+1} = \\phi(W_l x_l + b_l)",
        N_("Every unit sees every unit of the layer before."),
        "normviz.nn.mlp:MLP",
        ("depth", "width"),
    ),
    "convnet": Choice(
        "ConvNet",
        "x_{l+1} = \\phi(W_l * x_l + b_l)",
        N_("Channels of 3 x 3 convolutions, then the mean of each channel."),
        "normviz.nn.convnet:ConvNet",
        ("blocks", "channels"),
    ),
    "rnn": Choice(
        N_("Recurrent"),
        "h_t = \\phi(W x_t + U h_{t-1} + b)",
        N_("Reads its input step by step with the same weights; every time step is a layer here."),
        "normviz.nn.recurrent:Recurrent",
        ("width",),
    ),
}
