r"""Saturation and the size of updates in a tanh network, without and with BatchNorm (Karpathy, makemore, part 3).

The lecture prints, for five tanh layers, how many activations are saturated, :math:`|\tanh| > 0.97`, for weights
N(0, gain² / n): at initialization for gains 1, 5/3 and 3 (known here from transcripts of the lecture), and with
BatchNorm after 1,000 steps (his notebook). It draws log10 of the size of an update relative to the size of the weights
with a guide line at -3. His inputs are embeddings of three letters; here they are Gaussian at initialization and digits
in training.

In wide layers pre-activations are Gaussian with variance :math:`q_1 = g^2` for inputs of variance 1 and
:math:`q_{l+1} = g^2 E[\tanh^2(\sqrt{q_l} z)]`; the saturated share is :math:`P(|z| > artanh(0.97) / \sqrt{q_l})`.
Behind BatchNorm q = 1 whatever the gain. Multiplying the weights before BatchNorm by a divides their gradient by a, so
it divides the relative size of the update by a².
"""

import math
import statistics
from functools import partial
from statistics import NormalDist

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from normviz.config import LaneConfig
from normviz.language import N_, filled
from normviz.nn.mlp import MLP
from normviz.nn.network import batch_statistics, generator
from normviz.nn.norms.batch import BatchNorm
from normviz.nn.tape import Tape
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Panel, Row, at_most
from normviz.reproduce.training import PlainSGD, digits

LAYERS = range(1, 6)
SATURATED = 0.97
GAINS = {"1": 1.0, "5/3": 5 / 3, "3": 3.0}
EXAMPLES, WIDTH = 1000, 500
#: saturated shares and standard deviations that the lecture printed, by layer
PUBLISHED = {
    "1": (0.0350, 0.0003, 0.0006, 0.0, 0.0),
    "5/3": (0.2025, 0.0838, 0.0662, 0.0547, 0.0612),
    "3": (0.4766, 0.4047, 0.4238, 0.4200, 0.4241),
}
TRAINED = (0.0278, 0.0256, 0.0225, 0.0169, 0.0188)
TRAINED_STD = (0.63, 0.64, 0.65, 0.65, 0.65)
TRAINED_WIDTH, BATCH, STEPS, AVERAGED = 100, 32, 1000, 100
#: the lecture's learning rate, and the one whose updates are about 1e-3 of the weights here
RATES = (0.1, 0.01)


def shares(gain: float, normed: bool = False) -> list[float]:
    """Return the share of saturated activations in every layer of infinite width."""
    nodes, raw = np.polynomial.hermite_e.hermegauss(101)
    weights, q, edge = raw / raw.sum(), gain**2, math.atanh(SATURATED)
    found: list[float] = []
    for _ in LAYERS:
        q = 1.0 if normed else q
        found.append(2 * NormalDist().cdf(-edge / math.sqrt(q)))
        q = gain**2 * float(weights @ np.tanh(math.sqrt(q) * nodes) ** 2)
    return found


def saturated(activations: Tensor) -> float:
    """Return the share of activations beyond 0.97."""
    return float((activations.abs() > SATURATED).float().mean())


@torch.no_grad()
def at_initialization(gain: str, normed: bool, seed: int) -> Numbers:
    """Return the saturated share of every layer for 1,000 Gaussian inputs of 500 features."""
    x = torch.randn(EXAMPLES, WIDTH, generator=generator(seed, "data"))
    name = "bn" if normed else "init"
    norm = BatchNorm(WIDTH, affine=False)
    norm.tracking = False
    numbers: Numbers = {}
    for layer in LAYERS:
        weight = torch.randn(WIDTH, WIDTH, generator=generator(seed, "init", layer))
        z = x @ weight.T * (GAINS[gain] / math.sqrt(WIDTH))
        x = torch.tanh(norm(z) if normed else z)
        numbers[f"{name}.{gain}.{layer}"] = saturated(x)
    return numbers


