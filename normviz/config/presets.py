"""Settings worth a look, one link each: what a person opens to see what a note or a paper speaks of."""

from dataclasses import dataclass

from normviz.language import N_


@dataclass(frozen=True)
class Preset:
    """A named run.

    Attributes:
        title: what it shows.
        about: what to look at, in one or two sentences, and its source.
        link: query parameters that differ from the default run.
    """

    title: str
    about: str
    link: dict[str, str]


PRESETS: dict[str, Preset] = {
    "table2015": Preset(
        N_("Ten sigmoid layers, with and without BatchNorm"),
        N_(
            "The gradient shrinks by 4 a layer without; with BatchNorm all layers receive as much (a blog of 2015)."
        ),
        {"b.norm": "batch"},
    ),
    "cs231n_tanh": Preset(
        N_("CS231n: too small, too large, Xavier"),
        N_(
            "Ten tanh layers: activations shrink to 0, saturate at -1 and 1, or stay (Stanford CS231n, 2017)."
        ),
        {
            **{"dataset": "gaussian", "width": "500", "activation": "tanh", "init": "small"},
            **{"batch_size": "1000", "b.init": "unit", "c.init": "xavier"},
        },
    ),
    "cs231n_relu": Preset(
        N_("CS231n: ReLU with Xavier and with He"),
        N_(
            "Xavier forgets that ReLU removes half of the variance; He's factor 2 gives it back (He et al. 2015)."
        ),
        {
            **{"dataset": "gaussian", "width": "500", "activation": "relu", "init": "xavier"},
            **{"batch_size": "1000", "b.init": "he"},
        },
    ),
    "zeros": Preset(
        N_("Zero weights stay alike"),
        N_("All units of a layer get the same gradient, so they stay equal for ever (CS231n)."),
        {"init": "zeros", "activation": "tanh", "depth": "4", "width": "100", "b.init": "xavier"},
    ),
    "top_layer": Preset(
        N_("The top sigmoid layer runs towards 0"),
        N_(
            "Four sigmoid layers with uniform initial weights: watch the last one's mean (Glorot & Bengio "
            "2010, fig. 2)."
        ),
        {
            **{"depth": "4", "width": "500", "init": "uniform", "init_std": "0.0447"},
            **{"batch_size": "10", "b.activation": "softsign"},
        },
    ),
    "ioffe1": Preset(
        N_("Ioffe & Szegedy, figure 1"),
        N_(
            "Three sigmoid layers of 100: the inputs of the last layer wander without BatchNorm and stay with it."
        ),
        {
            **{"depth": "3", "width": "100", "init": "normal"},
            **{"batch_size": "60", "b.norm": "batch"},
        },
    ),
    "he30": Preset(
        N_("Thirty ReLU layers: He moves, Xavier stalls"),
        N_(
            "The signal halves in every layer with Xavier's weights (He, Zhang, Ren & Sun 2015, figure 3)."
        ),
        {"depth": "30", "width": "100", "activation": "relu", "init": "he", "b.init": "xavier"},
    ),
    "chaos": Preset(
        N_("The edge of chaos"),
        N_(
            "Thirty tanh layers with weights of variance 0.64, 1 and 4 over fan-in: gradients vanish, pass, explode "
            "(Schoenholz et al. 2017)."
        ),
        {
            **{"depth": "30", "activation": "tanh", "init": "normal"},
            **{"init_std": "0.0566", "b.init_std": "0.0707", "c.init_std": "0.1414"},
        },
    ),
    "bn_explodes": Preset(
        N_("BatchNorm and ReLU explode at depth"),
        N_(
            "At the start the squared gradient grows by 1.47 a layer, whatever the weights (Yang et al. 2019)."
        ),
        {
            **{"depth": "50", "width": "100", "activation": "relu", "init": "he", "norm": "batch"},
            **{"lr": "0.001", "b.norm": "none"},
        },
    ),
    "noisy": Preset(
        N_("BatchNorm with noise behind it"),
        N_(
            "The inputs of every layer jump about, and it trains all the same: is it the covariate shift? "
            "(Santurkar et al. 2018)"
        ),
        {"lr": "0.5", "b.norm": "batch", "c.norm": "noisy"},
    ),
    "break_bn": Preset(
        N_("Break BatchNorm"),
        N_(
            "A minibatch of two, and batches sorted by class, against BatchNorm as usual and Layer Normalization."
        ),
        {
            **{"activation": "relu", "init": "he", "depth": "5", "width": "100", "norm": "batch"},
            **{"b.batch_size": "2", "c.order": "sorted", "d.norm": "layer", "d.order": "sorted"},
        },
    ),
    "domains": Preset(
        N_("The perils of shared statistics"),
        N_("Minibatches of one domain at a time: no running average fits both (Irpan 2017)."),
        {
            **{"dataset": "two_domains", "order": "alternating", "norm": "batch", "init": "he"},
            **{
                "activation": "relu",
                "depth": "4",
                "width": "100",
                "b.order": "shuffled",
                "c.norm": "layer",
            },
        },
    ),
    "recurrent": Preset(
        N_("Statistics for every time step"),
        N_(
            "A recurrent network that has to remember its first step: BatchNorm and Layer Normalization through time."
        ),
        {
            **{"model": "rnn", "dataset": "recall", "activation": "tanh", "width": "100"},
            **{"init": "orthogonal", "b.norm": "batch", "c.norm": "layer"},
        },
    ),
    "switch": Preset(
        N_("Now I switch BatchNorm on"),
        N_(
            "A sigmoid network that does not learn; at step 300 the same network goes on with BatchNorm beside it."
        ),
        {"steps": "2000", "b.norm@300": "batch"},
    ),
}
