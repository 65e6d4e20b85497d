"""Read the schema of a run's frames back from its JSON: from our own workers, or from a file of anybody's."""

from dataclasses import replace
from typing import Any

from normviz.frames import (
    DTYPES,
    MAX_BYTES,
    VERSION,
    Bins,
    Cloud,
    Field,
    Flag,
    LaneInfo,
    Plane,
    Schema,
    build_schema,
)

MOST_LANES = 4
MOST_LAYERS = 1000
MOST_FIELDS = 1024
MOST_BINS = 4096
MOST_FLAGS = 256
MOST_GRID = 256
MOST_CLASSES = 255
MOST_CLOUDS = 64
MOST_POINTS = 4096
LONGEST = 400
_FAR = 1e6


class SchemaError(ValueError):
    """JSON that is not a schema. The message names the field and what is wrong with it."""


def read(sent: Any) -> Schema:  # noqa: ANN401 - this is where unknown input becomes known
    """Return the schema.

    Its layout must be the one that this version makes of the same lanes and fields, so that a page reads it too.

    Raises:
        SchemaError: it is none.
    """
    _insist(isinstance(sent, dict), "is no object")
    _insist(
        sent.get("version") == VERSION, f"version {_shown(sent.get('version'))}; known is {VERSION}"
    )
    lanes, fields = sent.get("lanes"), sent.get("fields")
    _insist(
        isinstance(lanes, list) and 1 <= len(lanes) <= MOST_LANES, "lanes: not a list of 1 to 4"
    )
    _insist(isinstance(fields, list) and 1 <= len(fields) <= MOST_FIELDS, "fields: not a list")
    assert isinstance(lanes, list)
    assert isinstance(fields, list)
    infos = [_lane(lane, index) for index, lane in enumerate(lanes)]
    mine: list[list[Field]] = [[] for _ in infos]
    last = 0
    for index, raw in enumerate(fields):
        field, lane = _field(raw, index, len(infos))
        _insist(lane >= last, f"fields: {field.name} of lane {lane} stands behind another lane's")
        _insist(
            field.name not in {each.name for each in mine[lane]}, f"{field.name}: twice in a lane"
        )
        mine[lane].append(field)
        last = lane
    return _laid_out(sent, infos, mine)


def _laid_out(sent: dict[str, Any], infos: list[LaneInfo], mine: list[list[Field]]) -> Schema:
    try:
        schema = build_schema(zip(infos, mine, strict=True))
    except KeyError as error:
        raise SchemaError(f"the schema: unknown axis {_shown(error.args[0])}") from None
    _insist(schema.bytes <= MAX_BYTES, f"frames of {schema.bytes:,} bytes; at most {MAX_BYTES:,}")
    _insist(
        sent.get("bytes") == schema.bytes, f"bytes: {_shown(sent.get('bytes'))}, not {schema.bytes}"
    )
    for placed, raw in zip(schema.fields, sent["fields"], strict=True):
        same = (
            raw.get("shape") in (list(placed.shape), placed.shape)
            and raw.get("offset") == placed.offset
        )
        _insist(same, f"{placed.field.name}: shape or offset do not fit its axes")
    flags, planes = _flags(sent.get("flags", []), len(infos)), sent.get("planes", [])
    _insist(
        isinstance(planes, list) and len(planes) <= len(infos), "planes: not a list of one a lane"
    )
    return replace(schema, flags=flags, planes=tuple(_plane(raw, len(infos)) for raw in planes))


def _plane(raw: Any, lanes: int) -> Plane:  # noqa: ANN401 - unknown input
    _insist(
        isinstance(raw, dict) and raw.keys() == Plane.__dataclass_fields__.keys(),
        "planes: not planes",
    )
    _insist(_whole(raw["lane"], 0, lanes - 1), "planes: no such lane")
    inputs, classes, clouds = (raw[name] for name in ("inputs", "classes", "clouds"))
    _insist(
        _numbers(raw["lo"], 2) and _numbers(raw["hi"], 2), "planes: lo or hi are not two numbers"
    )
    _insist(
        all(lo < hi for lo, hi in zip(raw["lo"], raw["hi"], strict=True)),
        "planes: lo is not below hi",
    )
    _insist(isinstance(inputs, list | tuple) and len(inputs) == 2, "planes: inputs")
    _insist(
        isinstance(classes, list | tuple) and 2 <= len(classes) <= MOST_CLASSES, "planes: classes"
    )
    for name in (*inputs, *classes):
        _text(name, "planes: a name")
    _insist(isinstance(clouds, list | tuple) and 1 <= len(clouds) <= MOST_CLOUDS, "planes: clouds")
    found = tuple(_cloud(cloud, len(classes)) for cloud in clouds)
    return Plane(
        raw["lane"], tuple(raw["lo"]), tuple(raw["hi"]), tuple(inputs), tuple(classes), found
    )


def _cloud(raw: Any, classes: int) -> Cloud:  # noqa: ANN401 - unknown input
    _insist(
        isinstance(raw, dict) and raw.keys() == Cloud.__dataclass_fields__.keys(),
        "planes: not points",
    )
    y = raw["y"]
    _insist(_whole(raw["step"], 0, 2**32 - 1), "planes: points at no step")
    _insist(isinstance(y, list | tuple) and len(y) <= MOST_POINTS, "planes: too many points")
    _insist(all(_whole(label, 0, classes - 1) for label in y), "planes: a point of no class")
    _insist(
        _numbers(raw["x1"], len(y)) and _numbers(raw["x2"], len(y)),
        "planes: points without coordinates",
    )
    return Cloud(raw["step"], tuple(raw["x1"]), tuple(raw["x2"]), tuple(y))


