"""What a lecturer asks the class in a room, and what the class answers. Nobody has a name; a page answers once."""

import csv
import io
import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

#: Letters of a question, and of one option or the name of an axis; how many options and places there may be.
QUESTION_LETTERS, OPTION_LETTERS = 400, 160
FEWEST, MOST = 2, 6
PLACES = 60
#: So many curves are drawn one by one; all of them count for the band.
CURVES = 40
#: Letters of what a page calls itself: a random number of its own, which nothing is known of.
PAGE_LETTERS = 64
#: A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Answer = int | tuple[float, ...]


class BadQuestion(ValueError):
    """A question that cannot be asked. The text names the field, its value and what is allowed."""


@dataclass(frozen=True)
class Axes:
    """What a curve is drawn on: names with units, places on the horizontal axis, ends of the vertical one."""

    x: str
    y: str
    at: tuple[float, ...]
    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Question:
    """What is asked: one of the options, or without options a curve.

    Attributes:
        text: the question, as plain text.
        options: the answers to choose from.
        axes: what the curve is drawn on.
        lesson: the lesson whose run answers it, as pages name it; empty of the lecturer's own words.
    """

    text: str
    options: tuple[str, ...] = ()
    axes: Axes | None = None
    lesson: str = ""

    def __post_init__(self) -> None:
        _within("question", self.text, QUESTION_LETTERS)
        if (self.axes is None) is not bool(self.options):
            raise BadQuestion("a question has options or axes, and not both")
        if self.axes is None:
            self._check_options()
        else:
            _check(self.axes)

    def _check_options(self) -> None:
        if not FEWEST <= len(self.options) <= MOST:
            allowed = f"allowed: {FEWEST} to {MOST} different ones"
            raise BadQuestion(f"options: {len(self.options)}; {allowed}")
        for number, option in enumerate(self.options, 1):
            _within(f"option {number}", option, OPTION_LETTERS)
        if len(set(self.options)) < len(self.options):
            twice = next(o for o, n in Counter(self.options).items() if n > 1)
            raise BadQuestion(f"options: {twice!r} is there twice; allowed: different ones")

    def answer(self, sent: Any) -> Answer:  # noqa: ANN401 - what a browser sent
        """Return what a page has answered; a curve is brought within the axis.

        Raises:
            BadQuestion: it is no answer to this.
        """
        if self.axes is None:
            if not isinstance(sent, int) or isinstance(sent, bool):
                sent = -1
            if not 0 <= sent < len(self.options):
                raise BadQuestion(f"answer: allowed: a number from 0 to {len(self.options) - 1}")
            return sent
        places = len(self.axes.at)
        if not isinstance(sent, list) or len(sent) != places or not all(map(_finite, sent)):
            raise BadQuestion(f"answer: allowed: {places} numbers, one a place")
        low, high = self.axes.low, self.axes.high
        return tuple(min(high, max(low, float(value))) for value in sent)


@dataclass(eq=False)
class Asked:
    """A question in a room, and the answers.

    Attributes:
        question: what is asked.
        answers: by page; the newest of each.
        revealed: whether all see the answers, which no longer change.
        right: what the lesson's run has shown, once it is judged: an option or a curve.
        version: counts what all pages have to be told: that it is revealed, that it is judged.
        most: how many pages may answer.
        given: counts the answers that were given, the first and the later ones.
    """

    question: Question
    most: int
    answers: dict[str, Answer] = field(default_factory=dict)
    revealed: bool = False
    right: Answer | None = None
    version: int = 0
    given: int = 0
    _counted: tuple[int, dict[str, Any]] | None = None

    def take(self, page: str, sent: Any) -> None:  # noqa: ANN401 - what a browser sent
        """Take a page's answer, in the place of the one before.

        Raises:
            BadQuestion: it is no answer, or none is taken any more.
        """
        if self.revealed:
            raise BadQuestion("answer: the answers are revealed; allowed: none any more")
        if not 0 < len(page) <= PAGE_LETTERS:
            raise BadQuestion(f"page: allowed: 1 to {PAGE_LETTERS} letters")
        if page not in self.answers and len(self.answers) >= self.most:
            raise BadQuestion(f"answer: {self.most} pages have answered already")
        self.answers[page] = self.question.answer(sent)
        self.given += 1

    def results(self) -> dict[str, Any]:
        """Return how the answers are distributed.

        Of options the count of each. Of curves at every place the 25th, 50th and 75th percentile (linear between
        answers), and the newest few as they are.
        """
        if self._counted is None or self._counted[0] != self.given:
            self._counted = self.given, self._count()
        return self._counted[1]

    def _count(self) -> dict[str, Any]:
        if self.question.axes is None:
            counts = Counter(self.answers.values())
            shares = [counts[index] for index in range(len(self.question.options))]
            return {"count": len(self.answers), "counts": shares}
        curves = [answer for answer in self.answers.values() if isinstance(answer, tuple)]
        band = np.percentile(curves, (25, 50, 75), axis=0).tolist() if curves else []
        return {"count": len(curves), "band": band, "curves": curves[-CURVES:]}

    def told(self, *, results: bool) -> dict[str, Any]:
        """Return what a page is told: the question, with or without the answers of all."""
        axes = self.question.axes
        return {
            "is": "asked",
            "text": self.question.text,
            "options": self.question.options,
            "axes": axes and asdict(axes),
            "lesson": bool(self.question.lesson),
            "revealed": self.revealed,
            "right": _written(self.right),
            "results": self.results() if results else None,
        }

    def csv(self) -> str:
        """Return all answers as a table without names: a row an answer, of a curve a column a place."""
        out = io.StringIO()
        table = csv.writer(out)
        question, axes = self.question, self.question.axes
        columns = ["answer"] if axes is None else [f"{axes.x} {at:g}" for at in axes.at]
        table.writerow(map(plain, ("question", *columns)))
        for answer in self.answers.values():
            cells = (
                map(repr, answer)
                if isinstance(answer, tuple)
                else [plain(question.options[answer])]
            )
            table.writerow([plain(question.text), *cells])
        return out.getvalue()


def _written(right: Answer | None) -> int | list[float | None] | None:
    """Return what the run has shown as JSON has it: a value that is not finite is none."""
    if not isinstance(right, tuple):
        return right
    return [value if math.isfinite(value) else None for value in right]


def plain(text: str) -> str:
    """Return a text as a cell that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def _within(name: str, text: str, letters: int) -> None:
    if not text.strip() or len(text) > letters or not text.isprintable():
        given = f"{len(text)} letters" if len(text) > letters else repr(text)
        raise BadQuestion(f"{name}: {given}; allowed: 1 to {letters} letters on one line")


def _finite(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _check(axes: Axes) -> None:
    """Refuse axes that nothing can be drawn on."""
    _within("horizontal axis", axes.x, OPTION_LETTERS)
    _within("vertical axis", axes.y, OPTION_LETTERS)
    if not FEWEST <= len(axes.at) <= PLACES or list(axes.at) != sorted(set(axes.at)):
        allowed = f"allowed: {FEWEST} to {PLACES} ascending numbers"
        raise BadQuestion(f"places: {len(axes.at)}; {allowed}")
    if not all(map(_finite, (*axes.at, axes.low, axes.high))) or axes.low >= axes.high:
        raise BadQuestion(
            f"vertical axis: from {axes.low:g} to {axes.high:g}; allowed: the first below the second"
        )
    if axes.log and axes.low <= 0:
        raise BadQuestion(
            f"vertical axis: from {axes.low:g}; allowed on a logarithmic one: above 0"
        )