def network(gain: float, seed: int) -> MLP:
    """Return 784-100x5-10 with BatchNorm and tanh, hidden weights N(0, gain² / n), output weights N(0, 0.01 / n)."""
    config = LaneConfig(
        depth=len(LAYERS),
        width=TRAINED_WIDTH,
        activation="tanh",
        init="lecun",
        gain=gain,
        norm="batch",
        seed=seed,
    )
    model = MLP(config, (784,), 10)
    with torch.no_grad():
        model.output.weight.mul_(0.1 / gain)
    return model


def sizes(model: MLP, rate: float) -> list[float]:
    """Return log10 of the learning rate times the deviation of dW, relative to that of W, of every hidden matrix."""
    weights = [layer.weight for layer in model.linears()[:-1]]
    return [
        math.log10(rate * float(weight.grad.std()) / float(weight.detach().std()))
        for weight in weights
        if weight.grad is not None
    ]


def trained(rate: float, seed: int) -> Numbers:
    """Train 1,000 steps; return saturation and deviation by layer, and log10 update sizes over the last 100 steps."""
    data, model = digits(), network(1.0, seed)
    run = PlainSGD(model, data, rate, BATCH, seed)
    run.steps(STEPS - AVERAGED)
    seen: list[list[float]] = []
    for _ in range(AVERAGED):
        run.steps(1)
        seen.append(sizes(model, rate))
    tape = Tape()
    with torch.no_grad(), batch_statistics(model):
        model(torch.from_numpy(data.x[:EXAMPLES]), tape)
    means = np.mean(seen, axis=0).tolist()
    layers = list(zip(LAYERS, tape.phi, strict=True))
    return {
        **{f"{rate}.saturated.{n}": saturated(phi) for n, phi in layers},
        **{f"{rate}.std.{n}": float(phi.std()) for n, phi in layers},
        **{f"{rate}.update.{n}": mean for n, mean in zip(LAYERS, means, strict=True)},
        f"{rate}.update": statistics.fmean(means),
        f"{rate}.accuracy": run.accuracy(),
    }


def first_update(seed: int) -> Numbers:
    """Return how much smaller, in decades, the first update is relative to the weights for gain 3 than for gain 1."""
    data = digits()
    rows = torch.randperm(len(data.y), generator=generator(seed, "order"))[:BATCH]
    x, y = torch.from_numpy(data.x)[rows], torch.from_numpy(data.y)[rows]
    found: list[float] = []
    for gain in (1.0, 3.0):
        model = network(gain, seed)
        cross_entropy(model(x), y).backward()
        found.append(statistics.fmean(sizes(model, RATES[0])))
    return {"first": found[1] - found[0]}


def _at_initialization() -> list[Row]:
    rows: list[Row] = []
    for gain, value in GAINS.items():
        for layer, share in zip(LAYERS, shares(value), strict=True):
            rows.append(
                Row(
                    f"init.{gain}.{layer}",
                    filled(
                        N_("gain {gain}, without: saturated in layer {layer}"),
                        gain=gain,
                        layer=layer,
                    ),
                    PUBLISHED[gain][layer - 1],
                    _about(share) if share > 0.01 else at_most(0.002, N_("theory: below 0.001")),
                )
            )
    return rows


def _about(share: float) -> Band:
    low, high = round(0.9 * share, 4), round(1.1 * share, 4)
    return Band(
        low,
        high,
        filled(N_("10 % about the theory, {share:.4f}: finite width, 1,000 inputs"), share=share),
    )


_START = shares(1.0, normed=True)[0]
_HIS, _OURS = RATES
_FEW = Band(0.01, 0.04, N_("fixed before: a few per cent, as printed, on other data"))
_STD = Band(0.6, 0.7, N_("fixed before: as printed, to one digit, on other data"))
_GUIDE = Band(-3.5, -2.5, N_("the guide line -3 to half a decade; the learning rate was chosen so"))
_SCALE = -2 * math.log10(3)

