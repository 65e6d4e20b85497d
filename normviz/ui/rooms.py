"""A class in a room: the lecturer opens one and leads it, the students' pages follow, or step aside and explore."""

from collections.abc import Mapping
from typing import Any

import segno
import streamlit as st

from normviz.config import ConfigError, parse
from normviz.engine.rooms import CODE_LETTERS, LETTERS, Part, RoomRefused, code_of
from normviz.engine.running import running
from normviz.language import _
from normviz.ui import asking, languages, lecture
from normviz.ui.link import RESTORED, ROOM, State, configured, take_over

_CODE, _KEY, _PART = "room.code", "room.key", "room.part"
_TYPED, _REFUSED = "room.typed", "room.refused"
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


def restore(state: State, query: Mapping[str, str]) -> None:
    """On a session's first run, enter the room that its link names: to follow, or with a configuration to explore."""
    if _PART in state:
        return
    state[_CODE], state[_KEY], state[_PART], state[_REFUSED] = "", "", "", ""
    if ROOM in query:
        _enter(state, query[ROOM], Part.EXPLORE if configured(query) else Part.FOLLOW)


def follows(state: State) -> bool:
    """Tell whether another page says what this one shows."""
    return state[_PART] == Part.FOLLOW


def code(state: State) -> str:
    """Return the code of the room that the link has to name: of one that is followed or stepped aside from."""
    return state[_CODE] if state[_PART] in (Part.FOLLOW, Part.EXPLORE) else ""


def told(state: State) -> dict[str, str] | None:
    """Return what the live view needs to know of the room."""
    if not state[_PART]:
        return None
    room = {"code": state[_CODE], "part": state[_PART]}
    if state[_PART] == Part.LEAD:
        link = address(st.context.url or "", state[_CODE])
        room |= {"key": state[_KEY], "link": link, "qr": qr(link).svg_data_uri(**_QR)}
    return room


def address(page: str, room: str) -> str:
    """Return the link that a class opens. It has no key."""
    return f"{page.partition('?')[0].rstrip('/')}/?{ROOM}={room}"


#: Black on white with the quiet zone that readers need, whatever the page's colours are.
_QR: dict[str, Any] = {"border": 4, "dark": "#000", "light": "#fff", "scale": 8}


def qr(link: str) -> segno.QRCode:
    """Return a link as a QR code."""
    return segno.make_qr(link, error="m")


def obey(state: State, asked: Any) -> None:  # noqa: ANN401 - what a browser sent
    """Do what the live view asks for: explore from here, follow again, leave, or lead the room that this tab led."""
    match asked:
        case {"do": "lead", "code": str(room), "key": str(key)} if not state[_PART]:
            if running().leads(room, key):
                state[_CODE], state[_KEY], state[_PART] = code_of(room), key, Part.LEAD
        case {"do": "explore", "config": config} if follows(state):
            _take_over(state, config)
            state[_PART] = Part.EXPLORE
        case {"do": "reveal"} if state[_PART] == Part.LEAD:
            asking.reveal(state, state[_CODE])
        case {"do": "follow"} if state[_PART] == Part.EXPLORE:
            _enter(state, state[_CODE], Part.FOLLOW)
        case {"do": "leave", "config": config}:
            if follows(state):
                _take_over(state, config)
            _leave(state)
        case _:
            pass


def until(state: State) -> int | None:
    """Return the step at which the class is to be told what the run shows; None where nothing waits for that."""
    return asking.until(state) if state[_PART] == Part.LEAD else None


def judge(state: State, run: str) -> None:
    """Tell the class what a run shows that has come far enough."""
    if state[_PART] == Part.LEAD:
        asking.judge(state, state[_CODE], state[_KEY], run)


def say(state: State) -> None:
    """Say why the room could not be opened or entered, until that is tried again."""
    if state[_REFUSED]:
        st.error(state[_REFUSED])


