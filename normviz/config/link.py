"""A configuration as the query parameters of a link, and back."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from normviz.config.lane import LaneConfig
from normviz.config.problems import ConfigError, Problem, no_such_field, parse, shown
from normviz.config.run import LANES, RunConfig


def to_link(config: RunConfig) -> dict[str, str]:
    """Write the whole configuration as query parameters.

    ``depth=10``, for lane B ``b.norm=batch``; from step 500 on ``lr@500=0.01`` and ``b.lr@500=0.01``; and ``steps=``.
    """
    lane = config.lane.model_dump()
    link = {name: _written(value) for name, value in lane.items() if value != ""}
    for letter, changes in zip(LANES[1:], config.changes(), strict=False):
        link |= {f"{letter}.{field}": _written(value) for field, value in changes.items()}
    for each in config.interventions:
        letter = f"{LANES[each.lane]}." if each.lane else ""
        link |= {f"{letter}{field}@{each.at}": _written(v) for field, v in each.values().items()}
    return link | {"steps": _written(config.steps)}


def _turn(name: str) -> dict[str, Any] | None:
    """Read ``b.lr@500``: lane 1, at step 500, the field lr; None where a name is nothing like it."""
    found = re.fullmatch(rf"(?:([{LANES}])\.)?(\w+)@(\d{{1,9}})", name, re.ASCII)
    if not found or found[2] not in LaneConfig.model_fields:
        return None
    return {"lane": LANES.index(found[1] or LANES[0]), "at": int(found[3]), "changes": found[2]}


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_link(query: Mapping[str, str]) -> RunConfig:
    """Read query parameters back; a field that is absent has its default.

    Raises:
        ConfigError: naming every field, its value and what is allowed.
    """
    lane, others, top, problems = {}, {letter: {} for letter in LANES[1:]}, {}, []
    turns: dict[tuple[int, int], dict[str, Any]] = {}
    for name, value in query.items():
        letter, dot, field = name.partition(".")
        if turn := _turn(name):
            place = turn["lane"], turn["at"]
            turns.setdefault(place, {**turn, "changes": {}})["changes"][turn["changes"]] = value
        elif dot and letter in others and field in LaneConfig.model_fields:
            others[letter][field] = value
        elif name in LaneConfig.model_fields:
            lane[name] = value
        elif name == "steps":
            top[name] = value
        else:
            problems.append(Problem(shown(name), shown(value), no_such_field()))
    try:
        config = parse(
            {
                "lane": lane,
                "interventions": list(turns.values()),
                "others": list(others.values()),
                **top,
            }
        )
    except ConfigError as error:
        found = [_named_in_link(problem, list(turns.values())) for problem in error.problems]
        raise ConfigError([*problems, *found]) from None
    if problems:
        raise ConfigError(problems)
    return config


def _named_in_link(problem: Problem, turns: list[dict[str, Any]]) -> Problem:
    """Call a change in the middle of a run what the link calls it."""
    words = problem.field.split(" ")
    if words[0] != "change" or len(words) < 2:
        return problem
    turn = turns[int(words[1]) - 1]
    field = words[-1] if words[-1] in turn["changes"] else next(iter(turn["changes"]))
    letter = f"{LANES[turn['lane']]}." if turn["lane"] else ""
    return replace(problem, field=f"{letter}{field}@{turn['at']}")
