"""A visitor's own data: a CSV file becomes the data set of lane A.

The session keeps no more of them than their name and what it says of them: Streamlit keeps sessions longer than their
pages, and the shelf does not.
"""

from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from normviz.config import LaneConfig
from normviz.data import csvfile
from normviz.data.csvfile import LIMITS, MOST_BYTES, CsvError
from normviz.data.own import ShelfFull, Table, shelf
from normviz.settings import Settings
from normviz.ui import lecture
from normviz.ui.link import State, key

OWN = "own"
#: The controls that an upload sets.
SETS = ("dataset", "own")
#: How long data are held that no run uses, from the last change on their page.
KEEP_SECONDS = 900.0
_LABEL, _ROUND = "own.label", "own.round"
_MINE, _SAID, _PROBLEMS = "own.mine", "own.said", "own.problems"
_DATASET, _NAME = key(0, "dataset"), key(0, "own")
#: Inputs that reach further from 0 are hard to train on as they are.
_FAR = 10


def draw() -> None:
    """Offer the upload, say what is allowed, and what came of it."""
    state = st.session_state
    if state.get(_MINE):
        shelf().hold(state[_MINE], KEEP_SECONDS)
        if state[_DATASET] == OWN and not state[_NAME]:
            state[_NAME] = state[_MINE]
    with st.expander("Your own data (CSV)", expanded=state[_DATASET] == OWN):
        st.caption(
            f"Columns of numbers and one of classes; the first row names them. {LIMITS} They stay in this "
            f"server's memory while a run uses them, and up to {KEEP_SECONDS / 60:.0f} minutes after the last change "
            "on this page."
        )
        st.text_input(
            "Column of the classes",
            key=_LABEL,
            placeholder="the last one",
            max_chars=csvfile.LONGEST,
        )
        st.file_uploader(
            "CSV file",
            ["csv", "tsv", "txt"],
            key=_file(state),
            on_change=_take,
            max_upload_size=MOST_BYTES // 2**20,
            label_visibility="collapsed",
        )
        if state.get(_PROBLEMS):
            st.error("\n".join(["This file cannot be used.", "", *map(_line, state[_PROBLEMS])]))
        _say(state)


def _file(state: State) -> str:
    """Return the key of the uploader: a new one after every file, so that none stays in it."""
    return f"own.file.{state.get(_ROUND, 0)}"


def _say(state: State) -> None:
    """Tell what is there, or what a link asks for that is not."""
    for sentence in state.get(_SAID) or ():
        st.caption(sentence)
    if state.get(_MINE):
        st.button("Remove them", on_click=_let_go)
    if state[_DATASET] != OWN or not state[_NAME]:
        return
    if shelf().find([state[_NAME]]):
        st.caption(
            "The data are not in the link. Whoever opens it sees this run while the data are on this server, and "
            "elsewhere has to upload the same file."
        )
    else:
        st.warning(
            f"These data are not here (`{state[_NAME]}`), or not any more. Upload the same file, with the same column "
            "of classes, and press Run again."
        )


def _line(problem: str) -> str:
    return f"- {_verbatim(problem)}"


def _verbatim(text: str) -> str:
    """Show text that quotes a file such that no Markdown in it takes effect."""
    return "`" + text.replace("`", "'") + "`"


def _take() -> None:
    """Read the file that has come, and leave none in Streamlit's memory."""
    state = st.session_state
    file, label = state.get(_file(state)), state.get(_LABEL, "").strip()
    state[_ROUND] = state.get(_ROUND, 0) + 1
    state[_PROBLEMS] = ()
    if file is None:
        return
    try:
        _use(csvfile.read(file.getvalue(), label or None))
    except CsvError as error:
        state[_PROBLEMS] = error.problems
    except ShelfFull as error:
        state[_PROBLEMS] = (str(error),)
    if context := get_script_run_ctx():
        context.uploaded_file_mgr.remove_session_files(context.session_id)


def take_drawn(text: Any) -> str:  # noqa: ANN401 - what a browser sent
    """Take points that were drawn on the decision surface, as a CSV file. Say why, where they cannot be used."""
    state = st.session_state
    if not all(lecture.open_to(state, name) for name in SETS):
        return f"This link does not offer it: {lecture.NAMES[SETS[0]]}."
    try:
        _use(csvfile.read(str(text)[:MOST_BYTES].encode(errors="replace")))
    except (CsvError, ShelfFull) as error:
        return f"These points cannot be used: {_verbatim(str(error))}"
    state[_PROBLEMS] = ()
    return ""


def _use(table: Table) -> None:
    """Make a table the data set, in the place of the one before.

    Raises:
        ShelfFull: there is no room for it.
    """
    state = st.session_state
    held = shelf().put(table, Settings().own_mb * 2**20)
    shelf().hold(held.name, KEEP_SECONDS)
    if state.get(_MINE) not in (None, held.name):
        shelf().drop(state[_MINE])
    state[_MINE], state[_SAID] = held.name, _said(held)
    state[_DATASET], state[_NAME] = OWN, held.name


def _said(table: Table) -> list[str]:
    """Say how large a table is, and how large its numbers are."""
    rows, columns = table.x.shape
    said = [f"{rows:,} rows, {columns:,} columns, {len(table.classes)} classes."]
    far = float(abs(table.x).max())
    if far > _FAR:
        said.append(
            f"Numbers go up to {far:,.4g}: *z-score* under Preprocessing brings all columns to one scale."
        )
    return said


def _let_go() -> None:
    state = st.session_state
    shelf().drop(state[_MINE])
    state[_MINE], state[_SAID] = None, ()
    if state[_DATASET] == OWN:
        state[_DATASET], state[_NAME] = LaneConfig().dataset, ""
