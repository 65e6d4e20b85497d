"""The configuration of a run: its lanes, and when to stop."""

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model, field_validator
from pydantic.fields import FieldInfo

from normviz.config.lane import Frozen, LaneConfig, describe

LANES = "abcd"


def _optional(info: FieldInfo) -> Any:  # noqa: ANN401 - a field's annotation and default
    return Annotated[info.annotation, Field(title=info.title), *info.metadata] | None, None  # pyright: ignore


class _NoFields(Frozen):
    """A lane that is like lane A."""


_fields: dict[str, Any] = {name: _optional(info) for name, info in LaneConfig.model_fields.items()}
if TYPE_CHECKING:
    Changes = _NoFields
else:
    #: What a lane does differently from lane A: the fields of :class:`LaneConfig`, all of them optional.
    Changes = create_model("Changes", __base__=_NoFields, **_fields)


class RunConfig(Frozen):
    """One run: lane A, the lanes beside it, and when to stop."""

    lane: LaneConfig = LaneConfig()
    others: tuple[Changes, ...] = Field(default=(), max_length=len(LANES) - 1)
    steps: int = Field(
        default=10_000,
        ge=1,
        le=100_000,
        title="Steps",
        description="The run ends after this many minibatches, $t \\le T$.",
    )

    @field_validator("others")
    @classmethod
    def _without_idle(cls, others: tuple[Any, ...]) -> tuple[Any, ...]:
        """Leave out lanes that change nothing: a link has no way to write them."""
        return tuple(lane for lane in others if lane.model_dump(exclude_none=True))

    def changes(self) -> tuple[dict[str, Any], ...]:
        """Return what every further lane does differently, as ``{field: value}``."""
        return tuple(lane.model_dump(exclude_none=True) for lane in self.others)

    def lanes(self) -> tuple[LaneConfig, ...]:
        """Return the full configuration of every lane, A first."""
        return (self.lane, *(self.lane.model_copy(update=changes) for changes in self.changes()))

    def titles(self) -> tuple[str, ...]:
        """Name every lane by what makes it differ: A by its values of the others' changed fields."""
        fields = list(dict.fromkeys(field for changes in self.changes() for field in changes))
        return tuple(
            ", ".join(describe(field, getattr(lane, field)) for field in fields)
            for lane in self.lanes()
        )

    def canonical(self) -> str:
        """Return the one JSON text of this configuration (sorted keys, no blanks)."""
        return json.dumps(self.model_dump(exclude_none=True), sort_keys=True, separators=(",", ":"))

    def key(self) -> str:
        """Return the identity of the run: 16 hex digits of the SHA-256 of :meth:`canonical`."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()[:16]


def limits(field: str) -> str:
    """Return the range of a numeric field in words, or an empty string."""
    info = {**LaneConfig.model_fields, **RunConfig.model_fields}.get(field)
    if info is None:
        return ""
    if info.annotation is bool:
        return "true or false"
    low, high = bounds(field)
    if low is None or high is None:
        return ""
    if info.annotation is int:
        return f"a whole number from {low:,.0f} to {high:,.0f}"
    return f"a number from {low:g} to {high:g}"


def bounds(field: str) -> tuple[int | float | None, int | float | None]:
    """Return the smallest and largest value of a numeric field; None where there is no bound."""
    info = {**LaneConfig.model_fields, **RunConfig.model_fields}[field]
    low = next((m.ge for m in info.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in info.metadata if hasattr(m, "le")), None)
    return low, high
