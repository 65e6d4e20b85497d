"""A discriminator with and without spectral normalization (Miyato, Kataoka, Koyama & Yoshida 2018), in the plane.

Dividing every weight matrix by its largest singular value bounds the discriminator's slope by 1: its log-odds change no
faster than its input. Without that nothing bounds the slope, and the log-odds run into the flat ends of the sigmoid.
The paper's GANs draw pictures; this one draws a ring of eight Gaussians, where everything can be seen.
"""

import math
from functools import partial

import torch

from normviz.language import N_, filled
from normviz.nn.linear import Linear, SpectralNormLinear
from normviz.nn.network import generator
from normviz.reproduce import ring
from normviz.reproduce.figure import Figure, Line, Numbers, Panel, Plane, Row, at_least, at_most

KINDS: dict[str, type[Linear]] = {"plain": Linear, "spectral": SpectralNormLinear}
WORDS = {"plain": N_("without"), "spectral": N_("with spectral normalization")}
LOOKS = (10, 50, *range(100, 1001, 100))
PARTS = 64
#: generated points that are drawn in the plane
DRAWN = 500
DEGREES = [360 * part / PARTS for part in range(PARTS)]


def measure(variant: str, seed: int) -> Numbers:
    """Train; return what is measured at every look, and around the ring at the end."""
    nets, found, numbers = ring.networks(KINDS[variant], seed), Numbers(), Numbers()
    for step in ring.training(nets, seed, LOOKS):
        found = ring.measured(nets, seed)
        numbers |= {f"{name}.{step}": value for name, value in found.items()}
    nets.discriminate.settle()
    settled = ring.measured(nets, seed)
    numbers |= {f"settled.{name}": settled[name] for name in ("bound", "slope")}
    numbers |= found | _around(nets, seed) | _drawn(nets, seed)
    return {f"{variant}.{name}": value for name, value in numbers.items()}


@torch.no_grad()
def _around(nets: ring.Networks, seed: int) -> Numbers:
    """Return by angle the share of generated points, of 10,000, and the log-odds on the circle through the modes."""
    angle = 2 * math.pi * torch.arange(PARTS) / PARTS
    circle = ring.RADIUS * torch.stack([angle.cos(), angle.sin()], 1)
    shares = ring.around(nets.generated(10_000, generator(seed, "around")), PARTS)
    odds = nets.discriminate(circle)[:, 0]
    return {
        **{f"share.{part}": value for part, value in enumerate(shares.tolist())},
        **{f"odds.{part}": value for part, value in enumerate(odds.tolist())},
    }


@torch.no_grad()
def _drawn(nets: ring.Networks, seed: int) -> Numbers:
    """Return generated points, coordinate by coordinate."""
    points = nets.generated(DRAWN, generator(seed, "drawn")).tolist()
    return {
        f"{axis}.{i}": each[at] for i, each in enumerate(points) for at, axis in enumerate("xy")
    }


def compare(numbers: Numbers) -> Numbers:
    """Return how far both are apart, and the largest slope as a share of its bound."""
    return {
        "bounds": numbers["plain.bound"] / numbers["spectral.bound"],
        "slopes": numbers["plain.slope"] / numbers["spectral.slope"],
        "saturated": numbers["plain.saturated"] - numbers["spectral.saturated"],
        **{f"{v}.share": numbers[f"{v}.slope"] / numbers[f"{v}.bound"] for v in KINDS},
    }


_BOUND = N_("1 by construction; 5 % for a power iteration of 15 steps in four layers")
_MEASURES = {
    "bound": N_("Lipschitz constant, upper bound: product of the layers' spectral norms"),
    "slope": N_("Lipschitz constant, lower bound: steepest of 3,000 points"),
    "saturated": N_("share of the discriminator's outputs outside [0.05, 0.95]"),
    "modes": N_("modes of 8 with a sample of high quality"),
    "served": N_("modes of 8 with a fifth or more of their share"),
    "good": N_("share of samples of high quality"),
}
_TITLES = {
    "bound": N_("Lipschitz constant, upper bound"),
    "slope": N_("Lipschitz constant, lower bound"),
    "saturated": N_("Share of the discriminator's outputs outside [0.05, 0.95]"),
    "served": N_("Modes of 8 with a fifth or more of their share"),
    "good": N_("Share of samples of high quality"),
}
_NOTES = {
    "bound": N_("Lipschitz constant, upper bound, product of the layers' spectral norms"),
    "slope": N_("Lipschitz constant, lower bound, steepest of 3,000 points"),
    "saturated": _MEASURES["saturated"],
    "modes": _MEASURES["modes"],
}
_AFTER = {
    "plain": N_("After 1,000 steps, without spectral normalization"),
    "spectral": N_("After 1,000 steps, with spectral normalization"),
}


