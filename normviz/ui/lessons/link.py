"""A lesson's link: which of its runs is shown, and of each the guess and the settings that are not the lesson's own.

``guess=2`` is the second answer, ``guess=skipped`` none, ``guess=0.1_0.2_0.4`` a drawn curve; ``lr=0.5`` and
``b.momentum=0.02`` are settings. ``run=2`` shows the lesson's second run, whose guess is ``2.guess``.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from normviz.config import ConfigError, Problem
from normviz.config.problems import shown
from normviz.language import _
from normviz.lessons import Choice, Lesson, Sketch
from normviz.ui.lessons import controls, runs
from normviz.ui.lessons.state import Guess, State, guess, guessed, slot
from normviz.ui.link import FOREIGN

SKIPPED = "skipped"
_GUESS, _RUN = "guess", "run"


@dataclass(frozen=True)
class _Place:
    """One of a lesson's runs: what the session calls it, and what its parameters begin with."""

    name: str
    lesson: Lesson
    prefix: str


def _places(name: str, lesson: Lesson) -> Iterator[_Place]:
    for number, each in enumerate((lesson, *lesson.further)):
        yield _Place(runs.place(name, number), each, f"{number + 1}." if number else "")


def restore(state: State, query: Mapping[str, str], name: str, lesson: Lesson) -> None:
    """On coming to the page, take guesses and settings from the link, if it says anything.

    What is malformed is left as it is, and kept for :func:`problems`.
    """
    said = {field: value for field, value in query.items() if field not in FOREIGN}
    found = list[Problem]()
    for place in _places(name, lesson):
        _restore_guess(state, said, place, found)
        _restore_settings(state, said, place, found)
    _restore_run(state, said, name, lesson, found)
    found += (Problem(shown(field), shown(said[field]), _fields(lesson)) for field in said)
    state[slot(name, "problems")] = tuple(found)
    state.pop(slot(name, "written"), None)


def _restore_guess(state: State, said: dict[str, str], place: _Place, found: list[Problem]) -> None:
    field = place.prefix + _GUESS
    if (text := said.pop(field, None)) is None:
        return
    try:
        state[slot(place.name, "guess")] = read_guess(text, place.lesson.guess)
    except ValueError as error:
        found.append(Problem(field, shown(text), str(error)))


def _restore_settings(
    state: State, said: dict[str, str], place: _Place, found: list[Problem]
) -> None:
    lesson, values = place.lesson, dict[str, Any]()
    for control in lesson.controls:
        if (text := said.pop(place.prefix + control, None)) is None:
            continue
        try:
            controls.set_to(lesson, {**values, control: text})
        except ConfigError as error:
            found.extend(
                Problem(place.prefix + each.field, each.value, each.allowed)
                for each in error.problems
            )
        else:
            values[control] = text
    if values:
        controls.keep(state, place.name, lesson, controls.set_to(lesson, values))


def _restore_run(
    state: State, said: dict[str, str], name: str, lesson: Lesson, found: list[Problem]
) -> None:
    if not lesson.further or (text := said.pop(_RUN, None)) is None:
        return
    numbers = [str(number) for number in range(1, len(lesson.further) + 2)]
    if text in numbers:
        runs.show(state, name, numbers.index(text))
    else:
        found.append(
            Problem(_RUN, shown(text), _("one of {allowed}").format(allowed=", ".join(numbers)))
        )


def _fields(lesson: Lesson) -> str:
    own = [_GUESS, *lesson.controls]
    said = (
        _(
            "no such field; the fields are {fields}; of run 2 and on with its number before it, as 2.{guess}; and {run}"
        )
        if lesson.further
        else _("no such field; the fields are {fields}")
    )
    return said.format(fields=", ".join(own), guess=_GUESS, run=_RUN)


def read_guess(text: str, asked: Choice | Sketch) -> Guess:
    """Read a guess.

    Raises:
        ValueError: it is none; the text says what is allowed.
    """
    if text == SKIPPED:
        return None
    if isinstance(asked, Choice):
        numbers = [str(number) for number in range(1, len(asked.options) + 1)]
        if text not in numbers:
            raise ValueError(
                _("one of {allowed}, or {skipped}").format(
                    allowed=", ".join(numbers), skipped=SKIPPED
                )
            )
        return numbers.index(text)
    allowed = _("{at} numbers from {low:g} to {high:g} with _ between them, or {skipped}").format(
        at=len(asked.at), low=asked.low, high=asked.high, skipped=SKIPPED
    )
    try:
        values = tuple(map(float, text.split("_", len(asked.at))))
    except ValueError:
        raise ValueError(allowed) from None
    inside = all(math.isfinite(value) and asked.low <= value <= asked.high for value in values)
    if len(values) != len(asked.at) or not inside:
        raise ValueError(allowed)
    return values


def write_guess(made: Guess) -> str:
    """Write a guess; a drawn curve to four digits."""
    if made is None:
        return SKIPPED
    return str(made + 1) if isinstance(made, int) else "_".join(f"{value:.4g}" for value in made)


def problems(state: State, name: str) -> tuple[Problem, ...]:
    """Return what was wrong with the link, until something of the lesson is touched."""
    return state.get(slot(name, "problems"), ())


def write(state: State, query: Any, name: str, lesson: Lesson) -> None:  # noqa: ANN401 - Streamlit's query parameters
    """Put guesses and settings into the link, leaving what is not ours."""
    ours = _written(state, name, lesson)
    if state.setdefault(slot(name, "written"), ours) != ours:
        state[slot(name, "problems")], state[slot(name, "written")] = (), ours
    wanted = {**{field: value for field, value in query.items() if field in FOREIGN}, **ours}
    if dict(query) != wanted:
        query.from_dict(wanted)


def _written(state: State, name: str, lesson: Lesson) -> dict[str, str]:
    ours = {_RUN: str(number + 1)} if (number := runs.kept(state, name)) else {}
    for place in _places(name, lesson):
        if guessed(state, place.name):
            ours[place.prefix + _GUESS] = write_guess(guess(state, place.name))
        for control, value in controls.changed(state, place.name, place.lesson).items():
            ours[place.prefix + control] = controls.written(value)
    return ours
