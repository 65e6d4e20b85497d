"""Training and inference: three estimates of the same mean and variance, and what happens before they agree."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from normviz.config import LaneConfig
from normviz.language import N_, _, filled
from normviz.lessons.inference_estimates import resting_ratio, simulate
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.measured import measurements
from normviz.lessons.recording import Recording
from normviz.lessons.words import joined

#: The step at which the question is asked.
ASKED = 50
UNTIL = 200
#: Two accuracies on 1,000 examples that differ by less are about the same.
ALIKE = 0.03


@dataclass(frozen=True)
class Accuracies:
    """Held-out accuracy of one lane where it was evaluated.

    Attributes:
        steps: the steps, ascending.
        training: with the statistics of minibatches of the held-out set, as in training mode.
        inference: in eval mode, with what the lane has for inference.
    """

    steps: NDArray[np.int64]
    training: NDArray[np.float64]
    inference: NDArray[np.float64]

    @property
    def gap(self) -> NDArray[np.float64]:
        """How much is lost from training mode to eval mode."""
        return self.training - self.inference

    def at(self, step: int) -> int:
        """Return the place of the last evaluation that is not after a step."""
        return max(0, int(np.searchsorted(self.steps, step, "right")) - 1)


def accuracies(recording: Recording, lane: int) -> Accuracies:
    """Return a lane's accuracies; steps without an evaluation are left out."""
    steps, inference = recording.series("heldout_accuracy", lane)
    _, training = recording.series("heldout_batch_accuracy", lane)
    known = np.isfinite(inference) & np.isfinite(training)
    return Accuracies(steps[known], training[known].astype(float), inference[known].astype(float))


def nearness(recording: Recording, lane: int = 0) -> float:
    """Return how far the running mean of layer 1 is from the population's, over the distance of a minibatch's.

    Both are root mean squares over the second half of the run.
    """
    distances = list[float]()
    for name in ("running", "batch"):
        steps, values = measurements(recording, lane, f"mean_apart_{name}")
        late = [i for i, step in enumerate(steps) if step >= recording.steps[-1] / 2]
        if not late:
            return math.nan
        with np.errstate(all="ignore"):
            distances.append(float(np.sqrt(np.mean(values[late, 0] ** 2))))
    return distances[0] / distances[1] if distances[1] else math.nan


def judge(recording: Recording) -> Verdict:
    """Compare training mode with eval mode, by all three estimates."""
    found = [accuracies(recording, lane) for lane in range(recording.lanes)]
    if any(not len(each.steps) for each in found):
        return Verdict((_("The network was not evaluated: it diverged at once."),))
    lanes = recording.config.lanes()
    words = [
        _modes(lane, each, index)
        for index, (lane, each) in enumerate(zip(lanes, found, strict=True))
    ]
    words.append(_forgets(lanes))
    near = nearness(recording)
    if math.isfinite(near):
        words.append(_near(near, lanes[0].momentum))
    return Verdict(tuple(words), _claims(found, near), _answer(found[1]))


def _modes(lane: LaneConfig, found: Accuracies, index: int) -> str:
    what = _("the population's statistics")
    if lane.statistics == "running":
        what = _("running averages of momentum {momentum:g}").format(momentum=lane.momentum)
    asked, worst, end = found.at(ASKED), int(np.argmax(found.gap)), len(found.steps) - 1
    return _(
        "**{index}, {what}:** at step {asked} {training:.1%} right in training mode "
        "and {inference:.1%} in eval mode. Eval mode costs most at step {worst}, "
        "{most}; at step {end} it costs {points}."
    ).format(
        index="ABCD"[index],
        what=what,
        asked=found.steps[asked],
        training=found.training[asked],
        inference=found.inference[asked],
        worst=found.steps[worst],
        most=_points(found.gap[worst]),
        end=found.steps[end],
        points=_points(found.gap[end]),
    )


def _points(gap: float) -> str:
    return _("{points} points").format(points=f"{100 * gap:.1f}".replace("-", "−"))


def _forgets(lanes: Sequence[LaneConfig]) -> str:
    rates = dict.fromkeys(lane.momentum for lane in lanes if lane.statistics == "running")
    if not rates:
        return _(
            "A running average begins at mean 0 and variance 1, and keeps $(1 - \\rho)^t$ of that after $t$ steps: "
            "after {asked}, where there is one."
        ).format(asked=ASKED)
    shares = joined(
        _("{share:.1%} with momentum {momentum:g}").format(share=(1 - rho) ** ASKED, momentum=rho)
        for rho in rates
    )
    return _(
        "A running average begins at mean 0 and variance 1, and keeps $(1 - \\rho)^t$ of that after $t$ steps: after "
        "{asked}, {shares}."
    ).format(asked=ASKED, shares=shares)


def _near(near: float, momentum: float) -> str:
    return _(
        "In the second half of the run the running mean of layer 1 was **{near:.2f}** times as far from the "
        "population's as the mean of one minibatch; for a network at rest it would be "
        "$\\sqrt{{\\rho / (2 - \\rho)}}$ = {ratio:.2f}."
    ).format(near=near, ratio=resting_ratio(momentum))


