"""What the site does beside Markdown: formulas become MathML, and links into the app get the app's address."""

import re
from typing import Any
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor

APP_LINK = re.compile(r'href="(/[^"]*)"')


class Formula(InlineProcessor):
    """A formula between dollar signs as MathML, which browsers draw without a script or a font of their own."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:
        """Return the element for one formula."""
        return convert_to_element(m[1]), m.start(0), m.end(0)


class Formulas(Extension):
    """``$...$`` in a line of text; code is code."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Come after code and before backslashes."""
        md.inlinePatterns.register(Formula(r"\$([^$]+)\$", md), "formula", 185)


def on_config(config: Any) -> Any:  # noqa: ANN401 - MkDocs' own configuration
    """Add the formulas."""
    config.markdown_extensions.append(Formulas())
    return config


def on_page_content(html: str, config: Any, **_: object) -> str:  # noqa: ANN401
    """Let ``/vanishing`` and ``/?norm=batch`` lead to the app."""
    return APP_LINK.sub(lambda found: f'href="{config.extra["app"]}{found[1]}"', html)
