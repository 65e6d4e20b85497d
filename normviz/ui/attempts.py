"""What the diagnosis proposes, as a new lane."""

from typing import Any

from normviz.config import LANES, ConfigError, LaneConfig, parse
from normviz.language import _
from normviz.ui import lanes, lecture
from normviz.ui.link import State, differences, key


def attempt(state: State, asked: Any) -> str:  # noqa: ANN401 - what a browser sent
    """Add a lane: the one that was diagnosed, with the proposed changes. Say why, where it cannot be.

    ``asked`` is ``{"lane": number, "changes": {field: value}}``.
    """
    wanted = _wanted(state, asked)
    if wanted is None:
        return _("The live view asked for a lane that cannot be.")
    if held := [name for name in (lecture.LANES, *wanted) if not lecture.open_to(state, name)]:
        return _("This link does not offer it: {name}.").format(name=lecture.named(held[0]))
    known = differences(state)
    if not wanted:
        return _("Lane {lane} already is that network.").format(lane="A")
    if wanted in known:
        lane = LANES[1 + known.index(wanted)].upper()
        return _("Lane {lane} already is that network.").format(lane=lane)
    return "" if lanes.add(state, wanted) else _("All four lanes are in use.")


def _wanted(state: State, asked: Any) -> dict[str, Any] | None:  # noqa: ANN401 - what a browser sent
    """Return the differences from lane A, or None where the request is not one of ours."""
    match asked:
        case {"lane": int(lane), "changes": dict(changes)} if 0 <= lane < len(LANES):
            first = {field: state[key(0, field)] for field in LaneConfig.model_fields}
            before = [{}, *differences(state)][lane]
        case _:
            return None
    try:
        config = parse({"lane": first, "others": [{**before, **changes}]})
    except ConfigError:
        return None
    found = config.changes()[0] if config.others else {}
    return {field: value for field, value in found.items() if value != first[field]}
