"""What each normalization costs, and whether it does the same in training and afterwards. Formulas: the catalog."""

from collections.abc import Mapping
from dataclasses import dataclass

from normviz.language import N_
from normviz.lessons.lesson import Reading


@dataclass(frozen=True)
class Facts:
    """Of one normalization.

    Attributes:
        over: what it takes its statistics over.
        cost: what it computes and stores beside the layer.
        after: what is different when training is over.
        paper: where it comes from.
    """

    over: str
    cost: str
    after: str
    paper: Reading


_SAME = N_("Nothing: the same function in training and inference.")
_WEIGHTS = N_("Nothing of the data: the rows of the weight matrix.")
_SALIMANS = Reading("Salimans & Kingma 2016", "https://arxiv.org/abs/1602.07868")

#: by the name in :data:`normviz.catalog.NORMS`
FACTS: Mapping[str, Facts] = {
    "batch": Facts(
        N_("The minibatch and all positions, for each channel."),
        N_(
            "Two parameters a channel. "
            "Mean and variance of the minibatch, and two running averages a channel; examples depend on each other."
        ),
        N_(
            "Running averages take the place of the minibatch's statistics: a fixed linear map, which can be merged "
            "into the weights before it."
        ),
        Reading("Ioffe & Szegedy 2015", "https://arxiv.org/abs/1502.03167"),
    ),
    "layer": Facts(
        N_("All channels and positions, for each example."),
        N_("Two parameters a channel. Mean and variance of every example, in inference too."),
        _SAME,
        Reading("Ba, Kiros & Hinton 2016", "https://arxiv.org/abs/1607.06450"),
    ),
    "group": Facts(
        N_("The channels of a group and all positions, for each example."),
        N_("Two parameters a channel. G means and variances of every example, in inference too."),
        _SAME,
        Reading("Wu & He 2018", "https://arxiv.org/abs/1803.08494"),
    ),
    "instance": Facts(
        N_("All positions, for each channel of each example."),
        N_("Two parameters a channel. C means and variances of every example, in inference too."),
        _SAME,
        Reading("Ulyanov, Vedaldi & Lempitsky 2016", "https://arxiv.org/abs/1607.08022"),
    ),
    "rms": Facts(
        N_("All channels and positions, for each example; squares only, no mean."),
        N_("One parameter a channel. One sum where Layer needs two."),
        _SAME,
        Reading("Zhang & Sennrich 2019", "https://arxiv.org/abs/1910.07467"),
    ),
    "renorm": Facts(
        N_("As Batch, moved towards the running averages; r and d are not differentiated."),
        N_("As Batch, and two factors a channel to clip."),
        N_("Running averages alone. Where nothing is clipped, training already gives the same."),
        Reading("Ioffe 2017", "https://arxiv.org/abs/1702.03275"),
    ),
    "noisy": Facts(
        N_("As Batch; the noise is drawn for every example and channel in every step."),
        N_("As Batch, and the random numbers."),
        N_("As Batch, without the noise."),
        Reading("Santurkar, Tsipras, Ilyas & Madry 2018", "https://arxiv.org/abs/1805.11604"),
    ),
    "weight": Facts(
        _WEIGHTS,
        N_(
            "One more parameter a unit. The length of every row, once a step, whatever the batch size."
        ),
        N_("Nothing; W can be computed once and kept."),
        _SALIMANS,
    ),
    "weight_exp": Facts(
        _WEIGHTS,
        N_("As Weight; s is learned and the length is its exponential."),
        N_("Nothing; W can be computed once and kept."),
        _SALIMANS,
    ),
    "spectral": Facts(
        N_("Nothing of the data: the whole weight matrix, by its largest singular value."),
        N_(
            "Two products of the matrix with a vector for each power iteration, and that vector to keep."
        ),
        N_("The vector stays as it is; W can be computed once and kept."),
        Reading("Miyato, Kataoka, Koyama & Yoshida 2018", "https://arxiv.org/abs/1802.05957"),
    ),
    "lrn": Facts(
        N_("Neighbouring channels at the same position of the same example."),
        N_("No parameters. A sum of n squares and a power for every value."),
        _SAME,
        Reading(
            "Krizhevsky, Sutskever & Hinton 2012",
            "https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks",
        ),
    ),
    "dyt": Facts(
        N_("Nothing: every value for itself."),
        N_(
            "Two parameters a channel. One slope a layer; one tanh for every value and no sums at all."
        ),
        _SAME,
        Reading("Zhu, Chen, He, LeCun & Liu 2025", "https://arxiv.org/abs/2503.10622"),
    ),
}
