"""How much learning rate? Four networks at three rates, and what the companions in the minibatch do to an example."""

import math

import numpy as np
from numpy.typing import NDArray

from normviz.language import N_, _
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording

UNTIL = 100
#: A network trains if its held-out loss is below half of what knowing nothing costs, in nats.
TRAINS = math.log(10) / 2
PLAIN, NORMED = (0, 1), (2, 3)
_NAMES = ("A", "B", "C", "D")
_OPTIONS = (
    N_("Both still train"),
    N_("Only the one without normalization"),
    N_("Only the one with BatchNorm"),
    N_("Neither"),
)


def companions(
    value: float, batch: int, draws: int, seed: int = 0
) -> tuple[NDArray[np.float64], float]:
    """Normalize one value in batches with Gaussian companions, drawn anew each time.

    Args:
        value: the example's z, in standard deviations of all examples.
        batch: examples of the minibatch, this one included; 2 or more.
        draws: how many batches.
        seed: of the companions.

    Returns:
        The normalized z of the example in every batch, shape (draws,), and the variance that it has to first order in
        1 / batch: (1 + z^2 / 2) / batch.
    """
    others = np.random.default_rng(seed).standard_normal((draws, batch - 1))
    whole = np.concatenate([np.full((draws, 1), value), others], axis=1)
    normalized = (value - whole.mean(1)) / whole.std(1)
    return normalized, (1 + value**2 / 2) / batch


def loss(recording: Recording, lane: int) -> float:
    """Return the held-out loss with batch statistics at the end, in nats; infinite for a lane that has diverged."""
    if not recording.alive(lane, UNTIL):
        return math.inf
    found = float(recording.value("heldout_batch_loss", lane, UNTIL))
    return found if math.isfinite(found) else float(recording.value("loss", lane, UNTIL))


def judge(recording: Recording) -> Verdict:
    """Say which lane trains at which rate, and what that says of the largest rate that does."""
    losses = [loss(recording, lane) for lane in range(recording.lanes)]
    rates = [lane.lr for lane in recording.config.lanes()]
    words = [_said(recording, lane, rates[lane], losses[lane]) for lane in range(len(losses))]
    words += [_bracket(_("without normalization"), PLAIN, rates, losses)]
    words += [_bracket(_("with BatchNorm"), NORMED, rates, losses)]
    lowest, far = (
        _("loss of the same rate"),
        _("knowing nothing costs 2.303 nats; half of it counts as training"),
    )
    claims = (
        Claim(_("A, without, rate 0.1: held-out loss, nats"), losses[0], 0, TRAINS, far),
        Claim(
            _("B, without, rate 1: held-out loss, nats (infinite: diverged)"),
            losses[1],
            TRAINS,
            math.inf,
            far,
        ),
        Claim(_("C, BatchNorm, rate 1: held-out loss, nats"), losses[2], 0, TRAINS, far),
        Claim(_("D, BatchNorm, rate 10: held-out loss, nats"), losses[3], TRAINS, math.inf, far),
        Claim(
            _("A less C: ten times the rate pays, nats"), losses[0] - losses[2], 0, math.inf, lowest
        ),
    )
    plain, normed = losses[1] < TRAINS, losses[2] < TRAINS
    answer = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}
    asked = math.isclose(rates[1], rates[2])
    return Verdict(tuple(words), claims, answer=answer[plain, normed] if asked else None)


def _said(recording: Recording, lane: int, rate: float, found: float) -> str:
    how = _("without normalization") if lane in PLAIN else _("with BatchNorm")
    name = _("**{lane}** ({how}, rate {rate:g})").format(lane=_NAMES[lane], how=how, rate=rate)
    if math.isinf(found):
        return _("{name} has diverged: the loss is no finite number any more.").format(name=name)
    said = (
        _("{name} trains: held-out loss {found:.2f} nats after {until} steps.")
        if found < TRAINS
        else _("{name} does not train: held-out loss {found:.2f} nats after {until} steps.")
    )
    return said.format(name=name, found=found, until=UNTIL)


def _bracket(how: str, lanes: tuple[int, int], rates: list[float], losses: list[float]) -> str:
    """Say between which of two rates the largest one lies that still trains."""
    trained = [rates[lane] for lane in lanes if losses[lane] < TRAINS]
    failed = [rates[lane] for lane in lanes if not losses[lane] < TRAINS]
    if trained and failed and max(trained) < min(failed):
        return _(
            "The largest rate that trains {how} is between **{trained:g}** and **{failed:g}**."
        ).format(how=how, trained=max(trained), failed=min(failed))
    if trained and not failed:
        return _(
            "The largest rate that trains {how} is **{trained:g}** or more: raise one of the two rates."
        ).format(how=how, trained=max(trained))
    if failed and not trained:
        return _(
            "The largest rate that trains {how} is below **{failed:g}**: lower one of the two rates."
        ).format(how=how, failed=min(failed))
    return _("Of the two rates {how} the larger one trains and the smaller one does not.").format(
        how=how
    )


LESSON = Lesson(
    title=N_("How much learning rate?"),
    question=N_("How large a step can a network take, and what does BatchNorm change about it?"),
    about=N_(
        "A step of gradient descent follows a tangent: too large a step lands where the tangent says nothing any more, "
        "and the loss explodes. Behind BatchNorm the output does not depend on the size of the weights, and the "
        "gradient falls as they grow, so steps that are too large make themselves smaller. In exchange an example's "
        "activations depend on its companions in the minibatch: noise, much like that of dropout, that is smaller in "
        "larger minibatches."
    ),
    formula=(
        "\\begin{gathered} \\mathrm{BN}(a W x) = \\mathrm{BN}(W x), \\qquad "
        "\\frac{\\partial L}{\\partial (a W)} = \\frac1a\\, \\frac{\\partial L}{\\partial W} \\\\[1ex] "
        "\\operatorname{Var}\\big[\\hat z \\,|\\, z\\big] \\approx \\frac{1 + z^2 / 2}{B} \\end{gathered}"
    ),
    guess=Choice(
        N_(
            "At a learning rate of 0.1 this network of five ReLU layers trains, with and without BatchNorm. Which of "
            "the two still trains at ten times the rate?"
        ),
        _OPTIONS,
    ),
    judge=judge,
    run={
        **{"depth": "5", "width": "100", "activation": "relu", "init": "he", "batch_size": "100"},
        **{
            "lr": "0.1",
            "b.lr": "1",
            "c.lr": "1",
            "c.norm": "batch",
            "d.lr": "10",
            "d.norm": "batch",
        },
    },
    until=UNTIL,
    controls=("lr", "b.lr", "c.lr", "d.lr", "seed"),
    charts=("learning", "gradients"),
    figure="lrrange bnnoise",
    reading=(
        Reading(
            "S. Ioffe, C. Szegedy: Batch normalization, 2015, sections 3.3, 3.4 and 4.2",
            "https://arxiv.org/abs/1502.03167",
        ),
        Reading(
            "J. Bjorck, C. Gomes, B. Selman, K. Weinberger: Understanding batch normalization, 2018",
            "https://arxiv.org/abs/1806.02375",
        ),
        Reading(
            "P. Luo, X. Wang, W. Shao, Z. Peng: Towards understanding regularization in batch normalization, 2019",
            "https://arxiv.org/abs/1809.00846",
        ),
        Reading(
            "N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: Dropout, 2014",
            "https://jmlr.org/papers/v15/srivastava14a.html",
        ),
    ),
)
