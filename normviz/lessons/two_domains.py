"""Two domains: what one moving average makes of plain and of cluttered digits, and covariate shift itself."""

import math

from normviz import catalog
from normviz.language import N_, _, filled
from normviz.lessons import heldout
from normviz.lessons.lesson import Choice, Claim, Lesson, Reading, Verdict
from normviz.lessons.recording import Recording
from normviz.lessons.words import joined

UNTIL = 400
#: when the digits get other backgrounds, and when the network is judged that only its averages have changed since
SWITCH, SHIFTED = 200, 300
DOMAINS = (N_("mnist"), N_("textured"))
_BOTH = N_("three standard errors of a difference on 2,000 images")
_ONE = N_("three standard errors of a difference on 1,000 images")


def by_domain(recording: Recording, lane: int) -> dict[str, float]:
    """Return the held-out accuracy of each domain, as evaluated last; empty where there is one domain."""
    for frame in reversed([each for each in recording.frames if each.step <= UNTIL]):
        for note in frame.notes:
            if note.get("rule") == "domains" and note.get("lane") == lane:
                return {name: float(value) for name, value in note["values"].items()}
    return {}


def judge(recording: Recording) -> Verdict:
    """Compare alternating minibatches, mixed ones, and a normalization that has no averages."""
    right = [heldout.last(recording, lane, until=UNTIL) for lane in range(recording.lanes)]
    parts = [by_domain(recording, lane) for lane in range(recording.lanes)]
    words = [_said(recording, lane, parts[lane]) for lane in range(recording.lanes)]
    losses = [_loss(recording, lane) for lane in (0, 1)]
    words.append(
        _(
            "In training nothing is wrong with A: its last minibatches had a loss of {alternating:.2f}, those of B "
            "{mixed:.2f}. Its minibatches were normalized by their own domain's statistics. In eval mode both domains "
            "get one running average, which lies between them and fits neither."
        ).format(alternating=losses[0], mixed=losses[1])
    )
    drop = _difference(parts[1], parts[0], "textured")
    claims = (
        Claim(
            _("mixed less alternating: accuracy, both domains"),
            right[1] - right[0],
            0.04,
            1.0,
            _(_BOTH),
        ),
        Claim(_("mixed less alternating: accuracy on textured digits"), drop, 0.07, 1.0, _(_ONE)),
        Claim(
            _("LayerNorm less BatchNorm, both alternating"),
            right[2] - right[0],
            0.04,
            1.0,
            _(_BOTH),
        ),
        Claim(
            _("training loss, alternating / mixed"),
            losses[0] / losses[1],
            0.0,
            1.0,
            _("training shows nothing"),
        ),
    )
    return Verdict(tuple(words), claims, answer=_answer(right))


def _said(recording: Recording, lane: int, parts: dict[str, float]) -> str:
    words = heldout.said(recording, lane, UNTIL)
    if len(parts) < 2:
        return words
    each = joined(
        _("{value:.1%} of {domain}").format(value=value, domain=_(domain))
        for domain, value in parts.items()
    )
    return words + " " + _("In eval mode that is {each}.").format(each=each)


def _loss(recording: Recording, lane: int) -> float:
    """Return the mean loss of the minibatches that were measured in the last quarter of the run."""
    steps, values = recording.series("loss", lane)
    return float(values[steps >= steps[-1] * 3 / 4].mean())


def _difference(one: dict[str, float], other: dict[str, float], domain: str) -> float:
    return one.get(domain, math.nan) - other.get(domain, math.nan)


def _answer(right: list[float]) -> int | None:
    if not all(map(math.isfinite, right)):
        return None
    lost = right[1] - right[0]
    return 1 if lost >= 0.04 else 2 if lost <= -0.04 else 0


def judge_shift(recording: Recording) -> Verdict:
    """Compare accuracy before the digits change, at once after it, and when only running averages have followed."""
    before, after, followed = (
        [heldout.last(recording, lane, until=step) for lane in range(recording.lanes)]
        for step in (SWITCH - 1, SWITCH, SHIFTED)
    )
    words = [
        _(
            "{title}: {before:.1%} right on plain digits; {after:.1%} on cluttered "
            "ones at step {switch}, {followed:.1%} at step {end}."
        ).format(
            title=_by_norm(recording, lane),
            before=before[lane],
            after=after[lane],
            switch=SWITCH,
            followed=followed[lane],
            end=recording.steps[-1],
        )
        if math.isfinite(followed[lane])
        else _("{title} has diverged.").format(title=_by_norm(recording, lane))
        for lane in range(recording.lanes)
    ]
    words.append(
        _(
            "The digits are the same and so are the answers: only $p(x)$ has changed. The weights hardly move after "
            "step {switch} (learning rate 1e-6), so what lane B wins back, {won:+.1%}, it wins by new "
            "means and variances alone."
        ).format(switch=SWITCH, won=followed[1] - after[1])
    )
    claims = (
        *(
            Claim(
                _("{name}: accuracy lost by the change").format(name=name),
                before[lane] - followed[lane],
                0.2,
                1.0,
                _("no noise loses that"),
            )
            for lane, name in enumerate((_("no normalization"), "BatchNorm", "LayerNorm"))
        ),
        Claim(
            _("BatchNorm: won back by its averages"), followed[1] - after[1], 0.065, 1.0, _(_ONE)
        ),
        Claim(
            _("no normalization: changed since"),
            followed[0] - after[0],
            -0.02,
            0.02,
            _("the weights stand still"),
        ),
    )
    return Verdict(tuple(words), claims, answer=_shift_answer(before, after, followed))


