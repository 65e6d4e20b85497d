"""A link for a class: which controls it shows, which of those are locked, and how the view opens.

``show=norm,activation`` draws only these controls, ``lock=dataset,seed`` draws these without letting anybody change
them, ``view=projector`` opens in large type with nothing around the charts. Hidden and locked controls keep the values
of the link. It is what the page offers, not a protection: whoever edits the link has all controls again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlencode

import streamlit as st

from normviz.config import TURNABLE, LaneConfig, Problem, RunConfig, to_link
from normviz.language import N_, _
from normviz.ui import languages
from normviz.ui.link import RESTORED, State

SHOW, LOCK, VIEW = "show", "lock", "view"
PROJECTOR = "projector"
LANES, CHANGES = "lanes", "changes"
#: What can be shown or locked, with its name; :func:`named` looks it up.
NAMES = {
    **{field: str(info.title) for field, info in LaneConfig.model_fields.items()},
    "steps": str(RunConfig.model_fields["steps"].title),
    LANES: N_("Lanes beside the first"),
    CHANGES: N_("Changes on the way"),
}
_OFFER, _ASKED, _SINCE = "lecture.offer", "lecture.asked", "lecture.since"
_SHOWN, _LOCKED, _PROJECTED = "lecture.show", "lecture.lock", "lecture.view"


@dataclass(frozen=True)
class Offer:
    """What a link lets people do: ``show`` is empty where everything is shown."""

    show: frozenset[str] = frozenset()
    lock: frozenset[str] = frozenset()
    view: str = ""


def restore(state: State, query: Mapping[str, str]) -> None:
    """On a session's first run, after the configuration, read what its link shows and locks."""
    if _OFFER not in state:
        state[_ASKED] = {name: query[name] for name in (SHOW, LOCK, VIEW) if name in query}
        state[_OFFER], _problems = read(state[_ASKED])
        state[_SINCE] = state[RESTORED]


def read(query: Mapping[str, str]) -> tuple[Offer, tuple[Problem, ...]]:
    """Read the three parameters; what is unknown in them is left out and named."""
    problems: list[Problem] = []

    def known(parameter: str, allowed: Iterable[str]) -> frozenset[str]:
        given = [name.strip() for name in query.get(parameter, "").split(",") if name.strip()]
        taken = [name for name in given if name in allowed]
        problems.extend(
            Problem(
                parameter,
                repr(name[:60]),
                _("one or more of {names}").format(names=", ".join(allowed)),
            )
            for name in given[:50]
            if name not in allowed
        )
        return frozenset(taken)

    show, lock, views = known(SHOW, NAMES), known(LOCK, NAMES), known(VIEW, (PROJECTOR,))
    return Offer(show, lock, PROJECTOR if views else ""), tuple(problems)


def problems(state: State) -> tuple[Problem, ...]:
    """Return what is unknown in the three parameters, until a control is touched."""
    return read(state[_ASKED])[1] if state[RESTORED] == state[_SINCE] else ()


def named(name: str) -> str:
    """Return what something that can be shown or locked is called on the page."""
    return _(NAMES[name])


def view(state: State) -> str:
    """Return how the view opens: ``projector``, or empty for the whole page."""
    return _offer(state).view


def limited(state: State) -> bool:
    """Tell whether the link hides or locks anything."""
    return bool(_offer(state).show or _offer(state).lock)


def shows(state: State, name: str) -> bool:
    """Tell whether the link shows a control."""
    return not _offer(state).show or name in _offer(state).show


def locked(state: State, name: str) -> bool:
    """Tell whether the link locks a control."""
    return name in _offer(state).lock


def open_to(state: State, name: str) -> bool:
    """Tell whether people may change something: it is shown and not locked."""
    return shows(state, name) and not locked(state, name)


def closed(state: State) -> list[str]:
    """Return what the live view is not to offer: new lanes, changes on the way."""
    turnable = any(open_to(state, field) for field in TURNABLE)
    return [
        name
        for name in (LANES, CHANGES)
        if not open_to(state, name) or (name == CHANGES and not turnable)
    ]


def address(
    page: str, config: RunConfig, offer: Offer, further: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Write the link of a configuration with what it shows and locks; a hidden control needs no lock.

    ``further`` are parameters that it carries besides, such as the language.
    """
    lock = [name for name in NAMES if name in offer.lock and (not offer.show or name in offer.show)]
    extra = {
        SHOW: ",".join(name for name in NAMES if name in offer.show),
        LOCK: ",".join(lock),
        VIEW: offer.view,
    }
    said = {name: value for name, value in extra.items() if value}
    query = {**to_link(config), **said, **further}
    return f"{page}?{urlencode(query, safe=',@')}"


def draw(config: RunConfig) -> None:
    """Offer a link for a class, unless this is one."""
    state = st.session_state
    if limited(state):
        return
    with st.expander(_("Share a link for a class")):
        st.caption(_("The link opens what you see now and offers only what you choose."))
        st.multiselect(
            _("Controls that are shown"),
            list(NAMES),
            key=_SHOWN,
            format_func=named,
            placeholder=_("all of them"),
        )
        st.multiselect(
            _("Controls that are locked"),
            list(NAMES),
            key=_LOCKED,
            format_func=named,
            placeholder=_("none"),
            help=_(
                "Drawn with their values, but nobody can change them. "
                "This is not a protection: whoever edits the link has all controls."
            ),
        )
        st.toggle(_("Open in projector mode"), key=_PROJECTED)
        offer = Offer(
            frozenset(state[_SHOWN]),
            frozenset(state[_LOCKED]),
            PROJECTOR if state[_PROJECTED] else "",
        )
        link = address(st.context.url or "", config, offer, languages.carried())
        st.code(link, language=None, wrap_lines=True)


def _offer(state: State) -> Offer:
    return state.get(_OFFER) or Offer()
