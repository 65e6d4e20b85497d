"""All lessons as cards, each with a picture of its own run."""

from pathlib import Path

import streamlit as st

from normviz.language import _, told
from normviz.lessons import LESSONS
from normviz.ui import navigation
from normviz.ui.lessons import frame

#: Pictures of real runs; ``make thumbnails`` takes them anew.
THUMBNAILS = Path(__file__).with_name("thumbnails")
_IN_A_ROW = 3


def page() -> None:
    """Draw the page."""
    frame.draw()
    st.title(_("Lessons"), anchor=False)
    st.markdown(
        _(
            "Each asks a question and lets you guess. Then a network is trained before your eyes, and the page says "
            "what came out, beside your guess and beside what was published."
        )
    )
    names = list(LESSONS)
    for start in range(0, len(names), _IN_A_ROW):
        row = names[start : start + _IN_A_ROW]
        for column, name in zip(st.columns(_IN_A_ROW), row, strict=False):
            with column, st.container(border=True, height="stretch"):
                _card(name)


def _card(name: str) -> None:
    picture = THUMBNAILS / f"{name}.webp"
    if picture.exists():
        st.image(str(picture), width="stretch", alt="")
    st.page_link(navigation.path(name), label=f"**{navigation.label(name)}**")
    st.markdown(told(LESSONS[name].question))
