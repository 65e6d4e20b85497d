"""How networks are trained."""

from normviz.catalog.choice import Catalog, Choice
from normviz.language import N_

#: targets: ``(parameters, lr: float, weight_decay: float) -> torch.optim.Optimizer``
OPTIMIZERS: Catalog = {
    "sgd": Choice(
        "SGD",
        "\\theta \\leftarrow \\theta - \\eta g",
        N_("Plain gradient descent on minibatches."),
        "normviz.train.optimizers:sgd",
    ),
    "momentum": Choice(
        N_("SGD with momentum"),
        "v \\leftarrow 0.9 v + g,\\; \\theta \\leftarrow \\theta - \\eta v",
        N_("Adds up past gradients, momentum 0.9."),
        "normviz.train.optimizers:momentum",
    ),
    "nesterov": Choice(
        "Nesterov",
        "v \\leftarrow 0.9 v + g,\\; \\theta \\leftarrow \\theta - \\eta (g + 0.9 v)",
        N_("Momentum that looks one step ahead, momentum 0.9."),
        "normviz.train.optimizers:nesterov",
    ),
    "rmsprop": Choice(
        "RMSprop",
        "\\theta \\leftarrow \\theta - \\eta g / (\\sqrt{E[g^2]} + \\epsilon)",
        N_("Divides by the recent size of each gradient."),
        "normviz.train.optimizers:rmsprop",
    ),
    "adam": Choice(
        "Adam",
        "\\theta \\leftarrow \\theta - \\eta \\hat m / (\\sqrt{\\hat v} + \\epsilon)",
        N_("Momentum and RMSprop together, Kingma & Ba 2015."),
        "normviz.train.optimizers:adam",
    ),
    "adamw": Choice(
        "AdamW",
        "\\theta \\leftarrow \\theta - \\eta (\\hat m / (\\sqrt{\\hat v} + \\epsilon) + \\lambda \\theta)",
        N_("Adam with weight decay apart from the gradient, Loshchilov & Hutter 2019."),
        "normviz.train.optimizers:adamw",
    ),
}

#: targets: ``(step: int, steps: int) -> float``, what the learning rate of a step is multiplied by
SCHEDULES: Catalog = {
    "constant": Choice(
        N_("constant"),
        "\\eta_t = \\eta",
        N_("The same learning rate all the time."),
        "normviz.train.schedules:constant",
    ),
    "cosine": Choice(
        N_("cosine"),
        "\\eta_t = \\eta (1 + \\cos(\\pi t / T)) / 2",
        N_("Falls along half a cosine; it would be 0 at step T."),
        "normviz.train.schedules:cosine",
    ),
    "warmup": Choice(
        N_("warm-up"),
        "\\eta_t = \\eta \\min(1, 10 (t + 1) / T)",
        N_("Rises over the first tenth of the steps."),
        "normviz.train.schedules:warmup",
    ),
    "step": Choice(
        N_("step decay"),
        "\\eta_t = \\eta \\cdot 0.1^{[t \\ge T/2] + [t \\ge 3T/4]}",
        N_("Divided by 10 after half and after three quarters of the steps."),
        "normviz.train.schedules:step",
    ),
}

#: targets: ``(y: Tensor (train,), domain: Tensor (train,) | None, size: int, generator) -> iterator of rows``
ORDERS: Catalog = {
    "shuffled": Choice(
        N_("shuffled"),
        "i \\sim \\mathcal U\\{1 \\dots n\\}",
        N_("Every epoch is a new random order of all examples."),
        "normviz.train.orders:shuffled",
    ),
    "sorted": Choice(
        N_("sorted by class"),
        "y_1 = y_2 = \\dots = y_m",
        N_(
            "Each minibatch has one class only, class after class; no larger than the smallest class."
        ),
        "normviz.train.orders:by_class",
    ),
    "alternating": Choice(
        N_("alternating by domain"),
        "d_1 = d_2 = \\dots = d_m",
        N_(
            "Each minibatch comes from one domain, in turn; on a data set of one domain this is the same as shuffled."
        ),
        "normviz.train.orders:by_domain",
    ),
}