def _by_norm(recording: Recording, lane: int) -> str:
    """Name a lane by its normalization; what changes at a step is the same in all."""
    norm = catalog.NORMS[recording.config.lanes()[lane].norm].label
    return _("**{name}** (Normalization: {norm})").format(
        name=recording.schema.lanes[lane].name, norm=_(norm)
    )


def _shift_answer(before: list[float], after: list[float], followed: list[float]) -> int | None:
    if not all(map(math.isfinite, [*before, *after, *followed])):
        return None
    if min(b - f for b, f in zip(before, followed, strict=True)) < 0.1:
        return 0
    return 2 if followed[1] - after[1] >= 0.05 else 1


_NETWORK = {
    **{"activation": "relu", "init": "he", "depth": "3", "width": "100"},
    **{"preprocessing": "centred", "batch_size": "64"},
}
_TO = {"dataset": "textured", "lr": "1e-06"}

SHIFT = Lesson(
    title=N_("Train on one, test on the other"),
    question=N_("What does plain covariate shift do, and can BatchNorm help itself?"),
    about=filled(
        N_(
            "Three networks learn plain digits for {switch} steps. Then the digits stand on cluttered backgrounds, and "
            "the weights stop: the learning rate becomes 1e-6. BatchNorm's running averages go on."
        ),
        switch=SWITCH,
    ),
    formula="",
    guess=Choice(
        N_("What happens to the held-out accuracy at the change?"),
        (
            N_("Little: a seven is a seven"),
            N_("It falls, in all alike, and stays there"),
            N_("It falls in all; BatchNorm then wins some of it back without learning"),
        ),
    ),
    judge=judge_shift,
    run={
        **{**_NETWORK, "dataset": "mnist", "b.norm": "batch", "c.norm": "layer"},
        **{
            f"{lane}{name}@{SWITCH}": value
            for lane in ("", "b.", "c.")
            for name, value in _TO.items()
        },
    },
    until=SHIFTED,
    controls=("depth", "width", "preprocessing"),
    charts=("learning", "moments"),
)

LESSON = Lesson(
    title=N_("Two domains"),
    question=N_("What does one moving average make of two kinds of pictures?"),
    about=N_(
        "Plain digits, and the same digits on cluttered, coloured backgrounds (here as grey values), have different "
        "means and variances. If both are in every minibatch, BatchNorm normalizes them as one; if minibatches "
        "alternate, each domain is normalized by itself in training, but evaluated with an average of both. "
        "A BatchNorm for each domain repairs that: the published figure below compares all three."
    ),
    formula=(
        "\\begin{gathered} \\mu \\leftarrow (1 - \\rho) \\mu + \\rho \\mu_B, \\quad "
        "\\mu_B = \\mu_1, \\mu_2, \\dots \\\\ "
        "\\mu \\to \\frac{(1 - \\rho) \\mu_1 + \\mu_2}{2 - \\rho} \\end{gathered}"
    ),
    guess=Choice(
        N_(
            "BatchNorm, and minibatches of plain and of cluttered digits in turn. Against mixed minibatches, how "
            "will it do in eval mode?"
        ),
        (
            N_("As well: it has seen the same pictures"),
            N_("Worse, though its training loss is no higher"),
            N_("Better: each minibatch is normalized by what it is"),
        ),
    ),
    judge=judge,
    run={
        **{**_NETWORK, "dataset": "two_domains", "norm": "batch", "order": "alternating"},
        **{"schedule": "cosine", "b.order": "shuffled", "c.norm": "layer"},
    },
    until=UNTIL,
    controls=("momentum", "batch_size", "statistics"),
    charts=("learning", "moments"),
    figure="perils",
    published=N_(
        "Irpan compares three ways, and so does the figure: **A** mixed minibatches, **B** one minibatch of each "
        "domain in turn and one moving average, **C** the same with a BatchNorm for each domain. B does worst "
        "and C as well as A. Its charts show the accuracy of all three on either domain; B's own weights once "
        "more, with each domain's statistics in the average's place; and the shared mean of every unit between "
        "the domains' own."
    ),
    reading=(
        Reading(
            "A. Irpan: On the perils of batch norm, 2017",
            "https://www.alexirpan.com/2017/04/26/perils-batch-norm.html",
        ),
        Reading(
            "Y. Li, N. Wang, J. Shi, J. Liu, X. Hou: Revisiting Batch Normalization for Practical Domain Adaptation, "
            "2016",
            "https://arxiv.org/abs/1603.04779",
        ),
    ),
    further=(SHIFT,),
    first=N_("Two domains, one average"),
)
