"""The language of a page: the link's, else the one that the session chose, else the browser's, else English.

A session keeps its choice, and its link carries it (``?lang=zh_TW``). Texts are looked up in the language of the
context, which :func:`start` sets first of all in each run. Streamlit runs callbacks and fragments in a context where no
script has begun: those that say something are :func:`spoken`.
"""

from collections.abc import Callable, MutableMapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from streamlit.components.v2 import component as component_of

from normviz.config import Problem
from normviz.language import LANGUAGES, _, chosen, closest, language, speak
from normviz.ui import problems

#: The query parameter.
PARAMETER = "lang"
#: What the session chose, what it speaks, and the key of the switch.
CHOSEN, SPOKEN, SWITCH = "language.chosen", "language.spoken", "language.switch"
#: Found by whoever looks for it, whatever the page speaks.
_LABEL = "Language / 语言 / 語言"
#: A page's language decides how screen readers pronounce it and which Chinese letterforms the browser takes.
_TELL = "export default ({ data }) => { document.documentElement.lang = data.locale; };"
#: In the row of links at the head of the Lab's sidebar there is room for the icon alone; its name is for who hears it.
_STYLE = """<style>
.st-key-language-page { position: absolute; }
.st-key-language button { padding: 0.2rem 0.4rem; min-height: 0; }
.st-key-navigation-head .st-key-language { min-width: 0; }
.st-key-navigation-head .st-key-language button [data-testid="stMarkdownContainer"] {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
.st-key-navigation-head .st-key-language button > div > div[aria-hidden] { display: none; }
</style>"""

State = MutableMapping[Any, Any]
P = ParamSpec("P")
R = TypeVar("R")


def start() -> None:
    """Find the language and speak it."""
    state, query = st.session_state, st.query_params
    asked = query.get(PARAMETER)
    if asked is None and state.get(CHOSEN):
        query[PARAMETER] = state[CHOSEN]
    elif asked is not None:
        state[CHOSEN] = chosen(asked)
    name = state.get(CHOSEN) or (closest(_browser()) if asked is None else "en")
    if name != state.get(SPOKEN, name):
        _settle(state)
    state[SPOKEN] = name
    speak(name)


def spoken(function: Callable[P, R]) -> Callable[P, R]:
    """Let a callback, or the body of a fragment, speak the session's language."""

    @wraps(function)
    def speaking(*args: P.args, **kwargs: P.kwargs) -> R:
        speak(st.session_state.get(SPOKEN, ""))
        return function(*args, **kwargs)

    return speaking


def locale() -> str:
    """Return the language as browsers call it: ``zh-TW``."""
    return language().replace("_", "-")


def carried() -> dict[str, str]:
    """Return the query parameter of links from here, where the session has chosen a language."""
    return {PARAMETER: name} if (name := st.session_state.get(CHOSEN)) else {}


def draw() -> None:
    """Draw the switch, tell the browser which language the page is in, and name what is no language of ours."""
    state = st.session_state
    component_of("normviz_language", js=_TELL)(key="language.page", data={"locale": locale()})
    st.html(_STYLE)
    state[SWITCH] = language()
    with st.popover(_LABEL, type="tertiary", icon=":material/translate:", key="language"):
        st.radio(
            _LABEL,
            list(LANGUAGES),
            key=SWITCH,
            format_func=LANGUAGES.__getitem__,
            on_change=_switch,
        )


def say_problems() -> None:
    """Name a language in the link that is not here."""
    asked = st.query_params.get(PARAMETER)
    if asked is not None and not chosen(asked):
        allowed = _("one of {names}").format(names=", ".join(LANGUAGES))
        problems.say(
            [Problem(PARAMETER, repr(asked[:60]), allowed)],
            _("The link names a language that is not here, so this is English."),
        )


def _browser() -> list[str]:
    """Return the languages that the browser wishes for, the dearest first."""
    header = st.context.headers.get("Accept-Language") or ""
    listed = [part.partition(";")[0].strip() for part in header[:500].split(",")]
    return [name for name in (st.context.locale or "", *listed) if name]


def _switch() -> None:
    state = st.session_state
    state[CHOSEN] = st.query_params[PARAMETER] = state[SWITCH]


def _settle(state: State) -> None:
    """Read every control's value while its choices still have the names that the browser sent, and send it back.

    A list sends and shows what its entry is called, and after this run the entries are called otherwise.
    """
    for name in list(state):
        if isinstance(value := state.get(name), str | list):
            state[name] = value
