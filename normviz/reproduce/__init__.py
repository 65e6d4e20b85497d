"""Published figures, run again: what was printed, what comes out here, and whether that is inside its band.

One file a figure, one line here. The table can be listed without torch; a figure's file is imported when it is run.
``docs/figures.md`` has every figure's set-up, published numbers, measured numbers, and the reason of each band.
"""

from normviz.language import N_
from normviz.reproduce.figure import Entry

FIGURES: dict[str, Entry] = {
    "table2015": Entry(
        N_("Gradient norms of ten sigmoid layers, without and with BatchNorm"),
        N_("a blog post of 2015; code: github.com/happynear/DeepLearnToolbox"),
        "normviz.reproduce.table2015:FIGURE",
    ),
    "learns2015": Entry(
        N_("The same network learns with BatchNorm and stays at chance without"),
        N_("the network of table2015; Ioffe & Szegedy 2015 on saturating nonlinearities"),
        "normviz.reproduce.learns2015:FIGURE",
    ),
    "cs231n": Entry(
        N_("Activations of ten layers under five initializations"),
        N_("Stanford CS231n, slides of 2017"),
        "normviz.reproduce.cs231n:FIGURE",
    ),
    "ioffe1": Entry(
        N_("Accuracy and percentiles of a sigmoid's input, without and with BatchNorm"),
        N_("Ioffe & Szegedy 2015, figure 1"),
        "normviz.reproduce.ioffe1:FIGURE",
    ),
    "glorot": Entry(
        N_("Jacobians and back-propagated gradients, standard and normalized initialization"),
        "Glorot & Bengio 2010",
        "normviz.reproduce.glorot:FIGURE",
    ),
    "he30": Entry(
        N_("Thirty ReLU layers move with He's initialization and stall with Xavier's"),
        "He, Zhang, Ren & Sun 2015",
        "normviz.reproduce.he30:FIGURE",
    ),
    "yang": Entry(
        N_("BatchNorm makes gradients explode at initialization"),
        "Yang, Pennington, Rao, Sohl-Dickstein & Schoenholz 2019",
        "normviz.reproduce.yang:FIGURE",
    ),
    "schoenholz": Entry(
        N_("The critical line of tanh networks, and depth scales away from it"),
        "Schoenholz, Gilmer, Ganguli & Sohl-Dickstein 2017",
        "normviz.reproduce.schoenholz:FIGURE",
    ),
    "preprocess": Entry(
        N_("Steps to 90 % accuracy on raw and on z-scored pixels"),
        "LeCun, Bottou, Orr & Müller 1998",
        "normviz.reproduce.preprocess:FIGURE",
    ),
    "santurkar": Entry(
        N_("Shifting gradients, noise behind BatchNorm, and a smoother loss"),
        "Santurkar, Tsipras, Ilyas & Madry 2018",
        "normviz.reproduce.santurkar:FIGURE",
    ),
    "perils": Entry(
        N_("Three ways to normalize two domains, and equal weights with different averages"),
        N_("Irpan 2017, On the perils of batch norm"),
        "normviz.reproduce.perils:FIGURE",
    ),
    "smallbatch": Entry(
        N_("Batch, Batch Renorm, Layer and Group Norm at small batches"),
        "Wu & He 2018; Ioffe 2017; Ba, Kiros & Hinton 2016",
        "normviz.reproduce.smallbatch:FIGURE",
    ),
    "lrrange": Entry(
        N_("BatchNorm widens the range of learning rates that train"),
        N_("Ioffe & Szegedy 2015, sections 3.3 and 4.2"),
        "normviz.reproduce.lrrange:FIGURE",
    ),
    "bnnoise": Entry(
        N_("Noise that an example's companions make behind BatchNorm"),
        N_("Ioffe & Szegedy 2015, section 3.4"),
        "normviz.reproduce.bnnoise:FIGURE",
    ),
    "whitening": Entry(
        N_("Centring, z-scoring and whitening: condition numbers and updates"),
        N_("LeCun, Bottou, Orr & Müller 1998, section 5"),
        "normviz.reproduce.whitening:FIGURE",
    ),
    "karpathy": Entry(
        N_("Saturation by layer and the size of updates in a tanh network"),
        N_("Karpathy, Neural Networks: Zero to Hero, makemore part 3"),
        "normviz.reproduce.karpathy:FIGURE",
    ),
    "lsuv": Entry(
        N_("Variance by layer before and after LSUV"),
        N_("Mishkin & Matas 2016, algorithm 1"),
        "normviz.reproduce.lsuv:FIGURE",
    ),
    "dyt": Entry(
        N_("The map of LayerNorm, and dynamic tanh in its place"),
        "Zhu, Chen, He, LeCun & Liu 2025",
        "normviz.reproduce.dyt:FIGURE",
    ),
    "gan": Entry(
        N_(
            "A discriminator's Lipschitz constant and saturation, without and with spectral normalization"
        ),
        "Miyato, Kataoka, Koyama & Yoshida 2018",
        "normviz.reproduce.gan:FIGURE",
    ),
    "family": Entry(
        N_("One network trained with every normalization"),
        N_("the papers of each; bands of table2015 and learns2015"),
        "normviz.reproduce.family:FIGURE",
    ),
}

__all__ = ["FIGURES", "Entry"]
