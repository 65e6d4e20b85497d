"""A language in which every translated text stands in brackets, so that one that nobody translates is seen."""

import gettext
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Element

from normviz.language import catalog
from tests.messages import sources

_BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
#: What no language changes: styles, formulas, code, titles of papers with their address, colours, tags, icons.
_SAME = re.compile(
    r"<style>.*?</style>|\$\$.*?\$\$|\$[^$]*\$|```.*?```|`[^`]*`|\[[^\]]*\]\(https?:[^)]*\)|:[a-z]+\[|<[^>]*>"
    r"|:[a-z]+/?[a-z_]*:|\]\([^)]*\)",
    re.DOTALL,
)
_WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")


@cache
def gathered() -> frozenset[str]:
    """Return every text of the catalogues of Python's texts, in English."""
    ids = (message.id for domain in catalog.DOMAINS for message in sources()[domain] if message.id)
    return frozenset(text for each in ids for text in ([each] if isinstance(each, str) else each))


class Bracketed(gettext.NullTranslations):
    """Puts every text that is in the catalogues into brackets, and leaves what is not as it is."""

    def gettext(self, message: str) -> str:
        """Return ⟦message⟧."""
        return f"⟦{message}⟧" if message in gathered() else message

    def pgettext(self, context: str, message: str) -> str:
        """Return ⟦message⟧."""
        return self.gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form that goes with ``n`` in brackets."""
        return self.gettext(msgid1 if n == 1 else msgid2)


def speak_pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every text be looked up in the language of brackets."""
    texts = Bracketed()
    monkeypatch.setattr(catalog, "_texts", lambda name: texts)


def bare(text: str) -> str:
    """Return what of a text is neither in brackets nor the same in every language."""
    before = ""
    while before != text:
        before, text = text, _BRACKETED.sub(" ", text)
    return " ".join(_WORD.findall(_SAME.sub(" ", text)))


def shown(app: AppTest) -> Iterator[str]:
    """Yield every text that a page shows."""
    yield from _texts(app._tree)


def _texts(block: Block) -> Iterator[str]:
    for child in block.children.values():
        yield from _said(child.proto)
        if isinstance(child, Block):
            yield from _texts(child)
        elif isinstance(child, Element):
            for name in ("expandable", "popover", "tab"):
                yield from _said(getattr(child.proto, name, None))


def _said(proto: Any) -> Iterator[str]:
    if proto is None:
        return
    for name in ("label", "body", "help", "placeholder", "message", "title", "caption"):
        text = getattr(proto, name, "")
        if isinstance(text, str) and text:
            yield text
    for name in ("expandable", "popover", "tab", "form"):
        if getattr(proto, name, None) is not None and hasattr(proto, "HasField"):
            yield from _said(getattr(proto, name))
    for option in getattr(proto, "options", ()):
        yield option if isinstance(option, str) else getattr(option, "content", "")