def _panel(name: str, y: str, log: bool = False) -> Panel:
    lines = [Line(words, LOOKS, [f"{v}.{name}.{t}" for t in LOOKS]) for v, words in WORDS.items()]
    return Panel(_TITLES[name], N_("step"), y, lines, log)


def _by_angle(name: str, title: str, y: str) -> Panel:
    lines = [
        Line(words, DEGREES, [f"{variant}.{name}.{part}" for part in range(PARTS)])
        for variant, words in WORDS.items()
    ]
    return Panel(title, N_("angle in degrees; a mode every 45"), y, lines)


def _plane(variant: str) -> Plane:
    return Plane(
        _AFTER[variant],
        filled(N_("{drawn} generated points, seed 0"), drawn=DRAWN),
        [(f"{variant}.x.{i}", f"{variant}.y.{i}") for i in range(DRAWN)],
        [(x, y) for x, y in ring.CENTRES.tolist()],
        N_("modes of the ring"),
        {words: f"{variant}.{name}" for name, words in _NOTES.items()},
    )


FIGURE = Figure(
    about=N_(
        "A ring of eight Gaussians (radius 2, standard deviation 0.05); generator 2-128-128-2 with ReLU and "
        "discriminator 2-128-128-128-1 with leaky ReLU of slope 0.1, Adam 0.001 (0.5, 0.999), minibatches of 64, 1,000 "
        "steps of each in turn, the loss that does not saturate for the generator. A sample is of high quality within "
        "three standard deviations of a mode (Srivastava et al. 2017)."
    ),
    parts={variant: partial(measure, variant) for variant in KINDS},
    rows=[
        Row(
            "spectral.settled.bound",
            N_(
                "with spectral normalization: product of the spectral norms, power iteration settled"
            ),
            "1",
            at_most(1.05, _BOUND),
        ),
        Row(
            "spectral.settled.slope",
            N_("with spectral normalization: steepest of 3,000 points, power iteration settled"),
            N_("at most 1"),
            at_most(1.05, _BOUND),
        ),
        *(
            Row(f"{variant}.{name}", filled(N_("{words}: {what}"), words=words, what=what))
            for name, what in _MEASURES.items()
            for variant, words in WORDS.items()
        ),
        *(
            Row(
                f"{variant}.share",
                filled(N_("{words}: lower bound / upper bound"), words=words),
                N_("at most 1"),
                at_most(1.0001, N_("the steepest point is no steeper than the bound; rounding")),
            )
            for variant, words in WORDS.items()
        ),
        Row(
            "bounds",
            N_("upper bound, without / with"),
            N_("not bounded / bounded"),
            at_least(10, N_("more than an order of magnitude")),
        ),
        Row(
            "slopes",
            N_("steepest point, without / with"),
            N_("not bounded / bounded"),
            at_least(10, N_("more than an order of magnitude")),
        ),
        Row(
            "saturated",
            N_("saturated share of outputs, without less with"),
            None,
            at_least(0.01, N_("three standard errors of a share near 0.02 of 2,000 points")),
        ),
    ],
    panels=[
        _panel("bound", N_("log-odds per unit of length"), log=True),
        _panel("slope", N_("log-odds per unit of length"), log=True),
        _panel("saturated", N_("share of outputs")),
        _panel("served", N_("modes")),
        _panel("good", N_("share of samples")),
        _by_angle("share", N_("Generated points around the ring"), N_("share of the points")),
        _by_angle(
            "odds",
            N_("Discriminator on the circle through the modes"),
            N_("log-odds of being real"),
        ),
    ],
    planes=[_plane(variant) for variant in KINDS],
    compare=compare,
)
