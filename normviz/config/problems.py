"""From unknown input to a configuration, or to what is wrong with it in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from normviz.config.lane import CHOICES, LaneConfig
from normviz.config.run import LANES, TURNABLE, RunConfig, limits
from normviz.language import _


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: ``field`` got ``value``, and ``allowed`` says what it takes."""

    field: str
    value: str
    allowed: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return _("{field}: {value} is not possible; allowed: {allowed}").format(**vars(self))


class ConfigError(ValueError):
    """A configuration that cannot be. ``problems`` names every field, its value and what is allowed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def parse(data: Any) -> RunConfig:  # noqa: ANN401 - this is where unknown input becomes known
    """Validate a configuration that came from outside.

    Raises:
        ConfigError: naming every field, its value and what is allowed.
    """
    try:
        return RunConfig.model_validate(data)
    except ValidationError as error:
        raise ConfigError(_problems(error)) from None


def _problems(error: ValidationError) -> list[Problem]:
    return [
        Problem(
            _place(e["loc"]), shown(e["input"]), _allowed(str(e["loc"][-1]) if e["loc"] else "", e)
        )
        for e in error.errors()
    ]


def _place(loc: tuple[int | str, ...]) -> str:
    """Name a field as the link does: ``depth``, or ``b.depth`` for lane B."""
    match loc:
        case ("lane", str(field)) if field:
            return field
        case ("others", int(index), *rest) if index < len(LANES) - 1:
            return ".".join([LANES[index + 1], *map(str, rest)])
        case ("interventions", int(index), *rest):
            return " ".join(["change", str(index + 1), *map(str, rest[-1:])])
        case _:
            return ".".join(map(str, loc)) or "configuration"


def shown(value: Any) -> str:  # noqa: ANN401 - any input
    """Write a value for a message, cut short."""
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # more than 4,300 digits, or nested too deeply
        text = _("a {type} too large to show").format(type=type(value).__name__)
    return text if len(text) <= 60 else text[:57] + "..."


def _allowed(field: str, error: Any) -> str:  # noqa: ANN401 - pydantic's error dictionary
    """Say what a field takes: its choices, its range, or pydantic's own words."""
    if error["type"] == "extra_forbidden" and error["loc"][0] == "interventions":
        turnable = ", ".join(TURNABLE)
        return _("what can change in the middle of a run: {fields}").format(fields=turnable)
    if error["type"] == "extra_forbidden":
        return no_such_field()
    if field in CHOICES:
        return _("one of {names}").format(names=", ".join(CHOICES[field]))
    return limits(field) or error["msg"]


def no_such_field() -> str:
    """Say which fields there are."""
    fields = ", ".join([*LaneConfig.model_fields, "steps"])
    return _("no such field; the fields are {fields}").format(fields=fields)
