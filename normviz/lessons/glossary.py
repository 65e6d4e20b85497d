"""The terms of the field, each with the lesson that is about it and the control of the Lab that changes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


def _no_link() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Term:
    """A term.

    Attributes:
        text: what it means, in Markdown with formulas.
        lesson: the name of the lesson that shows it, or empty.
        control: the field of :class:`normviz.config.LaneConfig` that changes it.
        link: query parameters of a run in which that control has an effect, where the default run has none.
    """

    text: str
    lesson: str
    control: str
    link: Mapping[str, str] = field(default_factory=_no_link)


TERMS: dict[str, Term] = {}
