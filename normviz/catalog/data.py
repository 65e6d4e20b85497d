"""Data sets, and what is done to them before training."""

from normviz.catalog.choice import Catalog, Choice
from normviz.language import N_

#: targets: ``(**uses) -> normviz.data.dataset.Dataset``
DATASETS: Catalog = {
    "mnist": Choice(
        N_("MNIST digits, 28 x 28"),
        "x \\in [0,1]^{784}",
        N_("4,000 to train on, 1,000 held out."),
        "normviz.data.mnist:load",
    ),
    "digits": Choice(
        N_("Optical digits, 8 x 8"),
        "x \\in [0,1]^{64}",
        N_("1,442 to train on, 355 held out."),
        "normviz.data.digits:load",
    ),
    "inverted": Choice(
        N_("MNIST, inverted"),
        "x \\leftarrow 1 - x",
        N_("Dark digits on a bright background: the mean of the inputs is far from zero."),
        "normviz.data.inverted:load",
    ),
    "textured": Choice(
        N_("Textured digits, 28 x 28"),
        "x \\in [0,1]^{784}",
        N_(
            "The MNIST digits on backgrounds made by code, in grey: as many features, another distribution."
        ),
        "normviz.data.textured:load",
    ),
    "coloured": Choice(
        N_("Textured digits in colour"),
        "x \\in [0,1]^{3 \\times 28 \\times 28}",
        N_("The textured digits in red, green and blue: three channels for a ConvNet."),
        "normviz.data.textured:colour",
    ),
    "two_domains": Choice(
        N_("MNIST and textured"),
        "x \\in [0,1]^{784}",
        N_(
            "Both together: 8,000 to train on, 2,000 held out; for batches that alternate by domain."
        ),
        "normviz.data.two_domains:load",
    ),
    "fashion": Choice(
        N_("Fashion-MNIST, 28 x 28"),
        "x \\in [0,1]^{784}",
        N_("Clothes: 60,000 to train on, its own 10,000 test images held out."),
        "normviz.data.fashion:load",
        here="normviz.data.fashion:available",
        download="normviz.data.fashion:SOURCE",
    ),
    "mnist_full": Choice(
        N_("All of MNIST"),
        "x \\in [0,1]^{784}",
        N_("60,000 to train on, its own 10,000 test images held out."),
        "normviz.data.mnist_full:load",
        here="normviz.data.mnist_full:available",
        download="normviz.data.mnist_full:SOURCE",
    ),
    "svhn": Choice(
        N_("Street View house numbers"),
        "x \\in [0,1]^{784}",
        N_(
            "In grey, cut to 28 x 28: 20,000 of its 73,257 to train on, held out 2,000 of its own test images."
        ),
        "normviz.data.svhn:load",
        here="normviz.data.svhn:available",
    ),
    "gaussian": Choice(
        N_("Gaussian noise"),
        "x \\sim \\mathcal N(0, 1)^{500}",
        N_(
            "As in CS231n: 1,000 inputs and labels at random, so there is nothing to learn; 200 held out."
        ),
        "normviz.data.gaussian:load",
    ),
    "circle": Choice(
        N_("Circle in a ring"),
        "x \\in [-1,1]^2",
        N_("TensorFlow Playground's: 1,000 points to train on, 250 held out."),
        "normviz.data.plane:circle",
        ("noise",),
    ),
    "xor": Choice(
        N_("Exclusive or"),
        "y = [x_1 x_2 \\ge 0]",
        N_("TensorFlow Playground's: 1,000 points to train on, 250 held out."),
        "normviz.data.plane:xor",
        ("noise",),
    ),
    "gauss": Choice(
        N_("Two Gaussians"),
        "x \\sim \\mathcal N(\\pm 0.4, 0.02)^2",
        N_("TensorFlow Playground's: 1,000 points to train on, 250 held out."),
        "normviz.data.plane:gauss",
        ("noise",),
    ),
    "spiral": Choice(
        N_("Spiral"),
        "x = r (\\sin t, \\cos t),\\; t = 3.5 \\pi r",
        N_("TensorFlow Playground's: 1,000 points to train on, 250 held out."),
        "normviz.data.plane:spiral",
        ("noise",),
    ),
    "moons": Choice(
        N_("Two moons"),
        "x \\in [-1,1]^2",
        N_("scikit-learn's with noise 0.1: 1,000 points to train on, 250 held out."),
        "normviz.data.plane:moons",
        ("noise",),
    ),
    "recall": Choice(
        N_("Recall the first step"),
        "y = \\arg\\max x_1,\\; x_2 \\dots x_T \\sim \\mathcal N(0, \\tfrac14)^4,\\; 5 \\le T \\le 25",
        N_("Sequences of unequal length for the recurrent model: 2,000 to train on, 500 held out."),
        "normviz.data.recall:load",
    ),
    "own": Choice(
        N_("Your own data"),
        "(x_1 \\dots x_n, y)",
        N_(
            "From a CSV file, below; a fifth of every class held out. Kept for this visit only, and not in the link."
        ),
        "normviz.data.own:load",
        ("own",),
        here="normviz.data.own:available",
        private=True,
        missing="",
    ),
}

#: targets: ``(train: array (n, features), **uses) -> callable on arrays (m, features)``; fitted on training data only
PREPROCESSINGS: Catalog = {
    "raw": Choice(
        N_("raw, pixels / 255"),
        "x",
        N_("Nothing is subtracted: all inputs are positive."),
        "normviz.data.preprocessing:raw",
    ),
    "centred": Choice(
        N_("centred"),
        "x - \\bar x",
        N_("Subtracts the mean of each pixel."),
        "normviz.data.preprocessing:centred",
    ),
    "zscore": Choice(
        N_("z-score"),
        "(x - \\bar x) / \\sqrt{s^2 + 10^{-5}}",
        N_("Each pixel gets mean 0 and standard deviation 1."),
        "normviz.data.preprocessing:zscore",
    ),
    "global": Choice(
        N_("global z-score"),
        "(x - m) / \\sqrt{v + 10^{-5}}",
        N_("One mean and one variance for all features together."),
        "normviz.data.preprocessing:global_zscore",
    ),
    "pca": Choice(
        N_("PCA-whitened"),
        "(x - \\bar x) U (\\Lambda + \\epsilon)^{-1/2}",
        N_("Turned onto the principal axes U; each gets variance 1."),
        "normviz.data.preprocessing:pca",
        ("whiten_eps",),
    ),
    "zca": Choice(
        N_("ZCA-whitened"),
        "(x - \\bar x) U (\\Lambda + \\epsilon)^{-1/2} U^\\top",
        N_("Whitened and turned back: the nearest white data to x."),
        "normviz.data.preprocessing:zca",
        ("whiten_eps",),
    ),
}