def _numbers(raw: Any, count: int) -> bool:  # noqa: ANN401 - unknown input
    """Tell whether it is a list of so many finite numbers."""
    return isinstance(raw, list | tuple) and len(raw) == count and all(map(_finite, raw))


def _finite(value: Any) -> bool:  # noqa: ANN401 - unknown input
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and abs(value) < 1e15  # whatever is not a number is not below it


def _flags(raw: Any, lanes: int) -> tuple[Flag, ...]:  # noqa: ANN401 - unknown input
    _insist(isinstance(raw, list) and len(raw) <= MOST_FLAGS, "flags: not a list")
    for flag in raw:
        _insist(
            isinstance(flag, dict) and flag.keys() == {"step", "lane", "text"}, "flags: not marks"
        )
        _insist(
            _whole(flag["step"], 0, 2**32 - 1) and _whole(flag["lane"], 0, lanes - 1),
            "flags: no such place",
        )
        _text(flag["text"], "flags: text")
    return tuple(Flag(**flag) for flag in raw)


def _lane(raw: Any, index: int) -> LaneInfo:  # noqa: ANN401 - unknown input
    where = f"lane {index}"
    _insist(isinstance(raw, dict), f"{where} is no object")
    known = LaneInfo.__dataclass_fields__
    missing = {"name", "title", "activation", "layers", "saturation"} - raw.keys()
    _insist(not missing, f"{where}: no {', '.join(sorted(missing))}")
    _insist(
        raw.keys() <= known.keys(), f"{where}: unknown {_shown(sorted(raw.keys() - known.keys()))}"
    )
    for name, value in raw.items():
        if name == "layers":
            _insist(
                _whole(value, 1, MOST_LAYERS),
                f"{where}: layers: {_shown(value)}; from 1 to {MOST_LAYERS}",
            )
        else:
            _text(value, f"{where}: {name}")
    return LaneInfo(**raw)


def _field(raw: Any, index: int, lanes: int) -> tuple[Field, int]:  # noqa: ANN401 - unknown input
    _insist(isinstance(raw, dict), f"field {index} is no object")
    _text(raw.get("name"), f"field {index}: name")
    name = raw["name"]
    for key in ("label", "unit", "description"):
        _text(raw.get(key), f"{name}: {key}")
    axes, lane = raw.get("axes"), raw.get("lane")
    _insist(isinstance(axes, list | tuple) and len(axes) <= 3, f"{name}: axes")
    for axis in axes:
        _text(axis, f"{name}: axes")
    _insist(
        isinstance(raw.get("dtype"), str) and raw["dtype"] in DTYPES,
        f"{name}: dtype {_shown(raw.get('dtype'))}; one of {', '.join(DTYPES)}",
    )
    _insist(_whole(lane, 0, lanes - 1), f"{name}: lane {_shown(lane)}; there are {lanes}")
    _insist(isinstance(raw.get("log"), bool), f"{name}: log is neither true nor false")
    _insist(_whole(raw.get("units", 0), 0, MOST_BINS), f"{name}: units")
    _insist(_whole(raw.get("grid", 0), 0, MOST_GRID), f"{name}: grid")
    bins = _bins(raw.get("bins"), name)
    _insist("bin" not in axes or bins is not None, f"{name}: an axis of bins and no bins")
    known = Field.__dataclass_fields__.keys() - {"axes", "bins"}
    values = {key: raw[key] for key in known if key in raw}
    return Field(**values, axes=tuple(axes), bins=bins), int(lane)


def _bins(raw: Any, name: str) -> Bins | None:  # noqa: ANN401 - unknown input
    if raw is None:
        return None
    _insist(isinstance(raw, dict) and raw.keys() == {"lo", "hi", "n", "log10"}, f"{name}: bins")
    lo, hi = raw["lo"], raw["hi"]
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (lo, hi))
    _insist(numbers and -_FAR < lo < hi < _FAR, f"{name}: bins from {_shown(lo)} to {_shown(hi)}")
    _insist(
        _whole(raw["n"], 2, MOST_BINS), f"{name}: {_shown(raw['n'])} bins; from 2 to {MOST_BINS}"
    )
    _insist(isinstance(raw["log10"], bool), f"{name}: bins: log10 is neither true nor false")
    return Bins(**raw)


def _whole(value: Any, low: int, high: int) -> bool:  # noqa: ANN401 - unknown input
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _text(value: Any, where: str) -> None:  # noqa: ANN401 - unknown input
    _insist(
        isinstance(value, str) and len(value) <= LONGEST,
        f"{where} is no text of up to {LONGEST} characters",
    )


def _insist(condition: bool, message: str) -> None:
    if not condition:
        raise SchemaError(
            f"the schema: {message}" if not message.startswith("the schema") else message
        )


def _shown(value: Any) -> str:  # noqa: ANN401 - any input
    text = repr(value)[:60]
    return text
