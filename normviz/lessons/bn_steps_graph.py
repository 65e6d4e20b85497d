"""Batch Normalization as a computation graph of nine steps, forward and backward, in NumPy and float64.

The nine steps are those in which the gradient is usually derived by hand: one operation a step, so that each one's
backward is a line. :func:`vectorised` is what is left after all nine are put together.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from normviz.language import N_

Matrix = Float64[np.ndarray, "batch units"]
Row = Float64[np.ndarray, " units"]
Values = dict[str, Float64[np.ndarray, "..."]]


@dataclass(frozen=True)
class Step:
    """One operation of the graph.

    Attributes:
        node: what it computes, by its name in the code.
        inputs: what it computes it from.
        title: what it is called.
        formula: the operation, in LaTeX.
        forward: the line of NumPy.
        backward: the lines of NumPy that take the gradient back to the inputs.
        rule: in words, how the gradient goes back.
    """

    node: str
    inputs: tuple[str, ...]
    title: str
    formula: str
    forward: str
    backward: tuple[str, ...]
    rule: str


STEPS = (
    Step(
        "mu",
        ("x",),
        N_("Mean"),
        r"\mu = \tfrac1N \sum_i x_i",
        "mu = x.mean(axis=0)",
        ("dx = dx + dmu / N",),
        N_(
            "A mean sends 1/N of its gradient to each of its N inputs; x has had a first part in step 2."
        ),
    ),
    Step(
        "xmu",
        ("x", "mu"),
        N_("Centred"),
        r"x - \mu",
        "xmu = x - mu",
        ("dx = dxmu", "dmu = -dxmu.sum(axis=0)"),
        N_(
            "A difference sends its gradient on as it is, and with a minus sign; the mean stood in every row, so it "
            "sums."
        ),
    ),
    Step(
        "sq",
        ("xmu",),
        N_("Squared"),
        r"(x - \mu)^2",
        "sq = xmu**2",
        ("dxmu = dxmu + 2 * xmu * dsq",),
        N_(
            "The slope of a square is twice the value; the centred values have had a first part in step 7."
        ),
    ),
    Step(
        "var",
        ("sq",),
        N_("Variance"),
        r"\sigma^2 = \tfrac1N \sum_i (x_i - \mu)^2",
        "var = sq.mean(axis=0)",
        ("dsq = np.ones_like(sq) * dvar / N",),
        N_("Again a mean: 1/N of the gradient to each row."),
    ),
    Step(
        "std",
        ("var",),
        N_("Square root"),
        r"\sqrt{\sigma^2 + \epsilon}",
        "std = np.sqrt(var + eps)",
        ("dvar = dstd / (2 * std)",),
        N_("The slope of a square root is one over twice the root."),
    ),
    Step(
        "inv",
        ("std",),
        N_("Inverse"),
        r"1 / \sqrt{\sigma^2 + \epsilon}",
        "inv = 1 / std",
        ("dstd = -dinv / std**2",),
        N_("The slope of 1/s is −1/s²."),
    ),
    Step(
        "xhat",
        ("xmu", "inv"),
        N_("Normalized"),
        r"\hat x = (x - \mu) / \sqrt{\sigma^2 + \epsilon}",
        "xhat = xmu * inv",
        ("dxmu = dxhat * inv", "dinv = (dxhat * xmu).sum(axis=0)"),
        N_(
            "A product sends its gradient to each factor times the other one; one inverse serves all rows, so it sums."
        ),
    ),
    Step(
        "gx",
        ("xhat", "gamma"),
        N_("Scaled"),
        r"\gamma \hat x",
        "gx = gamma * xhat",
        ("dxhat = dgx * gamma", "dgamma = (dgx * xhat).sum(axis=0)"),
        N_("A product again; gamma serves all rows, so it sums."),
    ),
    Step(
        "y",
        ("gx", "beta"),
        N_("Shifted"),
        r"y = \gamma \hat x + \beta",
        "y = gx + beta",
        ("dgx = dy", "dbeta = dy.sum(axis=0)"),
        N_("A sum sends its gradient on as it is; beta stood in every row, so it sums."),
    ),
)
#: How often the slider moves: nine steps forward, nine back.
MOVES = 2 * len(STEPS)
#: The distance of a central difference, in standard deviations.
NUDGE = 1e-4

FORMULA = (
    r"\frac{\partial L}{\partial x_i} = \frac{\gamma}{N \sqrt{\sigma^2 + \epsilon}} \left( N \, d_i"
    r" - \sum_j d_j - \hat x_i \sum_j d_j \, \hat x_j \right), \qquad d_i = \frac{\partial L}{\partial y_i}"
)
ONE_LINE = (
    "dx = gamma * inv / N * (N * dy - dy.sum(axis=0) - xhat * (dy * xhat).sum(axis=0))",
    "dgamma = (dy * xhat).sum(axis=0)",
    "dbeta = dy.sum(axis=0)",
)


@dataclass(frozen=True)
class Inputs:
    """What a person can edit.

    Attributes:
        x: a minibatch of N examples.
        gamma: the scale of each unit.
        beta: the shift of each unit.
        eps: what is added to the variance.
        dy: the gradient that arrives from above, dL/dy.
    """

    x: Matrix
    gamma: Row
    beta: Row
    eps: float
    dy: Matrix


#: The numbers that the page starts with.
START = Inputs(
    np.array([[1.0, 4.0], [2.0, 2.0], [4.0, 3.0], [5.0, 7.0]]),
    np.array([1.0, 2.0]),
    np.array([0.0, 0.5]),
    1e-5,
    np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.5, 2.0]]),
)


@np.errstate(all="ignore")
def forward(given: Inputs) -> Values:
    """Return the value of every node. A unit that does not vary has, with eps 0, values that are no numbers."""
    x, gamma, beta, eps = given.x, given.gamma, given.beta, given.eps
    mu = x.mean(axis=0)
    xmu = x - mu
    sq = xmu**2
    var = sq.mean(axis=0)
    std = np.sqrt(var + eps)
    inv = 1 / std
    xhat = xmu * inv
    gx = gamma * xhat
    y = gx + beta
    nodes = {"x": x, "gamma": gamma, "beta": beta, "mu": mu, "xmu": xmu, "sq": sq}
    return {**nodes, "var": var, "std": std, "inv": inv, "xhat": xhat, "gx": gx, "y": y}


@np.errstate(all="ignore")
def backward(value: Values, dy: Matrix) -> tuple[Values, ...]:
    """Return what each step adds to the gradients of its inputs: step 9 first, step 1 last."""
    n = len(dy)
    xmu, inv, xhat = value["xmu"], value["inv"], value["xhat"]
    ninth = {"gx": dy, "beta": dy.sum(axis=0)}
    eighth = {"xhat": dy * value["gamma"], "gamma": (dy * xhat).sum(axis=0)}
    seventh = {"xmu": eighth["xhat"] * inv, "inv": (eighth["xhat"] * xmu).sum(axis=0)}
    sixth = {"std": -seventh["inv"] / value["std"] ** 2}
    fifth = {"var": sixth["std"] / (2 * value["std"])}
    fourth = {"sq": np.ones_like(xmu) * fifth["var"] / n}
    third = {"xmu": 2 * xmu * fourth["sq"]}
    centred = seventh["xmu"] + third["xmu"]
    second = {"x": centred, "mu": -centred.sum(axis=0)}
    first = {"x": np.ones_like(xmu) * second["mu"] / n}
    return ninth, eighth, seventh, sixth, fifth, fourth, third, second, first


def gradients(given: Inputs, done: int = len(STEPS)) -> Values:
    """Return the gradients that have arrived once so many steps are taken back; a node without one is absent."""
    found: Values = {"y": given.dy}
    for added in backward(forward(given), given.dy)[:done]:
        for node, part in added.items():
            found[node] = found[node] + part if node in found else part
    return found


@np.errstate(all="ignore")
def vectorised(given: Inputs) -> Values:
    """Return the gradients of x, gamma and beta by the formula in one line."""
    value, dy, n = forward(given), given.dy, len(given.dy)
    inv, xhat = value["inv"], value["xhat"]
    dgamma, dbeta = (dy * xhat).sum(axis=0), dy.sum(axis=0)
    dx = given.gamma * inv / n * (n * dy - dbeta - xhat * dgamma)
    return {"x": dx, "gamma": dgamma, "beta": dbeta}


def central(given: Inputs) -> Values:
    """Return the gradients of L = sum(dy * y) by central differences, one number nudged up and down at a time.

    A number of x is nudged by :data:`NUDGE` standard deviations of its column, gamma and beta by as much of 1.
    """
    std = forward(given)["std"]
    nudges = {"x": NUDGE * std, "gamma": np.full_like(std, NUDGE), "beta": np.full_like(std, NUDGE)}
    return {name: _slopes(given, name, nudge) for name, nudge in nudges.items()}


@np.errstate(all="ignore")
def _slopes(given: Inputs, name: str, nudge: Row) -> Float64[np.ndarray, "..."]:
    slopes = np.empty_like(getattr(given, name))
    for place in np.ndindex(slopes.shape):
        step = float(nudge[place[-1]])
        up, down = (_loss(given, name, place, each) for each in (step, -step))
        slopes[place] = (up - down) / (2 * step) if step else np.nan
    return slopes


def _loss(given: Inputs, name: str, place: tuple[int, ...], step: float) -> float:
    moved = getattr(given, name).copy()
    moved[place] += step
    return float((given.dy * forward(Inputs(**{**vars(given), name: moved}))["y"]).sum())


def over_axes(
    x: Float64[np.ndarray, "..."], axes: tuple[int, ...], eps: float
) -> Float64[np.ndarray, "..."]:
    """Normalize over these axes: ``(0,)`` after a linear layer, ``(0, 2, 3)`` after a convolution."""
    mu, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mu) / np.sqrt(var + eps)
