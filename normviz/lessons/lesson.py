"""What a lesson is: texts, a guess, a run with the controls that matter, and a judge of what was recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from normviz.config import RunConfig, from_link
from normviz.lessons.recording import Recording

Real = float | int


@dataclass(frozen=True)
class Choice:
    """A guess among a few answers."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Sketch:
    """A guess that is drawn: one value at each place.

    Attributes:
        question: what is to be drawn.
        x: the name of the horizontal axis, with its unit.
        y: the name of the vertical axis, with its unit.
        at: the places on the horizontal axis, ascending.
        low: the lower end of the vertical axis.
        high: its upper end.
        log: whether the vertical axis is logarithmic.
    """

    question: str
    x: str
    y: str
    at: tuple[Real, ...]
    low: Real
    high: Real
    log: bool = False


@dataclass(frozen=True)
class Claim:
    """A number that a lesson says must come out, and the band that counts.

    Attributes:
        label: what it is, with its unit if it has one.
        value: what came out.
        low: the smallest value that is inside.
        high: the largest value that is inside.
        source: where the band comes from.
    """

    label: str
    value: Real
    low: Real
    high: Real
    source: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether the value is inside; one that is not a number is not."""
        return bool(self.low <= self.value <= self.high)


@dataclass(frozen=True)
class Verdict:
    """What a run says.

    Attributes:
        words: sentences in Markdown with this run's own numbers.
        claims: what the lesson says must come out.
        answer: of a :class:`Choice`, the option that this run supports; None where it decides nothing.
        curve: of a :class:`Sketch`, the measured values at its places.
    """

    words: tuple[str, ...]
    claims: tuple[Claim, ...] = ()
    answer: int | None = None
    curve: tuple[float, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A paper: authors, title, year; ``where`` is its address, or empty."""

    text: str
    where: str


def _no_run() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        title: its name in the navigation.
        question: the question that it answers.
        about: three sentences, in Markdown with formulas.
        formula: LaTeX, shown large.
        guess: what a student commits to before the run.
        judge: says what a recorded run shows. It is called in the web process once the run has reached ``until`` or
            has ended, with any setting of ``controls``, and must survive lanes that have diverged.
        run: query parameters that differ from the default run, as in a link of the Lab.
        until: the step at which the run is judged, and ends unless ``run`` says otherwise.
        controls: the fields of lane A that matter here, or ``b.lr`` for those of another lane.
        charts: which charts of the live view are shown, in order; empty: all.
        figure: the published figures that are shown beside ours, by their names in ``normviz.reproduce``, with spaces
            between them; or empty.
        published: above them, what was published and, where nothing was, what is checked instead, in Markdown.
        checks: computes what is checked instead, in the web process when the page is drawn; it needs no run.
        reading: where to read on.
        further: further runs on the same page, each with a guess of its own. ``title`` is what the choice between the
            runs calls it, its question, ``about`` and formula stand above the guess; figure, checks and reading are the
            page's.
        first: what that choice calls the lesson's own run.
    """

    title: str
    question: str
    about: str
    formula: str
    guess: Choice | Sketch
    judge: Callable[[Recording], Verdict]
    run: Mapping[str, str] = field(default_factory=_no_run)
    until: int = 200
    controls: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    figure: str = ""
    published: str = ""
    checks: Callable[[], tuple[Claim, ...]] | None = None
    reading: tuple[Reading, ...] = ()
    further: tuple["Lesson", ...] = ()
    first: str = ""

    def config(self, **changes: str) -> RunConfig:
        """Return the lesson's run; ``changes`` are further query parameters."""
        return from_link({"steps": str(self.until), **self.run, **changes})
