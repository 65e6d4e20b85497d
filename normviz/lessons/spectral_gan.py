"""Spectral normalization in a small GAN: what bounds a discriminator's slope, and power iteration that finds it."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from normviz.language import N_, _
from normviz.lessons import heldout
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import number

UNTIL = 50
#: a share of saturated values that nobody overlooks, and one that is as good as none
MANY, FEW = 0.3, 0.01


@dataclass(frozen=True)
class Iteration:
    """Power iteration on a matrix.

    Attributes:
        directions: the input directions before the first step and after each, unit vectors, shape (steps + 1, 2).
        sigmas: what each of them says of the largest singular value, the length of W v. Shape (steps + 1,).
    """

    directions: Float[np.ndarray, "iterates 2"]
    sigmas: Float[np.ndarray, " iterates"]


def matrix(larger: float, smaller: float, angle: float) -> Float[np.ndarray, "2 2"]:
    """Return a matrix with these singular values; it stretches most the direction at ``angle``, in degrees."""
    turn = math.radians(angle)
    most = np.array([math.cos(turn), math.sin(turn)])
    least = np.array([-most[1], most[0]])
    left = np.array([[math.cos(0.5), -math.sin(0.5)], [math.sin(0.5), math.cos(0.5)]])
    return left @ np.diag([larger, smaller]) @ np.stack([most, least])


def iterate(
    weight: Float[np.ndarray, "2 2"], start: Float[np.ndarray, " 2"], steps: int
) -> Iteration:
    """Take steps v <- W'W v / |W'W v| (Miyato et al. 2018, algorithm 1); a v that W maps to 0 stays."""
    directions = [start / np.linalg.norm(start)]
    for _step in range(steps):
        moved = weight.T @ (weight @ directions[-1])
        length = np.linalg.norm(moved)
        directions.append(moved / length if length > 0 else directions[-1])
    rows = np.stack(directions)
    return Iteration(rows, np.linalg.norm(rows @ weight.T, axis=1))


def judge(recording: Recording) -> Verdict:
    """Compare saturation with and without spectral normalization, weights five times too large."""
    saturated = [_saturated(recording, lane) for lane in range(recording.lanes)]
    words = [_said(recording, lane, saturated[lane]) for lane in range(recording.lanes)]
    words.append(
        _(
            "Spectral normalization divides each matrix by its largest singular value, so its size does not matter: no "
            "layer makes two inputs differ more than they did. The other side of it: the signal shrinks from layer to "
            "layer, here to a standard deviation of "
            "{spectral} in the last one ({without} without)."
        ).format(spectral=number(_last_std(recording, 1)), without=number(_last_std(recording, 0)))
    )
    claims = (
        Claim(
            _("A, without: saturated, mean over the layers"),
            saturated[0],
            MANY,
            1.0,
            _("plainly saturated"),
        ),
        Claim(
            _("B, spectral: saturated, mean over the layers"),
            saturated[-1],
            0.0,
            FEW,
            _("as good as none"),
        ),
    )
    return Verdict(tuple(words), claims, answer=_answer(saturated))


def _saturated(recording: Recording, lane: int) -> float:
    if not recording.alive(lane, UNTIL):
        return math.nan
    return float(recording.value("saturated", lane, UNTIL).mean())


def _last_std(recording: Recording, lane: int) -> float:
    return float(recording.value("act_std", lane, UNTIL)[-1])


def _said(recording: Recording, lane: int, saturated: float) -> str:
    title = heldout.title(recording, lane)
    if math.isnan(saturated):
        return _("{title} has diverged.").format(title=title)
    first, *_between, last = recording.value("dw_spectral", lane, UNTIL).astype(float)
    return _(
        "{title}: {saturated:.1%} of the activations are saturated; the gradient's norm is {first} at the "
        "first weights and {last} at the last."
    ).format(title=title, saturated=saturated, first=number(first), last=number(last))


def _answer(saturated: list[float]) -> int | None:
    plain, spectral = saturated[0], saturated[-1]
    if plain >= MANY:
        return 1 if spectral <= FEW else 0 if spectral >= MANY else None
    return 2 if spectral >= MANY else None


LESSON = Lesson(
    title=N_("Spectral norm in a small GAN"),
    question=N_("What keeps a discriminator from shouting?"),
    about=N_(
        "A GAN's generator learns from the slope of the discriminator, and a discriminator that is too sure is flat "
        "where the points are and a cliff between them. Its slope is at most the product of its matrices' spectral "
        "norms, if the activations have slopes of at most 1: dividing every matrix by its largest singular value "
        "makes that 1. One step of power iteration a pass follows the singular value as the weights move."
    ),
    formula=(
        "\\begin{gathered} W_{SN} = W / \\sigma(W) \\\\ "
        "|D(x) - D(x')| \\le \\prod_l \\sigma(W_l) \\, \\lVert x - x' \\rVert \\end{gathered}"
    ),
    guess=Choice(
        N_(
            "Five tanh layers, initial weights five times too large; lane B divides each by its spectral norm. After "
            "50 steps, where are the activations saturated?"
        ),
        (
            N_("In both: dividing by one number a matrix cannot undo a bad start"),
            N_("Without only: the size of the weights is divided away"),
            N_("With spectral normalization only: it drives units to their limits"),
        ),
    ),
    judge=judge,
    run={
        **{"activation": "tanh", "init": "xavier", "gain": "5", "depth": "5", "width": "100"},
        **{"batch_size": "100", "b.norm": "spectral"},
    },
    until=UNTIL,
    controls=("gain", "activation", "depth"),
    charts=("saturation", "histograms"),
    figure="gan",
    published=N_(
        "Miyato et al. draw pictures with it. In the plane everything can be seen: run it again, and the figure shows "
        "what a generator draws of a ring of eight Gaussians against a discriminator without and with spectral "
        "normalization, beside the discriminator's Lipschitz constant and saturation."
    ),
    reading=(
        Reading(
            "T. Miyato, T. Kataoka, M. Koyama, Y. Yoshida: Spectral Normalization for Generative Adversarial Networks, "
            "2018",
            "https://arxiv.org/abs/1802.05957",
        ),
        Reading(
            "L. Metz, B. Poole, D. Pfau, J. Sohl-Dickstein: Unrolled Generative Adversarial Networks, 2017",
            "https://arxiv.org/abs/1611.02163",
        ),
        Reading(
            "A. Srivastava, L. Valkov, C. Russell, M. U. Gutmann, C. Sutton: VEEGAN, 2017",
            "https://arxiv.org/abs/1705.07761",
        ),
    ),
)
