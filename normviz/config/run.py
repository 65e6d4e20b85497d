"""The configuration of a run: its lanes, and when to stop."""

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model, field_validator
from pydantic.fields import FieldInfo

from normviz.config.lane import CHOICES, Frozen, LaneConfig, describe, worded
from normviz.language import N_, _

LANES = "abcd"
MOST_INTERVENTIONS = 32


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


#: What cannot change in the middle of a run: the network's size, its first weights, where it trains, what is measured.
FIXED = (
    "model",
    "depth",
    "width",
    "blocks",
    "channels",
    "init",
    "init_std",
    "gain",
    "seed",
    "device",
    "meter",
)
#: The fields of :class:`LaneConfig` that an :class:`Intervention` may change.
TURNABLE = tuple(name for name in LaneConfig.model_fields if name not in FIXED)
if TYPE_CHECKING:
    Turn = _NoFields
else:
    Turn = create_model("Turn", __base__=_NoFields, **{name: _fields[name] for name in TURNABLE})


class Intervention(Frozen):
    """A change in the middle of a run: after ``at`` updates, lane number ``lane`` goes on with these values."""

    lane: int = Field(ge=0, lt=len(LANES))
    at: int = Field(ge=1, le=99_999, title=N_("At step"))
    changes: Turn

    def values(self) -> dict[str, Any]:
        """Return what changes, as ``{field: value}``."""
        return self.changes.model_dump(exclude_none=True)


class RunConfig(Frozen):
    """One run: lane A, the lanes beside it, what changes on the way, and when to stop."""

    lane: LaneConfig = LaneConfig()
    interventions: tuple[Intervention, ...] = Field(default=(), max_length=MOST_INTERVENTIONS)
    others: tuple[Changes, ...] = Field(
        default=(), max_length=len(LANES) - 1, validate_default=True
    )
    steps: int = Field(
        default=10_000,
        ge=1,
        le=100_000,
        title=N_("Steps"),
        description=N_("The run ends after this many minibatches, $t \\le T$."),
    )

    @field_validator("interventions")
    @classmethod
    def _in_order(cls, interventions: tuple[Intervention, ...]) -> tuple[Intervention, ...]:
        """Sort them by step and lane, and make one of those that meet; the later one's values win."""
        met: dict[tuple[int, int], dict[str, Any]] = {}
        for each in interventions:
            met.setdefault((each.at, each.lane), {}).update(each.values())
        return tuple(
            Intervention(lane=lane, at=at, changes=Turn(**values))
            for (at, lane), values in sorted(met.items())
            if values
        )

    @field_validator("others")
    @classmethod
    def _without_idle(
        cls,
        others: tuple[Any, ...],
        info: Any,  # noqa: ANN401 - of a protocol that cannot be checked
    ) -> tuple[Any, ...]:
        """Leave out lanes that are like lane A from beginning to end: a link has no way to write them."""
        named = max((each.lane for each in info.data.get("interventions", ())), default=0)
        kept = others[:named] + (Changes(),) * (named - len(others))
        rest = (lane for lane in others[named:] if lane.model_dump(exclude_none=True))
        return (*kept, *rest)

    def changes(self) -> tuple[dict[str, Any], ...]:
        """Return what every further lane does differently, as ``{field: value}``."""
        return tuple(lane.model_dump(exclude_none=True) for lane in self.others)

    def lanes(self) -> tuple[LaneConfig, ...]:
        """Return the full configuration of every lane, A first."""
        return (self.lane, *(self.lane.model_copy(update=changes) for changes in self.changes()))

    def turns(self, lane: int) -> dict[int, LaneConfig]:
        """Return what a lane's configuration becomes, by the step after which it does."""
        config, turns = self.lanes()[lane], dict[int, LaneConfig]()
        for each in self.interventions:
            if each.lane == lane:
                config = turns[each.at] = config.model_copy(update=each.values())
        return turns

    def forks(self) -> dict[int, int]:
        """Return the lanes that are lane A up to a step, and that step."""
        first = self.turns(0)
        forks = dict[int, int]()
        for lane, changes in enumerate(self.changes(), 1):
            at = min(self.turns(lane), default=0)
            if at and not changes and all(step > at for step in first):
                forks[lane] = at
        return forks

    def titles(self, *, short: bool = False) -> tuple[str, ...]:
        """Name every lane by what makes it differ: A by its values of the others' changed fields.

        ``short``: without the names of the fields.
        """
        said = worded if short else describe
        fields = list(dict.fromkeys(field for changes in self.changes() for field in changes))
        starts = [[said(field, getattr(lane, field)) for field in fields] for lane in self.lanes()]
        return tuple(
            _(", ").join([*start, *self._turned(index, said)]) for index, start in enumerate(starts)
        )

    def _turned(self, lane: int, said: Callable[[str, Any], str]) -> list[str]:
        return [
            _("from step {step} {change}").format(step=each.at, change=said(field, value))
            for each in self.interventions
            if each.lane == lane
            for field, value in each.values().items()
        ]

    def canonical(self) -> str:
        """Return the one JSON text of this configuration (sorted keys, no blanks)."""
        return json.dumps(self.model_dump(exclude_none=True), sort_keys=True, separators=(",", ":"))

    def key(self) -> str:
        """Return the identity of the run: 16 hex digits of the SHA-256 of :meth:`canonical`."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()[:16]


def limits(field: str) -> str:
    """Return the range of a numeric field in words, or an empty string."""
    info = _infos().get(field)
    if info is None:
        return ""
    if info.annotation is bool:
        return _("true or false")
    if info.annotation is str and field not in CHOICES:
        return _("16 digits from 0-9 and a-f, or nothing")
    low, high = bounds(field)
    if low is None or high is None:
        return ""
    if info.annotation is int:
        return _("a whole number from {low} to {high}").format(
            low=f"{low:,.0f}", high=f"{high:,.0f}"
        )
    return _("a number from {low} to {high}").format(low=f"{low:g}", high=f"{high:g}")


def bounds(field: str) -> tuple[int | float | None, int | float | None]:
    """Return the smallest and largest value of a numeric field; None where there is no bound."""
    info = _infos()[field]
    low = next((m.ge for m in info.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in info.metadata if hasattr(m, "le")), None)
    return low, high


def _infos() -> dict[str, FieldInfo]:
    return {**LaneConfig.model_fields, **Intervention.model_fields, **RunConfig.model_fields}
