"""The other runs of *Break BatchNorm*: batch sizes side by side, minibatches of one class, a recurrent network."""

import math

import numpy as np

from normviz.language import N_, _
from normviz.lessons import heldout
from normviz.lessons.lesson import Choice, Claim, Lesson, Sketch, Verdict
from normviz.lessons.recording import Recording

_NETWORK = {
    **{"activation": "relu", "init": "he", "depth": "3", "width": "100"},
    "preprocessing": "zscore",
}
#: SIZES
BATCHES = (1, 2, 8, 32)
SIZES_UNTIL = 500
#: SORTED
SORTED_UNTIL = 300
#: RECURRENT; sequences have 5 to 25 steps, all lengths equally likely
RECURRENT_UNTIL = 200
SHORTEST, LONGEST = 5, 25


def judge_sizes(recording: Recording) -> Verdict:
    """Compare BatchNorm at four batch sizes, and both ways to evaluate it."""
    eval_mode, batch = (
        [heldout.last(recording, lane, field, SIZES_UNTIL) for lane in range(recording.lanes)]
        for field in (heldout.EVAL, heldout.BATCH)
    )
    words = [heldout.said(recording, lane, SIZES_UNTIL) for lane in range(recording.lanes)]
    words.append(_gap(eval_mode[1] - batch[1]))
    claims = (
        Claim(_("batch 32: held-out accuracy"), eval_mode[0], 0.85, 1.0, _("it learns")),
        Claim(_("batch 2: held-out accuracy"), eval_mode[2], 0.0, 0.4, _("most is lost")),
        Claim(
            _("batch 1: held-out accuracy"),
            eval_mode[3],
            0.0,
            0.16,
            _("chance, 0.10, and six standard errors"),
        ),
        Claim(
            _("batch 8: running averages - batch statistics"),
            eval_mode[1] - batch[1],
            0.03,
            1.0,
            _("a gap that shows"),
        ),
    )
    return Verdict(tuple(words), claims, curve=tuple(reversed(eval_mode)))


def _gap(gap: float) -> str:
    if not math.isfinite(gap):
        return _("Lane B has no two accuracies to compare.")
    twice = (
        _(
            "The same weights, evaluated twice: with running averages lane B has {gap:.1%} more right than with the "
            "statistics of minibatches of its own size."
        )
        if gap > 0
        else _(
            "The same weights, evaluated twice: with running averages lane B has {gap:.1%} less right than with the "
            "statistics of minibatches of its own size."
        )
    )
    meaning = _(
        "That is the gap between training and inference: the running averages have seen many minibatches, a minibatch "
        "only itself."
    )
    return f"{twice.format(gap=abs(gap))} {meaning}"


def judge_sorted(recording: Recording) -> Verdict:
    """Compare what minibatches of one class teach the four normalizations."""
    right = [heldout.last(recording, lane, until=SORTED_UNTIL) for lane in range(recording.lanes)]
    words = [heldout.said(recording, lane, SORTED_UNTIL) for lane in range(recording.lanes)]
    own = _training_accuracy(recording, 0)
    words.append(
        _(
            "On its own minibatches of training BatchNorm had {own:.0%} right (mean over the last third of the run). "
            "All images of a minibatch are of one class, and BatchNorm takes away what they have in common: the "
            "class. What is left to learn is which class comes now, and the biases of the output do that."
        ).format(own=own)
    )
    claims = (
        Claim(_("BatchNorm: held-out accuracy"), right[0], 0.0, 0.2, _("chance is 0.10")),
        Claim(
            _("Batch Renorm: held-out accuracy"),
            right[1],
            0.0,
            0.2,
            _("it leans on the same averages"),
        ),
        Claim(
            _("LayerNorm less BatchNorm"), right[2] - right[0], 0.2, 1.0, _("it learns, if badly")
        ),
        Claim(
            _("GroupNorm less BatchNorm"), right[3] - right[0], 0.2, 1.0, _("it learns, if badly")
        ),
    )
    return Verdict(tuple(words), claims, answer=_suffers(right))


def _training_accuracy(recording: Recording, lane: int) -> float:
    steps, values = recording.series("accuracy", lane)
    late = values[(steps > steps[-1] * 2 / 3) | (steps == steps[-1])]
    return float(np.mean(late))


def _suffers(right: list[float]) -> int | None:
    if not all(map(math.isfinite, right)):
        return None
    batch, others = max(right[:2]), min(right[2:])
    if batch < 0.2 <= others:
        return 1
    return 2 if max(right) < 0.2 else 0 if min(right) > 0.8 else None


def left(batch: int, step: int) -> float:
    """Return how many of a minibatch's sequences are expected to have a time step, counted from 1."""
    return batch * min(1.0, (LONGEST + 1 - step) / (LONGEST + 1 - SHORTEST))


