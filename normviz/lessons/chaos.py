"""Edge of chaos: where signals pass through deep networks, and what BatchNorm does with depth."""

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from normviz.language import N_, _
from normviz.lessons.chaos_batchnorm import EXPLODES
from normviz.lessons.chaos_growth import growth
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording
from normviz.reproduce.meanfield import chi, critical, depth_scale, variance

UNTIL = 300
#: Schoenholz et al.'s rule: so many depth scales can be trained.
SCALES = 6
#: The map: sigma_w^2 along, sigma_b^2 upwards.
WEIGHTS = np.linspace(0.2, 9.6, 48)
BIASES = np.linspace(0.0, 0.3, 16)
_CHANCE = N_("twice chance")
_LEARNS = N_("six times chance")


@cache
def phase_map() -> NDArray[np.float64]:
    """Return chi_1 at the fixed point of the variance, shape (biases, weights)."""
    return np.array([[chi(w, variance(w, b)) for w in WEIGHTS] for b in BIASES])


@cache
def critical_line() -> NDArray[np.float64]:
    """Return the sigma_w^2 at which chi_1 = 1 for every sigma_b^2 of the map; without biases it is 1."""
    return np.array([1.0, *(critical(float(b)) for b in BIASES[1:])])


def trainable_depth(sigma_w2: float, sigma_b2: float) -> float:
    """Return the predicted number of layers that can be trained, 6 xi_c; infinite on the critical line."""
    slope = chi(sigma_w2, variance(sigma_w2, sigma_b2))
    return math.inf if abs(slope - 1) < 1e-3 else SCALES * depth_scale(sigma_w2, sigma_b2)


def weights_of(recording: Recording, lane: int) -> float:
    """Return sigma_w^2 of a lane: the weights' initial variance times fan-in; LeCun's is 1, times the gain squared."""
    return recording.config.lanes()[lane].gain ** 2


def accuracy(recording: Recording, lane: int) -> float:
    """Return the held-out accuracy when the run is judged."""
    return (
        float(recording.value("heldout_accuracy", lane, UNTIL))
        if recording.alive(lane, UNTIL)
        else math.nan
    )


def judge(recording: Recording) -> Verdict:
    """Compare theory and measurement at the start, and the predicted depth with what trained."""
    right = [accuracy(recording, lane) for lane in range(recording.lanes)]
    grown = [growth(recording, lane, 0) for lane in range(recording.lanes)]
    slopes = [
        chi(weights_of(recording, lane), variance(weights_of(recording, lane), 0.0))
        for lane in range(recording.lanes)
    ]
    words = [
        _said(recording, lane, grown[lane], slopes[lane], right[lane]) for lane in range(len(right))
    ]
    claims = [
        Claim(
            _("{lane}: factor of the squared gradient a layer / χ₁").format(lane="ABC"[lane]),
            grown[lane] / slopes[lane],
            0.9,
            1.1,
            _("10 % about the theory: finite width, one network"),
        )
        for lane in range(3)
    ]
    claims += [
        Claim(_("A, ordered: held-out accuracy"), right[0], 0.0, 0.2, _(_CHANCE)),
        Claim(_("B, critical: held-out accuracy"), right[1], 0.6, 1.0, _(_LEARNS)),
        Claim(_("C, chaotic: held-out accuracy"), right[2], 0.0, 0.2, _(_CHANCE)),
    ]
    return Verdict(tuple(words), tuple(claims), answer=_answer(right))


def _answer(right: list[float]) -> int | None:
    learned = [lane for lane in range(3) if right[lane] >= 0.6]
    if len(learned) == 1:
        return learned[0]
    return 3 if len(learned) == 3 else None


