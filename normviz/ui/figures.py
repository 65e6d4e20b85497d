"""All published figures: choose one, see what its source says, run it again."""

import streamlit as st

from normviz.config import Problem
from normviz.language import _, told
from normviz.reproduce import FIGURES
from normviz.ui import study

_KEY, _PARAMETER = "figures.figure", "figure"


def draw() -> None:
    """Show the list of figures and the one that the link names; the link follows the choice."""
    st.title(_("Published figures, run again"))
    st.markdown(
        _(
            "What was printed, beside what comes out here, with the band that counts as the same result. "
            "`python -m normviz reproduce` does the same without a browser."
        )
    )
    wanted = st.query_params.get(_PARAMETER)
    if wanted is not None and wanted not in FIGURES:
        allowed = _("one of {names}").format(names=", ".join(FIGURES))
        st.error(str(Problem(_PARAMETER, f"`{_plain(wanted)}`", allowed)))
        del st.query_params[_PARAMETER]
    elif wanted is not None and _KEY not in st.session_state:
        st.session_state[_KEY] = wanted
    figure = st.selectbox(_("Figure"), list(FIGURES), key=_KEY, format_func=_title)
    if st.query_params.get(_PARAMETER) != figure:
        st.query_params[_PARAMETER] = figure
    study.draw(figure)


def _title(figure: str) -> str:
    return f"{told(FIGURES[figure].title)} ({told(FIGURES[figure].source)})"


def _plain(text: str) -> str:
    return text[:40].replace("`", "'")
