"""The languages that normviz speaks. Every visible text is looked up here, in the language of whoever looks at it."""

from normviz.language.catalog import (
    LANGUAGES,
    N_,
    _,
    chosen,
    closest,
    language,
    ngettext,
    npgettext,
    pgettext,
    speak,
    speaking,
)
from normviz.language.filled import filled, told

__all__ = [
    "LANGUAGES",
    "N_",
    "_",
    "chosen",
    "closest",
    "filled",
    "language",
    "ngettext",
    "npgettext",
    "pgettext",
    "speak",
    "speaking",
    "told",
]
