"""The page for operators: what the server does now, and which settings it has.

Where visitors sign in, those whose names the setting ``operators`` has see it. Where they do not, it opens for who
types the token of the numbers; without a token there is no such page.
"""

import hmac
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import streamlit as st

from normviz.engine import memory
from normviz.engine.running import Kept, running
from normviz.language import N_, _
from normviz.settings import Settings, SignIn, in_force
from normviz.ui import languages, sign_in

REFRESH_SECONDS = 2.0
#: Runs that the table has at most.
MOST_RUNS = 50
#: Settings that are shown as set or not set.
SECRETS = frozenset({"metrics_token"})
_OPEN, _TYPED, _BEFORE = "operator.open", "operator.typed", "operator.before"
#: What the engine's numbers are called, in this order; a new one comes after them and is called as its field is.
LABELS = {
    "training": N_("Runs in training"),
    "waiting": N_("Runs that wait"),
    "refused": N_("Runs refused"),
    "viewers": N_("Viewers"),
    "workers": N_("Training processes"),
    "ready": N_("of them warm"),
    "deaths": N_("died and replaced"),
    "studies": N_("Published figures, running or waiting"),
    "frames": N_("Frames since the start"),
    "runs": N_("Runs kept"),
    "store": N_("Store of runs"),
    "draining": N_("The server is about to end: it starts nothing new."),
}

#: The states of a run and parts of the numbers, as they are counted; marked here, looked up where they are shown.
COUNTED = (
    *(N_("queued"), N_("starting"), N_("ready"), N_("running"), N_("paused"), N_("finished")),
    *(N_("diverged"), N_("failed"), N_("ended"), N_("files"), N_("saved"), N_("loaded")),
    *(N_("evicted"), N_("damaged")),
)


def listed(settings: Settings) -> bool:
    """Tell whether the visitor is an operator by name."""
    return sign_in.visitor(settings) in settings.operators


def reachable(settings: Settings) -> bool:
    """Tell whether there is such a page for this visitor."""
    by_token = settings.sign_in is SignIn.NONE and bool(settings.metrics_token)
    return by_token or listed(settings)


def draw() -> None:
    """Draw the page, or ask for the token."""
    settings = in_force()
    st.title(_("Operator"))
    if not listed(settings) and not _by_token(settings):
        return
    _now()
    with st.expander(_("Settings in force")):
        st.table(list(_settings(settings)))


def _by_token(settings: Settings) -> bool:
    """Ask for the token where it opens the page; tell whether it has been typed."""
    if not reachable(settings):
        st.error(_("This page is for operators."))
        return False
    state = st.session_state
    if not state.get(_OPEN):
        typed = st.text_input(_("Token of the numbers"), type="password", key=_TYPED, max_chars=200)
        state[_OPEN] = hmac.compare_digest(typed.encode(), settings.metrics_token.encode())
        if typed and not state[_OPEN]:
            st.error(_("That is not the token, NORMVIZ_METRICS_TOKEN of this server."))
        elif state[_OPEN]:
            st.rerun()
    return bool(state[_OPEN])


@st.fragment(run_every=REFRESH_SECONDS)
@languages.spoken
def _now() -> None:
    """Draw what changes; only this part of the page runs again."""
    numbers = running().numbers()
    if numbers is None:
        st.warning(_("The engine does not answer now."))
        return
    known = asdict(numbers)
    for name, value in known.items():
        if value is True:
            st.warning(_label(name))
    with st.container(horizontal=True):
        for label, value in _counts(known):
            st.metric(label, value, width="content")
    for name, value in known.items():
        if isinstance(value, dict):
            st.markdown(f"**{_label(name)}**: {_listed(value)}")
    _runs(running().runs())


def _runs(kept: tuple[Kept, ...]) -> None:
    """Draw the runs that are kept."""
    if kept:
        st.table([_row(run) for run in kept[:MOST_RUNS]])
    if len(kept) > MOST_RUNS:
        st.caption(_("The newest {n} of {all}.").format(n=MOST_RUNS, all=len(kept)))


def _counts(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every number with its name."""
    counts = {name: value for name, value in known.items() if type(value) is int}
    records = counts.pop("record_bytes")
    for name in sorted(counts, key=[*LABELS, *counts].index):
        yield _label(name), f"{counts[name]:,}"
    yield _("Frames a second"), _rate(counts["frames"])
    mean = known["frame_age_seconds"] / max(1, counts["frames"])
    yield _("Age of a frame, mean"), f"{1000 * mean:.1f} ms"
    yield _("Memory of records"), _megabytes(records)
    taken = memory.taken()
    yield (
        _("Memory of all processes"),
        _("not known here") if taken is None else _megabytes(taken),
    )


def _listed(numbers: dict[str, int]) -> str:
    """Write numbers that belong together: 3 ended, 2 running."""
    parts = (
        _megabytes(number) if name.endswith("bytes") else f"{number:,} {_(name)}"
        for name, number in sorted(numbers.items())
    )
    return ", ".join(parts) or _("none")


def _label(name: str) -> str:
    return _(LABELS[name]) if name in LABELS else name.replace("_", " ").capitalize()


def _rate(frames: int) -> str:
    """Return how many frames a second there were since this page looked last."""
    now, state = time.monotonic(), st.session_state
    before, at = state.get(_BEFORE, (frames, now))
    state[_BEFORE] = frames, now
    return f"{(frames - before) / (now - at):.0f}" if now > at else "…"


def _row(run: Kept) -> dict[str, str]:
    return {
        _("run"): run.id,
        _("status"): _(run.status),
        _("step"): _("{step} of {steps}").format(step=f"{run.step:,}", steps=f"{run.steps:,}"),
        _("steps/s"): f"{run.rate:.0f}",
        _("viewers"): str(run.viewers),
        _("record"): _megabytes(run.nbytes),
    }


def _settings(settings: Settings) -> Iterator[dict[str, str]]:
    """Yield the settings, secrets only as set or not set."""
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = _shown(value)
        if name in SECRETS:
            shown = _("set") if value else _("not set")
        yield {
            _("variable"): f"NORMVIZ_{name.upper()}",
            _("value"): shown,
            "": _(str(field.description)),
        }


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return "" if value is None else str(value)


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"
