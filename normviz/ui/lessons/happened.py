"""What happened: the words that a lesson finds in its recorded run, beside the guess."""

from collections.abc import Callable
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from normviz.charts.lessons import guesses
from normviz.config import RunConfig
from normviz.engine.running import running
from normviz.language import _, language, told
from normviz.lessons import Choice, Claim, Lesson, Recording, Sketch, Verdict
from normviz.lessons.words import number
from normviz.ui.lessons import plot
from normviz.ui.lessons.controls import original
from normviz.ui.lessons.state import State, guess, slot

#: Shows what was recorded.
Picture = Callable[[Recording], go.Figure]
#: So many runs' verdicts are kept of a lesson.
_KEPT = 20


@dataclass(frozen=True)
class Judged:
    """What a run says, in words and as a picture, in the language that was spoken.

    ``short`` is the step at which it ended before it could be judged; None of one that has come far enough or diverged.
    """

    run: str
    language: str
    short: int | None
    verdict: Verdict
    picture: go.Figure | None


def reached(name: str, run: str) -> None:
    """Keep which run has come far enough to be judged."""
    st.session_state[slot(name, "run")] = run


def judged(
    state: State, name: str, lesson: Lesson, config: RunConfig, picture: Picture | None
) -> Judged | None:
    """Return what the run of this configuration says; None as long as it has not come far enough."""
    known: dict[str, Judged] = state.setdefault(slot(name, "judged"), {})
    run = state.get(slot(name, "run"))
    new, old = None, known.get(config.key())
    if run and run not in {each.run for each in known.values()}:
        new = _judge(run, lesson, config, picture)
    if new is None and old and old.language != language():
        new = _judge(old.run, lesson, config, picture)
    if new:
        known[config.key()] = new
        for oldest in list(known)[:-_KEPT]:
            del known[oldest]
    return new or old


def _judge(run: str, lesson: Lesson, config: RunConfig, picture: Picture | None) -> Judged | None:
    """Return what a run says; None where it is another configuration's, or not known any more."""
    found = running().record(run)
    if not found or found.config != config:
        return None
    recording = Recording.of(found.config, found.schema, found.frames)
    shown = picture(recording) if picture else None
    return Judged(run, language(), _short(recording, lesson), lesson.judge(recording), shown)


def _short(recording: Recording, lesson: Lesson) -> int | None:
    last = recording.steps[-1]
    alive = any(recording.alive(lane) for lane in range(recording.lanes))
    return last if alive and last < lesson.until else None


def draw(name: str, lesson: Lesson, config: RunConfig, picture: Picture | None) -> None:
    """Say what the run of this configuration has shown, as soon as it has."""
    st.subheader(_("What happened"), anchor=False)
    found = judged(st.session_state, name, lesson, config, picture)
    if found is None:
        st.markdown(
            _(
                "*Press **Train**. When the run has reached step {until:,}, this says what it has shown.*"
            ).format(until=lesson.until)
        )
        return
    said = found.verdict
    if found.short is None:
        _beside(name, lesson, said)
    else:
        st.markdown(
            _(
                "*The run ended at step {short:,}, before step {until:,}. This is how far it had come:*"
            ).format(short=found.short, until=lesson.until)
        )
    st.markdown("\n\n".join(said.words))
    if found.picture is not None:
        plot.draw(found.picture, slot(name, "picture"))
    if said.claims and found.short is None and original(lesson, config):
        st.markdown(table(said.claims))
    elif said.claims and found.short is None:
        st.caption(
            _("You have changed the settings. What must come out is only said of the lesson's own.")
        )


def _beside(name: str, lesson: Lesson, said: Verdict) -> None:
    """Put the guess beside what came out."""
    made, asked = guess(st.session_state, name), lesson.guess
    if isinstance(asked, Choice):
        if said.answer is None:
            st.markdown(_("This run decides nothing between the answers."))
        elif isinstance(made, int):
            named = {"guess": told(asked.options[made]), "came": told(asked.options[said.answer])}
            words = (
                _("✓ Your guess: **{guess}**; and so it came out.")
                if made == said.answer
                else _("✗ Your guess: **{guess}**; it came out: **{came}**.")
            )
            st.markdown(words.format(**named))
        else:
            st.markdown(
                _("It came out: **{answer}**.").format(answer=told(asked.options[said.answer]))
            )
    elif said.curve and not isinstance(made, int):
        _curve(name, asked, made, said.curve)


def _curve(
    name: str, asked: Sketch, made: tuple[float, ...] | None, measured: tuple[float, ...]
) -> None:
    if made is not None:
        st.markdown(guesses.distance(asked, made, measured))
    plot.draw(guesses.beside(asked, made, measured), slot(name, "beside"))


def table(claims: tuple[Claim, ...], where: str = "") -> str:
    """Write the claims, and where they came out, as a Markdown table, narrow enough for a phone."""
    rows = [
        f"| {_named(each)} | {number(each.value, 3)} | {_band(each)} | {_verdict(each)} |"
        for each in claims
    ]
    return "\n".join(
        [
            _("| what must come out | {where} | band | |").format(where=where or _("this run")),
            "|---|---:|---:|---|",
            *rows,
        ]
    )


def _verdict(claim: Claim) -> str:
    return _("✓ inside") if claim.holds else _("✗ outside")


def _named(claim: Claim) -> str:
    """Say what a claim is of and, small, where its band comes from; a bar would end the cell."""
    source = f" :small[:gray[{claim.source}]]" if claim.source else ""
    return f"{claim.label}{source}".replace("|", "\\|")


def _band(claim: Claim) -> str:
    low, high = number(claim.low, 3), number(claim.high, 3)
    if claim.high == float("inf"):
        return _("at least {low}").format(low=low)
    return (
        _("at most {high}").format(high=high)
        if claim.low == float("-inf")
        else _("{low} to {high}").format(low=low, high=high)
    )
