"""A visitor's own data: a CSV file becomes the data set of lane A.

The session keeps no more of them than their name and what it says of them: Streamlit keeps sessions longer than their
pages, and the shelf does not.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from normviz.config import LaneConfig
from normviz.data import csvfile
from normviz.data.csvfile import MOST_BYTES, CsvError, limits
from normviz.data.own import ShelfFull, Table, shelf
from normviz.language import _, ngettext
from normviz.settings import Settings
from normviz.ui import languages, lecture
from normviz.ui.link import State, key

OWN = "own"
#: The controls that an upload sets.
SETS = ("dataset", "own")
#: How long data are held that no run uses, from the last change on their page.
KEEP_SECONDS = 900.0
_LABEL, _ROUND = "own.label", "own.round"
_MINE, _MEASURES, _PROBLEMS = "own.mine", "own.measures", "own.problems"
_DATASET, _NAME = key(0, "dataset"), key(0, "own")
#: Inputs that reach further from 0 are hard to train on as they are.
_FAR = 10


@dataclass(frozen=True)
class _Measures:
    """How large a table is, and how large its numbers are."""

    rows: int
    columns: int
    classes: int
    far: float

    @classmethod
    def of(cls, table: Table) -> "_Measures":
        rows, columns = table.x.shape
        return cls(rows, columns, len(table.classes), float(abs(table.x).max()))

    def sentences(self) -> list[str]:
        said = [
            ngettext(
                "{rows} row, {columns} columns, {classes} classes.",
                "{rows} rows, {columns} columns, {classes} classes.",
                self.rows,
            ).format(rows=f"{self.rows:,}", columns=f"{self.columns:,}", classes=self.classes)
        ]
        if self.far > _FAR:
            said.append(
                _(
                    "Numbers go up to {far}: *z-score* under Preprocessing brings all columns to one scale."
                ).format(far=f"{self.far:,.4g}")
            )
        return said


def draw() -> None:
    """Offer the upload, say what is allowed, and what came of it."""
    state = st.session_state
    if state.get(_MINE):
        shelf().hold(state[_MINE], KEEP_SECONDS)
        if state[_DATASET] == OWN and not state[_NAME]:
            state[_NAME] = state[_MINE]
    with st.expander(_("Your own data (CSV)"), expanded=state[_DATASET] == OWN):
        st.caption(
            _(
                "Columns of numbers and one of classes; the first row names them. {limits} They stay in this "
                "server's memory while a run uses them, and up to {minutes} minutes after the last change on this "
                "page."
            ).format(limits=limits(), minutes=f"{KEEP_SECONDS / 60:.0f}")
        )
        st.text_input(
            _("Column of the classes"),
            key=_LABEL,
            placeholder=_("the last one"),
            max_chars=csvfile.LONGEST,
        )
        st.file_uploader(
            _("CSV file"),
            ["csv", "tsv", "txt"],
            key=_file(state),
            on_change=_take,
            max_upload_size=MOST_BYTES // 2**20,
            label_visibility="collapsed",
        )
        if state.get(_PROBLEMS):
            st.error("\n".join([_("This file cannot be used."), "", *map(_line, state[_PROBLEMS])]))
        _say(state)


def _file(state: State) -> str:
    """Return the key of the uploader: a new one after every file, so that none stays in it."""
    return f"own.file.{state.get(_ROUND, 0)}"


def _say(state: State) -> None:
    """Tell what is there, or what a link asks for that is not."""
    if state.get(_MEASURES):
        for sentence in state[_MEASURES].sentences():
            st.caption(sentence)
    if state.get(_MINE):
        st.button(_("Remove them"), on_click=_let_go)
    if state[_DATASET] != OWN or not state[_NAME]:
        return
    if shelf().find([state[_NAME]]):
        st.caption(
            _(
                "The data are not in the link. Whoever opens it sees this run while the data are on this server, and "
                "elsewhere has to upload the same file."
            )
        )
    else:
        st.warning(
            _(
                "These data are not here (`{name}`), or not any more. Upload the same file, with the same column "
                "of classes, and press Run again."
            ).format(name=state[_NAME])
        )


def _line(problem: str) -> str:
    return f"- {_verbatim(problem)}"


def _verbatim(text: str) -> str:
    """Show text that quotes a file such that no Markdown in it takes effect."""
    return "`" + text.replace("`", "'") + "`"


@languages.spoken
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
        return _("This link does not offer it: {name}.").format(name=lecture.named(SETS[0]))
    try:
        _use(csvfile.read(str(text)[:MOST_BYTES].encode(errors="replace")))
    except (CsvError, ShelfFull) as error:
        why = _verbatim(str(error))
        return _("These points cannot be used: {why}").format(why=why)
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
    state[_MINE], state[_MEASURES] = held.name, _Measures.of(held)
    state[_DATASET], state[_NAME] = OWN, held.name


def _let_go() -> None:
    state = st.session_state
    shelf().drop(state[_MINE])
    state[_MINE], state[_MEASURES] = None, None
    if state[_DATASET] == OWN:
        state[_DATASET], state[_NAME] = LaneConfig().dataset, ""