def draw(state: State) -> None:
    """Offer to open a room, to lead the one that is open, or to enter one."""
    if state[_PART] == Part.FOLLOW:
        st.markdown(_("**You follow a lecturer in room {code}.**").format(code=state[_CODE]))
        st.caption(_("*Explore*, above the charts, gives you all controls as they are now."))
    elif state[_PART] == Part.EXPLORE:
        st.caption(
            _(
                "You explore by yourself. *Follow*, above the charts, goes back to room {code}."
            ).format(code=state[_CODE])
        )
    elif state[_PART] == Part.LEAD or not lecture.limited(state):
        with st.expander(_("Teach live"), expanded=state[_PART] == Part.LEAD):
            if state[_PART] == Part.LEAD:
                _lead(state)
            else:
                _offer()
        if state[_PART] == Part.LEAD:
            asking.draw(state, state[_CODE], state[_KEY])


def _offer() -> None:
    st.caption(
        _("Open a room: the pages of your class show what your page shows, half a second later.")
    )
    st.button(_("Open a room"), key="room.open", on_click=_open)
    st.text_input(
        _("Or follow one: its code"),
        key=_TYPED,
        max_chars=20,
        on_change=_enter_typed,
        placeholder=_("such as K7MXR"),
    )


def _lead(state: State) -> None:
    link = address(st.context.url or "", state[_CODE])
    st.markdown(_("Room **{code}**").format(code=state[_CODE]))
    st.image(qr(link).svg_inline(**_QR), width=220)
    st.code(link, language=None, wrap_lines=True)
    if _only_here(link):
        st.warning(
            _(
                "This link opens on this machine only. Open the app by an address that your class can reach."
            )
        )
    st.caption(
        _(
            "*Show code*, above the charts, makes it as large as the window. Keep this page open: it leads."
        )
    )
    st.button(_("End the room"), key="room.end", on_click=_end)


def _only_here(link: str) -> bool:
    host = link.partition("://")[2].partition("/")[0]
    return host.rpartition(":")[0] in _LOCAL or host in _LOCAL


@languages.spoken
def _open() -> None:
    state = st.session_state
    try:
        state[_CODE], state[_KEY] = running().open_room()
        state[_PART], state[_REFUSED] = Part.LEAD, ""
    except RoomRefused as error:
        state[_REFUSED] = _why(error)


def _end() -> None:
    state = st.session_state
    running().end_room(state[_CODE], state[_KEY])
    _leave(state)


@languages.spoken
def _enter_typed() -> None:
    state = st.session_state
    if state[_TYPED].strip():
        _enter(state, state[_TYPED], Part.FOLLOW)
        state[_TYPED] = ""


def _enter(state: State, typed: str, part: Part) -> None:
    """Enter a room, or say why that cannot be."""
    try:
        state[_CODE], state[_PART], state[_REFUSED] = running().room(typed).code, part, ""
    except RoomRefused as error:
        _leave(state)
        state[_REFUSED] = _why(error, typed)


def _why(error: RoomRefused, typed: str = "") -> str:
    """Say why a room could not be opened or entered."""
    if error.rule == "no_room":
        return _(
            "There is no room `{code}` on this server: it has ended, or the code is mistyped. A code has {count} of "
            "the characters {letters}."
        ).format(code=code_of(typed).replace("`", "'"), count=CODE_LETTERS, letters=LETTERS)
    if error.rule == "rooms_full":
        return _("As many rooms are open on this server as it allows. Try again in a while.")
    return _("The server does not answer. Try again in a moment.")


def _leave(state: State) -> None:
    state[_CODE], state[_KEY], state[_PART], state[_REFUSED] = "", "", "", ""


def _take_over(state: State, sent: Any) -> None:  # noqa: ANN401 - what a browser sent
    """Give the controls the configuration that the room shows; what cannot be read leaves them as they were."""
    try:
        config = parse(sent)
    except ConfigError:
        config = state[RESTORED]
    take_over(state, config)
