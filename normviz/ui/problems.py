"""What is wrong with a link, said on the page: field, value and what is allowed."""

from collections.abc import Iterable

import streamlit as st

from normviz.config import Problem


def say(found: Iterable[Problem], what: str) -> None:
    """Say it, below the sentence ``what``; nothing where nothing is wrong."""
    lines = [f"- {_verbatim(p.field)} is {_verbatim(p.value)}; allowed: {p.allowed}" for p in found]
    if lines:
        st.error("\n".join([what, "", *lines]))


def _verbatim(text: str) -> str:
    """Show text from outside as it is, without its Markdown taking effect."""
    return "`" + text.replace("`", "'") + "`"
