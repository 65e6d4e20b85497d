r"""BatchNorm makes gradients explode at initialization (Yang et al. 2019, mean-field theory of wide networks).

Per layer, going down, the squared gradient norm grows by (B - 2) / (B - 3) for linear layers and, with
:math:`c = -1 / (B - 1)`, :math:`J_0(c) = 1 - \arccos(c) / \pi` and
:math:`J_1(c) = (\sqrt{1 - c^2} + (\pi - \arccos c) c) / \pi`, by

.. math:: \frac{B - 2 + J_0(c) + J_1(c)}{(B - 3) (1 - J_1(c))}

for ReLU, which falls to :math:`\pi / (\pi - 1) = 1.467` for large B. (Backward through one layer the factor is
:math:`E \lVert G D P \rVert_F^2 \, B / (s \lVert Gz \rVert^2) / (B - 1)`, G the centring matrix, D the units' slopes, P
the projection that a normalization's Jacobian makes, s the variance that the layer below hands on.)
"""

import math
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor

from normviz.language import N_, filled
from normviz.nn.network import generator
from normviz.nn.norms.batch import BatchNorm
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row

BATCHES = (8, 32, 128)
WIDTH, LAYERS = 1024, 25
#: layers between which the rate is taken: below them the input's correlations are still settling
FIRST, LAST = 6, 24
ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}
WORDS = {"linear": N_("linear"), "relu": "ReLU", "tanh": "tanh", "sigmoid": N_("sigmoid")}


def linear_rate(batch: int) -> float:
    """Return the theory's growth of the squared gradient norm per linear layer; the batch is at least 4."""
    return (batch - 2) / (batch - 3)


def relu_rate(batch: int) -> float:
    """Return the theory's growth of the squared gradient norm per ReLU layer; the batch is at least 4."""
    c = -1 / (batch - 1)
    j0 = 1 - math.acos(c) / math.pi
    j1 = (math.sqrt(1 - c * c) + (math.pi - math.acos(c)) * c) / math.pi
    return (batch - 2 + j0 + j1) / ((batch - 3) * (1 - j1))


def gradients(activation: str, batch: int, seed: int) -> list[float]:
    """Return the squared norm of the gradient with respect to each layer's input of BatchNorm, first layer first.

    The loss is a random linear function of the last layer's output; BatchNorm has eps 1e-12 and no gamma and beta.
    """
    x = torch.randn(batch, WIDTH, generator=generator(seed, "data"))
    norm = BatchNorm(WIDTH, affine=False, eps=1e-12)
    norm.tracking = False
    pres: list[Tensor] = []
    for layer in range(LAYERS):
        weight = torch.randn(WIDTH, WIDTH, generator=generator(seed, "init", layer))
        pre = (x @ weight.T / math.sqrt(WIDTH)).requires_grad_()
        pre.retain_grad()
        pres.append(pre)
        x = ACTIVATIONS[activation](norm(pre))
    (x * torch.randn(x.shape, generator=generator(seed, "loss"))).sum().backward()
    return [float(pre.grad.double().square().sum()) for pre in pres if pre.grad is not None]


def measure(activation: str, batch: int, seed: int) -> Numbers:
    """Return the gradient of each layer relative to the last one's, and the geometric mean of the growth a layer."""
    norms = gradients(activation, batch, seed)
    name = f"{activation}.{batch}"
    return {
        **{f"{name}.{layer}": norms[layer - 1] / norms[-1] for layer in range(1, LAYERS + 1)},
        name: (norms[FIRST - 1] / norms[LAST - 1]) ** (1 / (LAST - FIRST)),
    }


def _row(activation: str, batch: int, theory: float) -> Row:
    reason = N_("5 % about the theory: at finite width the rate reads 2 to 3 % low")
    return Row(
        f"{activation}.{batch}",
        filled(
            N_("{words}, batch {batch}: growth of the squared gradient a layer"),
            words=WORDS[activation],
            batch=batch,
        ),
        round(theory, 4),
        Band(round(0.95 * theory, 4), round(1.05 * theory, 4), reason),
    )


CASES = [*((a, b) for a in ("linear", "relu") for b in BATCHES), ("tanh", 128), ("sigmoid", 128)]

FIGURE = Figure(
    about=N_(
        "25 layers of 1,024 units at initialization, BatchNorm before the activation, Gaussian inputs. "
        "BatchNorm alone does not level gradients; behind it a sigmoid, near its linear range, nearly does."
    ),
    parts={f"{a}.{b}": partial(measure, a, b) for a, b in CASES},
    rows=[
        *(_row("linear", batch, linear_rate(batch)) for batch in BATCHES),
        *(_row("relu", batch, relu_rate(batch)) for batch in BATCHES),
        Row("tanh.128", N_("tanh, batch 128 (no published number)")),
        Row("sigmoid.128", N_("sigmoid, batch 128 (no published number)")),
    ],
    panels=[
        Panel(
            N_("Gradient by layer"),
            N_("layer"),
            N_("squared gradient norm, relative to the last layer"),
            [
                Line(
                    filled(N_("{words}, batch {b}"), words=WORDS[a], b=b),
                    range(1, LAYERS + 1),
                    [f"{a}.{b}.{layer}" for layer in range(1, LAYERS + 1)],
                )
                for a, b in CASES
            ],
            log=True,
        )
    ],
)
