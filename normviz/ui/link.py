"""Controls, session and link are three forms of one configuration; this is where they turn into each other."""

from collections.abc import Mapping, MutableMapping, Sequence
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

RESTORED = "restored"
#: A link that could not be read, as the session keeps it: its query parameters.
PROBLEMS = "problems"
#: Changes in the middle of the run: a list of (lane, step, field, value).
TURNS = "turns"
#: The letter of a change that is being made.
DRAFT = "t"
#: The id of a run that came with a file, as a query parameter and in the session.
RECORDING = "recording"
#: A control that a link points at, as a query parameter.
CONTROL = "control"
#: The code of a room that the page is in, as a query parameter.
ROOM = "room"
#: Query parameters that are no configuration: Streamlit's, the language, what a link for a class shows, locks, opens.
FOREIGN = frozenset({"embed", "embed_options", "lang", "show", "lock", "view", CONTROL, ROOM})

State = MutableMapping[Any, Any]


def key(lane: int, field: str) -> str:
    """Return the session key of a control: ``a.depth`` for lane A; behind the last lane comes the draft of a change."""
    return f"{(LANES + DRAFT)[lane]}.{field}"


def differs(lane: int) -> str:
    """Return the session key of the list of fields that a lane does differently from lane A."""
    return f"{LANES[lane]}.differs"


def forked(state: State, lane: int) -> bool:
    """Tell whether something changes in this lane in the middle of the run."""
    return any(turn[0] == lane for turn in state[TURNS])


def differences(state: State) -> list[dict[str, Any]]:
    """Return what lanes B, C and D do differently from the beginning."""
    return [
        {
            field: state[key(lane, field)]
            for field in state[differs(lane)]
            if state.get(key(lane, field)) is not None
        }
        for lane in range(1, len(LANES))
    ]


def set_lanes(state: State, lanes: Sequence[Mapping[str, Any]]) -> None:
    """Give lanes B, C and D these differences; those behind the last become empty."""
    for lane in range(1, len(LANES)):
        changes = lanes[lane - 1] if lane <= len(lanes) else {}
        state[differs(lane)] = list(changes)
        for field in LaneConfig.model_fields:
            if field in changes:
                state[key(lane, field)] = changes[field]
            else:
                state.pop(key(lane, field), None)


def close_gaps(state: State) -> None:
    """Let lanes move up where one before them has become like lane A."""
    lanes = differences(state)
    used = [lane for lane, changes in enumerate(lanes, 1) if changes or forked(state, lane)]
    now = {0: 0, **{lane: place for place, lane in enumerate(used, 1)}}
    set_lanes(state, [lanes[lane - 1] for lane in used])
    state[TURNS] = [(now[lane], *turn) for lane, *turn in state[TURNS]]


def problems(state: State) -> tuple[Problem, ...]:
    """Return what was wrong with the link, until a control is touched."""
    try:
        from_link(state[PROBLEMS])
    except ConfigError as error:
        return error.problems
    return ()


def restore(state: State, query: Mapping[str, str], *, entered: bool = False) -> None:
    """On a session's first run, set all controls from the link; from a bad one, set the defaults.

    ``entered``: the session comes from another page. Streamlit has forgotten the controls by then: they are set from
    the link, if it says anything, or as they were when the page was left.
    """
    if RESTORED not in state or (entered and _ours(query)):
        _read(state, query)
    elif entered:
        set_controls(state, state[RESTORED])


def configured(query: Mapping[str, str]) -> bool:
    """Tell whether a link says anything of a configuration."""
    return bool(_ours(query))


def _ours(query: Mapping[str, str]) -> dict[str, str]:
    """Return the query parameters that are a configuration."""
    return {name: value for name, value in query.items() if name not in {*FOREIGN, RECORDING}}


def _read(state: State, query: Mapping[str, str]) -> None:
    ours, state[PROBLEMS] = _ours(query), {}
    try:
        config = from_link(ours)
    except ConfigError:
        config = RunConfig()
        state[PROBLEMS] = ours
    set_controls(state, config)
    state[RESTORED], state[RECORDING] = config, query.get(RECORDING, "")[:80]


def set_controls(state: State, config: RunConfig) -> None:
    """Give every control its value."""
    for field, value in config.lane.model_dump().items():
        state[key(0, field)] = value
    state["steps"] = config.steps
    state[TURNS] = [
        (each.lane, each.at, field, value)
        for each in config.interventions
        for field, value in each.values().items()
    ]
    set_lanes(state, config.changes())


def take_over(state: State, config: RunConfig) -> None:
    """Show this configuration from now on, whatever the session's link was."""
    set_controls(state, config)
    state[RESTORED], state[PROBLEMS], state[RECORDING] = config, {}, ""


def current(state: State) -> RunConfig:
    """Return the configuration that the controls show."""
    lane = {field: state[key(0, field)] for field in LaneConfig.model_fields}
    turns = [
        {"lane": lane, "at": at, "changes": {field: value}}
        for lane, at, field, value in state[TURNS]
    ]
    config = parse(
        {
            "lane": lane,
            "interventions": turns,
            "others": differences(state),
            "steps": state["steps"],
        }
    )
    if config != state[RESTORED]:
        state[RESTORED], state[PROBLEMS], state[RECORDING] = config, {}, ""
    return config


def recording(state: State) -> str:
    """Return the id of the recording that the link names, until a control is touched."""
    return state[RECORDING]


def write(config: RunConfig, query: Any, recorded: str = "", room: str = "") -> None:  # noqa: ANN401 - Streamlit's query parameters
    """Put the whole configuration into the link, which recording of it is shown, and the room that the page is in.

    What is not ours stays.
    """
    _replace(query, {**to_link(config), **({RECORDING: recorded} if recorded else {})}, room)


def write_room(query: Any, room: str) -> None:  # noqa: ANN401 - Streamlit's query parameters
    """Put nothing but the room into the link: it says what is shown. What is not ours stays."""
    _replace(query, {}, room)


def _replace(query: Any, ours: Mapping[str, str], room: str) -> None:  # noqa: ANN401 - Streamlit's query parameters
    wanted = {
        **{name: value for name, value in query.items() if name in FOREIGN - {ROOM}},
        **({ROOM: room} if room else {}),
        **ours,
    }
    if dict(query) != wanted:
        query.from_dict(wanted)
