"""The part of a script that makes the data, preprocesses them and yields the minibatches."""

from normviz.receipt.script import sets
from normviz.receipt.script.pieces import Pieces, look_up
from normviz.receipt.script.sets import LARGE

_CENTRED = """
# Centred: the mean of the training data is subtracted from every feature.
mean = x.mean(axis=0)
x, test_x = x - mean, test_x - mean
"""
_ZSCORE = """
# z-score, with the statistics of the training data.
mean, deviation = x.mean(axis=0), np.sqrt(x.var(axis=0) + np.float32(1e-5))
x, test_x = (x - mean) / deviation, (test_x - mean) / deviation
"""
_GLOBAL = """
# One mean and one standard deviation for all features together.
mean = x.mean(dtype=np.float64)
variance = {squares} / x.size
shift, scale = np.float32(mean), np.float32(1 / np.sqrt(variance + 1e-5))
x, test_x = (x - shift) * scale, (test_x - shift) * scale
"""
_SQUARES = {
    False: "np.square(x - mean).sum()",
    True: "sum(np.square(x[i : i + 4096] - mean).sum() for i in range(0, len(x), 4096))",
}
_WHITENED = """
# {name} whitening: turned onto the principal axes of the training data, each divided by its deviation{back}.
mean = x.mean(axis=0, dtype=np.float64)
{covariance}
variances, axes = np.linalg.eigh(covariance / len(x))
variances, axes = variances[::-1].clip(0), axes[:, ::-1]
largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
axes = axes * np.sign(largest)  # the largest entry of every axis is positive
scales = 1 / np.sqrt(variances + {eps!r})
shift, turn = mean.astype(np.float32), ({turn}).astype(np.float32)
x, test_x = (x - shift) @ turn, (test_x - shift) @ turn
"""
_COVARIANCE = {
    False: "centred = x - mean\ncovariance = centred.T @ centred",
    True: """covariance = np.zeros((len(mean), len(mean)))
for start in range(0, len(x), 4096):
    centred = x[start : start + 4096] - mean
    covariance += centred.T @ centred""",
}

_SHUFFLED = '''

def minibatches():
    """The rows of each minibatch: every epoch is a new random order, whose incomplete rest is dropped."""
    order = generator("order")
    size = min(BATCH, len(y))
    while True:
        rows = torch.randperm(len(y), generator=order)
        yield from rows[: len(y) // size * size].split(size)
'''
_SORTED = '''

def minibatches():
    """The rows of each minibatch: all of class 0, then all of class 1, …; each epoch in a new random order."""
    order = generator("order")
    groups = [torch.nonzero(y == label).flatten() for label in y.unique()]
    size = min(BATCH, *map(len, groups))
    while True:
        drawn = [group[torch.randperm(len(group), generator=order)] for group in groups]
        for rows in drawn:
            yield from rows[: len(rows) // size * size].split(size)
'''
_ALTERNATING = '''

def minibatches():
    """The rows of each minibatch: one of the first domain, then one of the second, in turn."""
    order = generator("order")
    groups = [torch.nonzero(domain == number).flatten() for number in domain.unique()]
    size = min(BATCH, *map(len, groups))
    while True:
        drawn = [group[torch.randperm(len(group), generator=order)] for group in groups]
        epoch = [rows[: len(rows) // size * size].split(size) for rows in drawn]
        yield from (rows for turn in itertools.zip_longest(*epoch) for rows in turn if rows is not None)
'''
_ORDERS = {"shuffled": _SHUFFLED, "sorted": _SORTED}


def write(pieces: Pieces) -> str:
    """Write the data as tensors x, y, test_x, test_y, and a generator of minibatches.

    Raises:
        Inexpressible: the data set or what is done to it cannot be written.
    """
    pieces.need("import hashlib", "import numpy as np")
    tensors = ["x, y, test_x, test_y = map(torch.from_numpy, (x, y, test_x, test_y))"]
    if pieces.gpu:
        tensors.append(
            "x, y, test_x, test_y = (values.to(device) for values in (x, y, test_x, test_y))"
        )
    parts = [
        sets.write(pieces),
        _preprocessed(pieces),
        "\n",
        "\n".join(tensors),
        "\n",
        _ordered(pieces),
    ]
    return "".join(parts)


def _preprocessed(pieces: Pieces) -> str:
    lane = pieces.lane
    large = lane.dataset in LARGE
    if lane.preprocessing in ("pca", "zca"):
        pieces.need("import os")
        if lane.dataset in ("fashion", "mnist_full"):
            pieces.notes.append("the whitened inputs may differ from the run's in the last digits.")
    whitened = {"eps": lane.whiten_eps, "covariance": _COVARIANCE[large]}
    pca = _WHITENED.format(name="PCA", back="", turn="axes * scales", **whitened)
    zca = _WHITENED.format(
        name="ZCA", back=", then back again", turn="axes * scales @ axes.T", **whitened
    )
    table = {
        "raw": "",
        "centred": _CENTRED,
        "zscore": _ZSCORE,
        "global": _GLOBAL.format(squares=_SQUARES[large]),
        "pca": pca,
        "zca": zca,
    }
    text: str = look_up(table, "preprocessing", lane.preprocessing)
    if lane.dataset != "recall":
        return text
    before = "\n# Where a sequence has ended there is 0.\n"
    if not text and pieces.gaps:
        return ""
    if pieces.gaps:
        before += "ended, test_ended = np.isnan(x), np.isnan(test_x)\n"
        text += "x[ended], test_x[test_ended] = np.nan, np.nan\n"
    return before + "x, test_x = np.nan_to_num(x), np.nan_to_num(test_x)\n" + text


def _ordered(pieces: Pieces) -> str:
    order = pieces.lane.order
    if order != "alternating":
        return look_up(_ORDERS, "order", order)
    if pieces.lane.dataset != "two_domains":  # with one domain it is the same
        return _SHUFFLED
    pieces.need("import itertools")
    return "domain = torch.from_numpy(domain)\n" + _ALTERNATING
