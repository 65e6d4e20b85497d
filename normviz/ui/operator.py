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
from normviz.settings import Settings, SignIn, in_force
from normviz.ui import sign_in

REFRESH_SECONDS = 2.0
#: Runs that the table has at most.
MOST_RUNS = 50
#: Settings that are shown as set or not set.
SECRETS = frozenset({"metrics_token"})
_OPEN, _TYPED, _BEFORE = "operator.open", "operator.typed", "operator.before"
#: What the engine's numbers are called, in this order; a new one comes after them and is called as its field is.
LABELS = {
    "training": "Runs in training",
    "waiting": "Runs that wait",
    "refused": "Runs refused",
    "viewers": "Viewers",
    "workers": "Training processes",
    "ready": "of them warm",
    "deaths": "died and replaced",
    "studies": "Published figures, running or waiting",
    "frames": "Frames since the start",
    "runs": "Runs kept",
    "store": "Store of runs",
    "draining": "The server is about to end: it starts nothing new.",
}


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
    st.title("Operator")
    if not listed(settings) and not _by_token(settings):
        return
    _now()
    with st.expander("Settings in force"):
        st.table(list(_settings(settings)))


def _by_token(settings: Settings) -> bool:
    """Ask for the token where it opens the page; tell whether it has been typed."""
    if not reachable(settings):
        st.error("This page is for operators.")
        return False
    state = st.session_state
    if not state.get(_OPEN):
        typed = st.text_input("Token of the numbers", type="password", key=_TYPED, max_chars=200)
        state[_OPEN] = hmac.compare_digest(typed.encode(), settings.metrics_token.encode())
        if typed and not state[_OPEN]:
            st.error("That is not the token, NORMVIZ_METRICS_TOKEN of this server.")
        elif state[_OPEN]:
            st.rerun()
    return bool(state[_OPEN])


@st.fragment(run_every=REFRESH_SECONDS)
def _now() -> None:
    """Draw what changes; only this part of the page runs again."""
    numbers = running().numbers()
    if numbers is None:
        st.warning("The engine does not answer now.")
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
        st.caption(f"The newest {MOST_RUNS} of {len(kept)}.")


def _counts(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield every number with its name."""
    counts = {name: value for name, value in known.items() if type(value) is int}
    records = counts.pop("record_bytes")
    for name in sorted(counts, key=[*LABELS, *counts].index):
        yield _label(name), f"{counts[name]:,}"
    yield "Frames a second", _rate(counts["frames"])
    mean = known["frame_age_seconds"] / max(1, counts["frames"])
    yield "Age of a frame, mean", f"{1000 * mean:.1f} ms"
    yield "Memory of records", _megabytes(records)
    taken = memory.taken()
    yield "Memory of all processes", "not known here" if taken is None else _megabytes(taken)


def _listed(numbers: dict[str, int]) -> str:
    """Write numbers that belong together: 3 ended, 2 running."""
    parts = (
        _megabytes(number) if name.endswith("bytes") else f"{number:,} {name}"
        for name, number in sorted(numbers.items())
    )
    return ", ".join(parts) or "none"


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _rate(frames: int) -> str:
    """Return how many frames a second there were since this page looked last."""
    now, state = time.monotonic(), st.session_state
    before, at = state.get(_BEFORE, (frames, now))
    state[_BEFORE] = frames, now
    return f"{(frames - before) / (now - at):.0f}" if now > at else "…"


def _row(run: Kept) -> dict[str, str]:
    return {
        "run": run.id,
        "status": run.status,
        "step": f"{run.step:,} of {run.steps:,}",
        "steps/s": f"{run.rate:.0f}",
        "viewers": str(run.viewers),
        "record": _megabytes(run.nbytes),
    }


def _settings(settings: Settings) -> Iterator[dict[str, str]]:
    """Yield the settings, secrets only as set or not set."""
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        shown = _shown(value)
        if name in SECRETS:
            shown = "set" if value else "not set"
        yield {
            "variable": f"NORMVIZ_{name.upper()}",
            "value": shown,
            "": field.description or "",
        }


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value is None else str(value)


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"
