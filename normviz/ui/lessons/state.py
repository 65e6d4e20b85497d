"""What a session keeps of a lesson, apart from the Lab and from the other lessons.

Streamlit forgets a control's value when its page is left; what is kept here is no control's.
"""

from collections.abc import MutableMapping
from typing import Any

State = MutableMapping[Any, Any]
Guess = int | tuple[float, ...] | None


def slot(name: str, what: str) -> str:
    """Return the session key of something of a lesson."""
    return f"lesson.{name}.{what}"


def guessed(state: State, name: str) -> bool:
    """Tell whether a guess was made, or skipped."""
    return slot(name, "guess") in state


def guess(state: State, name: str) -> Guess:
    """Return the guess: the option's number, the drawn values, or None where it was skipped."""
    return state.get(slot(name, "guess"))
