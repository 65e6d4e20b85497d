"""Controls, session and link are three forms of one configuration; this is where they turn into each other."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from normviz.config import (
    LANES,
    ConfigError,
    LaneConfig,
    Problem,
    RunConfig,
    from_link,
    parse,
    to_link,
)

NOTHING = ""
COMPARED = "compare"
RESTORED = "restored"
PROBLEMS = "problems"
#: Query parameters that belong to Streamlit.
FOREIGN = frozenset({"embed", "embed_options"})

State = MutableMapping[Any, Any]


def key(lane: int, field: str) -> str:
    """Return the session key of a control: ``a.depth`` for lane A."""
    return f"{LANES[lane]}.{field}"


def problems(state: State) -> tuple[Problem, ...]:
    """Return what was wrong with the link, until a control is touched."""
    return state[PROBLEMS]


def restore(state: State, query: Mapping[str, str]) -> None:
    """On a session's first run, set all controls from the link; from a bad one, set the defaults."""
    if RESTORED not in state:
        state[PROBLEMS] = ()
        try:
            config = from_link(
                {name: value for name, value in query.items() if name not in FOREIGN}
            )
            if len(config.others) > 1 or any(len(changes) != 1 for changes in config.changes()):
                raise ConfigError(
                    [
                        Problem(
                            "b.…", "more than one difference", "one lane b with one changed control"
                        )
                    ]
                )
        except ConfigError as error:
            config = RunConfig()
            state[PROBLEMS] = error.problems
        set_controls(state, config)
        state[RESTORED] = config


def set_controls(state: State, config: RunConfig) -> None:
    """Give every control its value."""
    for field, value in config.lane.model_dump().items():
        state[key(0, field)] = value
    state["steps"] = config.steps
    state[COMPARED] = NOTHING
    for field, value in config.changes()[0].items() if config.others else ():
        state[COMPARED] = field
        state[key(1, field)] = value


def current(state: State) -> RunConfig:
    """Return the configuration that the controls show."""
    lane = {field: state[key(0, field)] for field in LaneConfig.model_fields}
    compared = state[COMPARED]
    others = (
        [{compared: state[key(1, compared)]}]
        if compared and state.get(key(1, compared)) is not None
        else []
    )
    config = parse({"lane": lane, "others": others, "steps": state["steps"]})
    if config != state[RESTORED]:
        state[RESTORED], state[PROBLEMS] = config, ()
    return config


def write(config: RunConfig, query: Any) -> None:  # noqa: ANN401 - Streamlit's query parameters
    """Put the whole configuration into the link, leaving what is not ours."""
    wanted = {
        **{name: value for name, value in query.items() if name in FOREIGN},
        **to_link(config),
    }
    if dict(query) != wanted:
        query.from_dict(wanted)