def _claims(found: Sequence[Accuracies], near: float) -> tuple[Claim, ...]:
    if len(found) < 3:
        return ()
    slow, end = found[1], len(found[0].steps) - 1
    return (
        Claim(
            _("B, momentum 0.01: accuracy lost in eval mode at step {asked}").format(asked=ASKED),
            float(slow.gap[slow.at(ASKED)]),
            0.5,
            1.0,
            _("60 % of the averages are still where they began"),
        ),
        Claim(
            _("A, momentum 0.1: accuracy lost in eval mode at the end"),
            float(found[0].gap[end]),
            -ALIKE,
            ALIKE,
            _("the averages have caught up; 1,000 held-out examples"),
        ),
        Claim(
            _("C, population: largest difference between eval and training mode"),
            float(np.abs(found[2].gap).max()),
            0.0,
            ALIKE,
            _("an epoch's statistics are right at every step; 1,000 held-out examples"),
        ),
        Claim(
            _("A, layer 1: distance of the running mean over that of a minibatch's, second half"),
            near,
            0.05,
            0.5,
            _(
                "√(ρ / (2 − ρ)) = {ratio:.2f} for independent minibatches and a network at rest"
            ).format(ratio=resting_ratio(0.1)),
        ),
    )


def _answer(slow: Accuracies) -> int | None:
    at = slow.at(ASKED)
    if not np.isfinite(slow.gap[at]):
        return None
    if slow.gap[at] < ALIKE:
        return 0
    return 2 if slow.inference[at] < 0.2 else 1


@cache
def _resting() -> float:
    """Let a running average follow 20,000 minibatches of a network at rest; the worst of three, over the formula."""
    found = list[float]()
    for seed in range(3):
        mean = simulate(8, 0.1, 20_000, seed)[0]
        found.append(
            float(mean.running[1000:].std() / mean.batch[1000:].std()) / resting_ratio(0.1)
        )
    return max(found, key=lambda ratio: abs(ratio - 1))


def checks() -> tuple[Claim, ...]:
    """Compare how far a running average of a network at rest scatters with what the formula says."""
    return (
        Claim(
            _(
                "spread of the running mean over a minibatch's, over √(ρ / (2 − ρ)); ρ = 0.1, worst of seeds 0 to 2"
            ),
            _resting(),
            0.95,
            1.05,
            _("1 by the formula; 5 % for 20,000 minibatches, of which ten in a row are nearly one"),
        ),
    )


LESSON = Lesson(
    title=N_("Training and inference"),
    question=N_("Which mean and which variance does BatchNorm use when there is no minibatch?"),
    about=N_(
        "While training, BatchNorm divides by the statistics of the minibatch; a single image at inference has none, "
        "so the network needs an estimate that stays. **Running averages** follow the minibatches with momentum "
        "$\\rho$, cheap but late; **population** statistics, of an epoch with the network frozen, are right. "
        "Both use the unbiased variance, $\\frac{m}{m-1}$ times the minibatch's."
    ),
    formula=(
        r"\begin{gathered} \bar\mu \leftarrow (1 - \rho)\,\bar\mu + \rho\,\mu_B \\"
        r"\bar\sigma^2 \leftarrow (1 - \rho)\,\bar\sigma^2 + \rho\,\tfrac{m}{m-1}\sigma_B^2 \\"
        r"\mu_P = \mathrm E_B[\mu_B], \quad \sigma_P^2 = \tfrac{m}{m-1}\,\mathrm E_B[\sigma_B^2]"
        r" \end{gathered}"
    ),
    guess=Choice(
        filled(
            N_(
                "Five sigmoid layers with BatchNorm learn digits; the running averages of B have momentum 0.01. "
                "After {asked} steps B is right on more than 80 % of the held-out images with the statistics of "
                "minibatches. You switch to eval mode. How many are right?"
            ),
            asked=ASKED,
        ),
        (N_("as many"), N_("clearly fewer"), N_("hardly more than by chance (10 %)")),
    ),
    judge=judge,
    run={
        **{"depth": "5", "width": "100", "norm": "batch", "schedule": "cosine", "meter": "norms"},
        **{"b.momentum": "0.01", "c.statistics": "population"},
    },
    until=UNTIL,
    controls=("activation", "batch_size", "lr", "momentum", "b.momentum"),
    charts=("learning", "histograms"),
    figure="bnnoise",
    published=N_(
        "Ioffe & Szegedy ask of inference that the output depend on the input alone (section 3.1), and no paper prints "
        "how far running averages lag in a network like this one. Checked instead is the formula for averages at rest; "
        "and below, what inference has to be rid of: how much an example owes to its companions in the minibatch "
        "(their section 3.4)."
    ),
    checks=checks,
    reading=(
        Reading(
            "Ioffe & Szegedy, Batch Normalization, 2015: section 3.1 and algorithm 2",
            "https://arxiv.org/abs/1502.03167",
        ),
        Reading(
            "Ioffe, Batch Renormalization, 2017: what follows from the difference between the two modes",
            "https://arxiv.org/abs/1702.03275",
        ),
        Reading(
            "Wu & Johnson, Rethinking “Batch” in BatchNorm, 2021: running averages against precise statistics",
            "https://arxiv.org/abs/2105.07576",
        ),
    ),
)
