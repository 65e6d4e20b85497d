"""Normalizations."""

from normviz.catalog.choice import Catalog, Choice
from normviz.language import N_

#: targets: ``(features: int, affine: bool, **settings) -> normviz.nn.norms.base.Norm`` on (batch, features, ...)
NORMS: Catalog = {
    "none": Choice(N_("none"), "y = x", N_("No normalization."), "normviz.nn.norms.none:NoNorm"),
    "batch": Choice(
        N_("Batch"),
        "\\gamma (x - \\mu_B) / \\sqrt{\\sigma_B^2 + \\epsilon} + \\beta",
        N_("Mean and variance of each unit or channel over the minibatch."),
        "normviz.nn.norms.batch:BatchNorm",
        ("eps", "momentum"),
        ("statistics",),
    ),
    "layer": Choice(
        N_("Layer"),
        "\\gamma (x - \\mu_L) / \\sqrt{\\sigma_L^2 + \\epsilon} + \\beta",
        N_("Mean and variance of each example over the layer."),
        "normviz.nn.norms.layer:LayerNorm",
        ("eps",),
    ),
    "group": Choice(
        N_("Group"),
        "\\gamma (x - \\mu_G) / \\sqrt{\\sigma_G^2 + \\epsilon} + \\beta",
        N_(
            "Mean and variance of each example over a group of neighbouring units or channels; one group is Layer."
        ),
        "normviz.nn.norms.group:GroupNorm",
        ("groups", "eps"),
    ),
    "instance": Choice(
        N_("Instance"),
        "\\gamma (x - \\mu_I) / \\sqrt{\\sigma_I^2 + \\epsilon} + \\beta",
        N_(
            "Mean and variance of each channel of each example over its positions. A unit that is no channel has one "
            "value and no positions, so beta is all that is left: every input looks the same."
        ),
        "normviz.nn.norms.instance:InstanceNorm",
        ("eps",),
    ),
    "rms": Choice(
        "RMS",
        "\\gamma x / \\sqrt{\\overline{x^2} + \\epsilon}",
        N_("Layer without the mean: divides each example by its root mean square."),
        "normviz.nn.norms.rms:RMSNorm",
        ("eps",),
    ),
    "renorm": Choice(
        N_("Batch Renorm"),
        "\\gamma \\left( \\frac{x - \\mu_B}{\\sigma_B} r + d \\right) + \\beta",
        N_("Batch, corrected towards the running averages after a warm-up."),
        "normviz.nn.norms.renorm:BatchRenorm",
        ("eps", "momentum", "r_max", "d_max", "warmup"),
    ),
    "noisy": Choice(
        N_("Batch with noise"),
        "s \\, \\mathrm{BN}(x) + m",
        N_("Batch, then a random scale and shift in every step (Santurkar et al. 2018)."),
        "normviz.nn.norms.noisy:NoisyBatchNorm",
        ("eps", "momentum"),
        ("statistics",),
    ),
    "weight": Choice(
        N_("Weight"),
        "W = g \\, v / \\lVert v \\rVert",
        N_(
            "Length and direction of each unit's weights are learned apart; what passes is not touched."
        ),
        "normviz.nn.norms.weight:WeightNorm",
    ),
    "weight_exp": Choice(
        N_("Weight, g = exp(s)"),
        "W = e^s \\, v / \\lVert v \\rVert",
        N_("As Weight, with lengths that stay positive."),
        "normviz.nn.norms.weight:ExpWeightNorm",
    ),
    "spectral": Choice(
        N_("Spectral"),
        "W = v / \\sigma(v)",
        N_("Every weight matrix is divided by its largest singular value."),
        "normviz.nn.norms.weight:SpectralNorm",
        ("power_iterations",),
    ),
    "lrn": Choice(
        N_("Local Response"),
        "x_i / (k + \\frac{\\alpha}{n} \\sum_j x_j^2)^\\beta",
        N_(
            "Divides each value by the activity of the units or channels beside it (Krizhevsky et al. 2012)."
        ),
        "normviz.nn.norms.local_response:LocalResponseNorm",
        ("lrn_n", "lrn_k", "lrn_alpha", "lrn_beta"),
    ),
    "dyt": Choice(
        N_("Dynamic tanh"),
        "\\gamma \\tanh(\\alpha x) + \\beta",
        N_("No statistics at all: squashes each value, with a learned slope."),
        "normviz.nn.norms.dyt:DyT",
    ),
}

#: targets: ``(model, training minibatches of one epoch) -> None``, called before every evaluation
STATISTICS: Catalog = {
    "running": Choice(
        N_("running averages"),
        "\\mu \\leftarrow (1 - \\rho) \\mu + \\rho \\mu_B",
        N_("Gathered while training: they lag behind the network."),
        "normviz.nn.norms.population:running",
    ),
    "population": Choice(
        N_("population"),
        "\\mathrm E[\\mu_B],\\; \\tfrac{m}{m-1} \\mathrm E[\\sigma_B^2]",
        N_(
            "An epoch of training minibatches, at most 100 of them, passes through the network as it is."
        ),
        "normviz.nn.norms.population:population",
    ),
}
