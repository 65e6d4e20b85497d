"""Texts in tables that have values in them: looked up like the others, with the values put in afterwards."""

from typing import Any

from normviz.language.catalog import _


class Filled(str):
    """A text with its values in it, in English, that knows what it was made of."""

    template: str
    values: dict[str, Any]


def filled(template: str, **values: Any) -> str:  # noqa: ANN401 - whatever a format takes
    """Return a text of a table with its values in it; ``template`` is marked with ``N_``.

    It is English wherever it is used as it is; :func:`told` says it in the language that is spoken.
    """
    text = Filled(template.format(**values))
    text.template, text.values = template, values
    return text


def told(text: str) -> str:
    """Return a text of a table, with values or without, in the language that is spoken here."""
    if not isinstance(text, Filled):
        return _(text)
    values = {k: told(v) if isinstance(v, str) else v for k, v in text.values.items()}
    return _(text.template).format(**values)