def _said(recording: Recording, lane: int, grown: float, slope: float, right: float) -> str:
    weights, depth = weights_of(recording, lane), recording.config.lanes()[lane].depth
    reach = trainable_depth(weights, 0.0)
    theory = (
        _(
            "**{lane}** ($\\sigma_w^2 = {weights:.3g}$): theory says $\\chi_1 = {slope:.2f}$ and that any depth can be "
            "trained; measured, the squared gradient changes by {grown:.2f} a layer going down."
        )
        if math.isinf(reach)
        else _(
            "**{lane}** ($\\sigma_w^2 = {weights:.3g}$): theory says $\\chi_1 = {slope:.2f}$ and that about "
            "{reach:.0f} layers can be trained; measured, the squared gradient changes by {grown:.2f} a layer going "
            "down."
        )
    ).format(lane="ABCD"[lane], weights=weights, slope=slope, reach=reach, grown=grown)
    came = (
        _("With {depth} layers, after {until} steps: {right:.1%} right.")
        if math.isfinite(right)
        else _("With {depth} layers, after {until} steps: it diverged.")
    ).format(depth=depth, until=UNTIL, right=right)
    return f"{theory} {came}"


LESSON = Lesson(
    title=N_("Edge of chaos, and BatchNorm at depth"),
    question=N_("How deep a network can be trained, and can that be known before training?"),
    about=N_(
        "In a wide network with weights $\\mathcal N(0, \\sigma_w^2 / n)$ and biases $\\mathcal N(0, \\sigma_b^2)$, "
        "the squared gradient changes by the factor $\\chi_1$ a layer: below 1 two inputs become alike and gradients "
        "vanish, above 1 they drift apart and gradients explode. On the line between the phases signals pass through "
        "any depth; away from it they live for a number of layers $\\xi$, and about $6\\,\\xi$ layers can be trained. "
        "BatchNorm was made to train deep networks, yet with ReLU it explodes gradients at the start, whatever the "
        "weights."
    ),
    formula=(
        "\\begin{gathered} \\chi_1 = \\sigma_w^2 \\,\\mathrm E\\big[\\tanh'(\\sqrt{q^*}\\, z)^2\\big] \\\\ "
        "q^* = \\sigma_w^2 \\,\\mathrm E\\big[\\tanh^2(\\sqrt{q^*}\\, z)\\big] + \\sigma_b^2 \\\\ "
        "\\xi = -1 / \\ln \\chi_{c^*} \\end{gathered}"
    ),
    guess=Choice(
        N_(
            "Thirty tanh layers, biases 0, three sizes of the initial weights. Which network learns in 300 steps?"
        ),
        # letters before the formulas: some readers of a screen know no formulas
        (
            N_("A: $\\sigma_w^2 = 0.64$"),
            N_("B: $\\sigma_w^2 = 1$"),
            N_("C: $\\sigma_w^2 = 9$"),
            N_("All three"),
        ),
    ),
    judge=judge,
    run={
        **{"depth": "30", "width": "100", "activation": "tanh", "init": "lecun", "lr": "0.03"},
        **{"batch_size": "100", "gain": "0.8", "b.gain": "1", "c.gain": "3"},
    },
    until=UNTIL,
    controls=("gain", "b.gain", "c.gain", "depth", "seed"),
    charts=("gradients", "moments", "learning"),
    figure="schoenholz yang",
    reading=(
        Reading(
            "B. Poole, S. Lahiri, M. Raghu, J. Sohl-Dickstein, S. Ganguli: Exponential expressivity in deep neural "
            "networks through transient chaos, 2016",
            "https://arxiv.org/abs/1606.05340",
        ),
        Reading(
            "S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein: Deep information propagation, 2017",
            "https://arxiv.org/abs/1611.01232",
        ),
        Reading(
            "G. Yang, J. Pennington, V. Rao, J. Sohl-Dickstein, S. Schoenholz: A mean field theory of batch "
            "normalization, 2019",
            "https://arxiv.org/abs/1902.08129",
        ),
    ),
    first=N_("Three sizes of weights"),
    further=(EXPLODES,),
)