def judge_recurrent(recording: Recording) -> Verdict:
    """Compare no normalization, BatchNorm and LayerNorm through time."""
    right = [
        heldout.last(recording, lane, until=RECURRENT_UNTIL) for lane in range(recording.lanes)
    ]
    words = [heldout.said(recording, lane, RECURRENT_UNTIL) for lane in range(recording.lanes)]
    size = recording.config.lane.batch_size
    first, last = (recording.value("act_std", 1, RECURRENT_UNTIL)[at] for at in (0, -1))
    words.append(
        _(
            "BatchNorm needs a mean and a variance of its own for each of {longest} time steps, and there is none "
            "for a longer sequence. Of {size} sequences about {left:.2g} last to step {longest}: there it "
            "normalizes over hardly anything. In its last minibatch its states had a standard deviation of {first:.2g} "
            "at step 1 and {last:.2g} at step {longest}. LayerNorm takes its statistics from one state, whatever the "
            "time and whoever else is there."
        ).format(longest=LONGEST, size=size, left=left(size, LONGEST), first=first, last=last)
    )
    claims = (
        Claim(
            _("LayerNorm: held-out accuracy"),
            right[2],
            0.95,
            1.0,
            _("it remembers the first step; chance is 0.25"),
        ),
        Claim(
            _("LayerNorm less BatchNorm"),
            right[2] - right[1],
            0.2,
            1.0,
            _("far more than 500 sequences can be off by"),
        ),
    )
    return Verdict(tuple(words), claims, answer=_remembers(right))


def _remembers(right: list[float]) -> int | None:
    if not all(map(math.isfinite, right)):
        return None
    batch, layer = (value > 0.9 for value in right[1:3])
    return {(True, True): 2, (False, True): 1, (True, False): 0}.get((batch, layer))


SIZES = Lesson(
    title=N_("BatchNorm at 32, 8, 2 and 1"),
    question=N_("How fast does it fall?"),
    about=N_(
        "Four lanes, all with BatchNorm and the same learning rate, 500 minibatches each. Watch the dashed curves "
        "too: the same weights with batch statistics."
    ),
    formula="",
    guess=Sketch(
        N_(
            "Draw the held-out accuracy after 500 minibatches of each size. With 32 it is about 0.9."
        ),
        x=N_("images in a minibatch"),
        y=N_("held-out accuracy, eval mode"),
        at=tuple(map(float, BATCHES)),
        low=0.0,
        high=1.0,
    ),
    judge=judge_sizes,
    run={
        **_NETWORK,
        **{"norm": "batch", "lr": "0.05", "batch_size": "32"},
        **{"b.batch_size": "8", "c.batch_size": "2", "d.batch_size": "1"},
    },
    until=SIZES_UNTIL,
    controls=("momentum", "lr", "statistics"),
    charts=("learning", "histograms"),
)

SORTED = Lesson(
    title=N_("Sorted by class"),
    question=N_("Nobody shuffled the data: what does a minibatch of nothing but sevens teach?"),
    about=N_(
        "All minibatches of class 0 come first, then those of class 1, and so on, 32 images each."
    ),
    formula="",
    guess=Choice(
        N_("After two and a half epochs, which of the four tell held-out digits apart?"),
        (
            N_("All four: every image was seen as often as with shuffling"),
            N_("Layer and Group Norm, badly; BatchNorm and Batch Renorm not at all"),
            N_("None of the four"),
        ),
    ),
    judge=judge_sorted,
    run={
        **_NETWORK,
        **{"norm": "batch", "lr": "0.02", "batch_size": "32", "order": "sorted"},
        **{"b.norm": "renorm", "c.norm": "layer", "d.norm": "group"},
    },
    until=SORTED_UNTIL,
    controls=("order", "batch_size", "lr"),
    charts=("learning", "histograms"),
)

RECURRENT = Lesson(
    title=N_("Through time"),
    question=N_("Why not in a recurrent network?"),
    about=N_(
        "A recurrent network of 50 units reads sequences of 5 to 25 steps and has to name at the end what the first "
        "step was; 20 sequences in a minibatch. BatchNorm has statistics for every time step, as in Cooijmans et al. "
        "2017."
    ),
    formula="",
    guess=Choice(
        N_("Which remembers after 200 minibatches?"),
        (N_("BatchNorm, not LayerNorm"), N_("LayerNorm, not BatchNorm"), N_("Both")),
    ),
    judge=judge_recurrent,
    run={
        **{"model": "rnn", "dataset": "recall", "activation": "tanh", "width": "50"},
        **{"init": "orthogonal", "batch_size": "20", "lr": "0.02"},
        **{"b.norm": "batch", "c.norm": "layer"},
    },
    until=RECURRENT_UNTIL,
    controls=("batch_size", "lr", "optimizer"),
    charts=("learning", "moments"),
)
