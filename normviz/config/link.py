"""A configuration as the query parameters of a link, and back."""

from collections.abc import Mapping

from normviz.config.lane import LaneConfig
from normviz.config.problems import ConfigError, Problem, parse, shown
from normviz.config.run import LANES, RunConfig


def to_link(config: RunConfig) -> dict[str, str]:
    """Write the whole configuration as query parameters: ``depth=10``, for lane B ``b.norm=batch``, and ``steps=``."""
    link = {name: _written(value) for name, value in config.lane.model_dump().items()}
    for letter, changes in zip(LANES[1:], config.changes(), strict=False):
        link |= {f"{letter}.{field}": _written(value) for field, value in changes.items()}
    return link | {"steps": _written(config.steps)}


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_link(query: Mapping[str, str]) -> RunConfig:
    """Read query parameters back; a field that is absent has its default.

    Raises:
        ConfigError: naming every field, its value and what is allowed.
    """
    lane, others, top, problems = {}, {letter: {} for letter in LANES[1:]}, {}, []
    for name, value in query.items():
        letter, dot, field = name.partition(".")
        if dot and letter in others and field in LaneConfig.model_fields:
            others[letter][field] = value
        elif name in LaneConfig.model_fields:
            lane[name] = value
        elif name == "steps":
            top[name] = value
        else:
            problems.append(
                Problem(
                    shown(name),
                    shown(value),
                    "no such field; the fields are "
                    + ", ".join([*LaneConfig.model_fields, "steps"]),
                )
            )
    try:
        config = parse({"lane": lane, "others": list(others.values()), **top})
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    return config
