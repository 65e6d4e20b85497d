"""What is wrong with a link, said on the page: field, value and what is allowed."""

from collections.abc import Iterable

import streamlit as st

from normviz.config import Problem
from normviz.language import _


def say(found: Iterable[Problem], what: str) -> None:
    """Say it, below the sentence ``what``; nothing where nothing is wrong."""
    if lines := [f"- {_line(problem)}" for problem in found]:
        st.error("\n".join([what, "", *lines]))


def _line(problem: Problem) -> str:
    return _("{field} is {value}; allowed: {allowed}").format(
        field=_verbatim(problem.field), value=_verbatim(problem.value), allowed=problem.allowed
    )


def _verbatim(text: str) -> str:
    """Show text from outside as it is, without its Markdown taking effect."""
    return "`" + text.replace("`", "'") + "`"
