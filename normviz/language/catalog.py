"""Texts in the language that is spoken in the present context: gettext's functions, and the choice of a language.

The source texts are English. A text that stands in a table or a module, where no language is spoken yet, is marked with
:func:`N_` and looked up with :func:`_` where it is shown. A text with numbers is looked up first and filled afterwards:
``_("{n} layers").format(n=n)``.
"""

import gettext
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

#: What each language calls itself, by its name in the link and of its folder.
LANGUAGES = {"en": "English", "zh_CN": "简体中文", "zh_TW": "繁體中文"}
#: The catalogues of a language: the page, the lessons. The live view's words are modules of their own.
DOMAINS = ("page", "lessons")
FOLDER = Path(__file__).with_name("catalogs")
_SOURCE = "en"
_spoken: ContextVar[str] = ContextVar("language", default=_SOURCE)


def language() -> str:
    """Return the language that is spoken here, a key of :data:`LANGUAGES`."""
    return _spoken.get()


def speak(name: str) -> None:
    """Speak a language from now on in this context: a thread, or a task; an unknown one is English."""
    _spoken.set(chosen(name) or _SOURCE)


@contextmanager
def speaking(name: str) -> Generator[None]:
    """Speak a language for a while."""
    token = _spoken.set(chosen(name) or _SOURCE)
    try:
        yield
    finally:
        _spoken.reset(token)


def chosen(name: str) -> str:
    """Return the language that a link or a session names; empty where it is none of ours."""
    return name if name in LANGUAGES else ""


def closest(wanted: Iterable[str]) -> str:
    """Return the language that fits a browser's wishes best.

    Args:
        wanted: names as browsers give them, ``zh-Hant-HK`` or ``en-GB``, the dearest first.
    """
    for name in wanted:
        parts = name.replace("_", "-").lower().split("-")
        if parts[0] == "zh":
            return "zh_TW" if {"hant", "tw", "hk", "mo"} & set(parts) else "zh_CN"
        if parts[0] == "en":
            return "en"
    return _SOURCE


def N_(message: str) -> str:
    """Mark a text that is looked up where it is shown."""
    return message


def _(message: str) -> str:
    """Return a text in the language that is spoken here; one that is not translated is English."""
    return _texts(language()).gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a text that goes with ``n``."""
    return _texts(language()).ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """Return a text that means something else elsewhere; ``context`` says where this is."""
    return _texts(language()).pgettext(context, message)


def npgettext(context: str, one: str, many: str, n: int) -> str:
    """Return the form of such a text that goes with ``n``."""
    return _texts(language()).npgettext(context, one, many, n)


@cache
def _texts(name: str) -> gettext.NullTranslations:
    """Read a language's catalogues; each asks the next for what it does not know."""
    texts = gettext.NullTranslations()
    if name == _SOURCE:
        return texts
    for domain in reversed(DOMAINS):
        with (FOLDER / name / f"{domain}.mo").open("rb") as file:
            found = gettext.GNUTranslations(file)
        found.add_fallback(texts)
        texts = found
    return texts
