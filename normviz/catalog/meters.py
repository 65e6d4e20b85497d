"""What is measured of internal covariate shift, besides the passes of training."""

from normviz.catalog.choice import Catalog, Choice
from normviz.language import N_

#: targets: ``() -> normviz.train.watching.Meter``
METERS: Catalog = {
    "off": Choice(N_("off"), "", N_("Nothing is measured."), "normviz.train.watching:Meter"),
    "drift": Choice(
        N_("drift"),
        "W_1(z_t, z_0) / \\sigma(z_0)",
        N_(
            "How far each layer's values have moved on a fixed batch of 40 held-out examples: a forward pass of these "
            "every 25 steps."
        ),
        "normviz.train.meter:DriftMeter",
    ),
    "full": Choice(
        N_("full"),
        "\\lVert G - G' \\rVert_2",
        N_(
            "Also the shift of gradients and the smoothness of the loss: as many passes again as there are layers, and "
            "10 more, every 10 steps to step 100, every 100 to 1,000, every 500 after."
        ),
        "normviz.train.meter:FullMeter",
    ),
    "norms": Choice(
        N_("drift and normalizations"),
        "\\mu_B, \\; \\bar\\mu, \\; \\mathrm E[\\mu_B]",
        N_(
            "Also gamma and beta, and mean and variance by three estimates: of the minibatch, in the running averages, "
            "of the population. An epoch passes at the steps of drift and when the held-out set is evaluated."
        ),
        "normviz.train.normalizing:NormsMeter",
    ),
}