FIGURE = Figure(
    about=N_(
        "Five tanh layers. At initialization: 1,000 inputs N(0, 1) with 500 features, 500 units, no biases. "
        "Trained: 784-100x5-10 with BatchNorm on raw pixels, weights N(0, 1 / n), the output layer's a tenth, "
        "minibatches of 32, SGD, 1,000 steps; saturation on 1,000 images with batch statistics, log10 of updates "
        "averaged over the hidden matrices and the last 100 steps."
    ),
    parts={
        **{f"init.{gain}": partial(at_initialization, gain, False) for gain in GAINS},
        **{f"bn.{gain}": partial(at_initialization, gain, True) for gain in GAINS},
        **{str(rate): partial(trained, rate) for rate in RATES},
        "first": first_update,
    },
    rows=[
        *_at_initialization(),
        *(
            Row(
                f"bn.{gain}.{layer}",
                filled(
                    N_("gain {gain}, with BatchNorm: saturated in layer {layer}"),
                    gain=gain,
                    layer=layer,
                ),
                None,
                _about(_START),
            )
            for gain in GAINS
            for layer in (LAYERS[0], LAYERS[-1])
        ),
        *(
            Row(
                f"{_HIS}.saturated.{layer}",
                filled(
                    N_("BatchNorm, trained with {his}: saturated in layer {layer}"),
                    his=_HIS,
                    layer=layer,
                ),
                TRAINED[layer - 1],
                _FEW,
            )
            for layer in LAYERS
        ),
        *(
            Row(
                f"{_HIS}.std.{layer}",
                filled(
                    N_("BatchNorm, trained with {his}: std of layer {layer}"), his=_HIS, layer=layer
                ),
                TRAINED_STD[layer - 1],
                _STD,
            )
            for layer in LAYERS
        ),
        Row(
            f"{_HIS}.update",
            filled(N_("BatchNorm, trained with {his}: log10 update / weight"), his=_HIS),
        ),
        Row(
            f"{_OURS}.update",
            filled(N_("BatchNorm, trained with {ours}: log10 update / weight"), ours=_OURS),
            -3,
            _GUIDE,
        ),
        *(
            Row(f"{r}.accuracy", filled(N_("BatchNorm, trained with {r}: held-out accuracy"), r=r))
            for r in RATES
        ),
        Row(
            "first",
            N_("BatchNorm: log10 of the first update / weight, gain 3 less gain 1"),
            _SCALE,
            Band(
                round(_SCALE - 0.01, 3), round(_SCALE + 0.01, 3), N_("-2 log10 3, but for epsilon")
            ),
        ),
    ],
    panels=[
        Panel(
            N_("Saturated at initialization"),
            N_("layer"),
            N_("share with |tanh| > 0.97"),
            [
                *(
                    Line(
                        filled(N_("gain {gain}"), gain=gain),
                        LAYERS,
                        [f"init.{gain}.{n}" for n in LAYERS],
                        PUBLISHED[gain],
                    )
                    for gain in GAINS
                ),
                *(
                    Line(
                        filled(N_("gain {gain}, BatchNorm"), gain=gain),
                        LAYERS,
                        [f"bn.{gain}.{n}" for n in LAYERS],
                    )
                    for gain in GAINS
                ),
            ],
        ),
        Panel(
            N_("Saturated after 1,000 steps with BatchNorm"),
            N_("layer"),
            N_("share with |tanh| > 0.97"),
            [
                Line(
                    filled(N_("learning rate {rate}"), rate=rate),
                    LAYERS,
                    [f"{rate}.saturated.{n}" for n in LAYERS],
                    TRAINED if rate == _HIS else (),
                )
                for rate in RATES
            ],
        ),
        Panel(
            N_("Size of updates"),
            N_("layer"),
            N_("log10 of update / weight"),
            [
                Line(
                    filled(N_("learning rate {rate}"), rate=rate),
                    LAYERS,
                    [f"{rate}.update.{n}" for n in LAYERS],
                )
                for rate in RATES
            ],
        ),
    ],
)
