"""The configuration of a run: frozen, validated, and the same thing as its link.

A run trains one to four lanes. Lane A is a full :class:`LaneConfig`; every further lane is "the same as A, except"
some fields (:data:`Changes`). The canonical JSON of a :class:`RunConfig` is hashed to the key of the run: the same key
means the same frames.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from normviz import catalog

LANES = "abcd"


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: ``field`` got ``value``, and ``allowed`` says what it takes."""

    field: str
    value: str
    allowed: str

    def __str__(self) -> str:
        """One sentence for a person."""
        return f"{self.field}: {self.value} is not possible; allowed: {self.allowed}"


class ConfigError(ValueError):
    """A configuration that cannot be. ``problems`` names every field, its value and what is allowed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))


def _one_of(table: catalog.Catalog) -> AfterValidator:
    def check(name: str) -> str:
        if name not in table:
            raise PydanticCustomError("choice", "one of {allowed}", {"allowed": ", ".join(table)})
        return name

    return AfterValidator(check)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LaneConfig(_Frozen):
    """All that decides how one network trains; the controls show the fields' titles and descriptions."""

    dataset: Annotated[str, _one_of(catalog.DATASETS)] = Field(
        default="mnist",
        title="Data set",
        description="What the network learns to classify: pairs $(x, y)$.",
    )
    preprocessing: Annotated[str, _one_of(catalog.PREPROCESSINGS)] = Field(
        default="raw",
        title="Preprocessing",
        description="Done once, with statistics of the training data: $x' = (x - \\bar x) / s$.",
    )
    whiten_eps: float = Field(
        default=0.1,
        ge=1e-6,
        le=10.0,
        title="Whitening epsilon",
        description="A direction of variance $\\lambda$ is divided by $\\sqrt{\\lambda + \\epsilon}$: where $\\lambda$ "
        "is far below $\\epsilon$ it stays small, instead of being blown up into noise.",
    )
    depth: int = Field(
        default=10,
        ge=1,
        le=30,
        title="Depth",
        description="Hidden layers $L$: the gradient passes $L$ slopes, so it changes as $w^L$.",
    )
    width: int = Field(
        default=200,
        ge=4,
        le=512,
        title="Width",
        description="Units in each hidden layer, $n$: each layer has an $n \\times n$ matrix $W$.",
    )
    activation: Annotated[str, _one_of(catalog.ACTIVATIONS)] = Field(
        default="sigmoid",
        title="Activation",
        description="The nonlinearity of every hidden unit, $a = \\phi(z)$.",
    )
    init: Annotated[str, _one_of(catalog.INITIALIZERS)] = Field(
        default="xavier",
        title="Initialization",
        description="Weights before the first step, $W \\sim p$; biases are 0.",
    )
    init_std: float = Field(
        default=0.1,
        ge=1e-4,
        le=10.0,
        title="Size of the initial weights",
        description="The $s$ of $W = s$, $W \\sim \\mathcal N(0, s^2)$ or $W \\sim \\mathcal U(-s, s)$.",
    )
    gain: float = Field(
        default=1.0,
        ge=0.01,
        le=100.0,
        title="Gain",
        description="Random initial weights are multiplied by it, $W_0 \\leftarrow g W_0$.",
    )
    norm: Annotated[str, _one_of(catalog.NORMS)] = Field(
        default="none",
        title="Normalization",
        description="$\\hat x = (x - \\mu) / \\sqrt{\\sigma^2 + \\epsilon}$; what $\\mu$ is taken over is the kind.",
    )
    eps: float = Field(
        default=1e-5,
        ge=0.0,
        le=1.0,
        title="Epsilon of the normalization",
        description="The $\\epsilon$ in $\\sqrt{\\sigma^2 + \\epsilon}$; with 0 a constant unit is divided by zero.",
    )
    momentum: float = Field(
        default=0.1,
        ge=0.0,
        le=1.0,
        title="Momentum of the running averages",
        description="$\\mu \\leftarrow (1 - \\rho) \\mu + \\rho \\mu_B$ after every minibatch; used in eval mode.",
    )
    groups: int = Field(
        default=10,
        ge=1,
        le=512,
        title="Groups",
        description="$G$ groups of $n / G$ units; where $G$ does not divide $n$, the largest smaller number that does.",
    )
    r_max: float = Field(
        default=3.0,
        ge=1.0,
        le=100.0,
        title="Renorm r_max",
        description="$r = \\sigma_B / \\sigma$ is clipped to $[1 / r_{max}, r_{max}]$; 1 with $d_{max} = 0$ is Batch.",
    )
    d_max: float = Field(
        default=5.0,
        ge=0.0,
        le=100.0,
        title="Renorm d_max",
        description="$d = (\\mu_B - \\mu) / \\sigma$ is clipped to $[-d_{max}, d_{max}]$.",
    )
    place: Annotated[str, _one_of(catalog.PLACES)] = Field(
        default="before",
        title="Place of the normalization",
        description="$\\phi(\\mathrm{norm}(z))$ or $\\mathrm{norm}(\\phi(z))$.",
    )
    affine: bool = Field(
        default=True,
        title="Learn gamma and beta",
        description="$y = \\gamma \\hat x + \\beta$ can undo the normalization; off: $\\gamma = 1$, $\\beta = 0$.",
    )
    optimizer: Annotated[str, _one_of(catalog.OPTIMIZERS)] = Field(
        default="sgd",
        title="Optimizer",
        description="How a gradient $g$ becomes a step of the weights $\\theta$.",
    )
    lr: float = Field(
        default=0.1,
        ge=1e-6,
        le=100.0,
        title="Learning rate",
        description="The size $\\eta$ of a step, $\\theta \\leftarrow \\theta - \\eta g$.",
    )
    schedule: Annotated[str, _one_of(catalog.SCHEDULES)] = Field(
        default="constant",
        title="Schedule",
        description="How the learning rate $\\eta_t$ of step $t$ of $T$ follows from the learning rate $\\eta$.",
    )
    weight_decay: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        title="Weight decay",
        description="$g \\leftarrow g + \\lambda \\theta$ for all parameters; AdamW takes it from $\\theta$ itself.",
    )
    clip: float = Field(
        default=0.0,
        ge=0.0,
        le=1000.0,
        title="Gradient clipping",
        description="$g \\leftarrow g \\min(1, c / \\lVert g \\rVert)$, the norm over all parameters; 0: off. The "
        "charts show $g$ before it.",
    )
    batch_size: int = Field(
        default=200,
        ge=1,
        le=1000,
        title="Batch size",
        description="Examples $m$ in a minibatch: $\\mu_B = \\frac{1}{m} \\sum_{i=1}^m x_i$.",
    )
    order: Annotated[str, _one_of(catalog.ORDERS)] = Field(
        default="shuffled",
        title="Order of the examples",
        description="Which examples $x_1 \\dots x_m$ come together in a minibatch.",
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title="Seed",
        description="Same seed, same numbers: initial weights $W_0$ and the order of the minibatches.",
    )


CHOICES: dict[str, catalog.Catalog] = {
    "dataset": catalog.DATASETS,
    "preprocessing": catalog.PREPROCESSINGS,
    "activation": catalog.ACTIVATIONS,
    "init": catalog.INITIALIZERS,
    "norm": catalog.NORMS,
    "place": catalog.PLACES,
    "optimizer": catalog.OPTIMIZERS,
    "order": catalog.ORDERS,
    "schedule": catalog.SCHEDULES,
}


def describe(field: str, value: Any) -> str:  # noqa: ANN401 - any field's value
    """Name a setting for a legend, as "Normalization: Batch"."""
    shown = (
        CHOICES[field][value].label
        if field in CHOICES
        else {True: "on", False: "off"}.get(value, value)
        if isinstance(value, bool)
        else f"{value:g}"
    )
    return f"{LaneConfig.model_fields[field].title}: {shown}"


def matters(field: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a field has an effect beside these values: some belong to certain choices only."""
    users = [
        name for name, table in CHOICES.items() if any(field in c.uses for c in table.values())
    ]
    return not users or any(field in CHOICES[name][values[name]].uses for name in users)


def _optional(info: FieldInfo) -> Any:  # noqa: ANN401 - a field's annotation and default
    return Annotated[info.annotation, Field(title=info.title), *info.metadata] | None, None  # pyright: ignore


class _NoFields(_Frozen):
    """A lane that is like lane A."""


_fields: dict[str, Any] = {name: _optional(info) for name, info in LaneConfig.model_fields.items()}
if TYPE_CHECKING:
    Changes = _NoFields
else:
    #: What a lane does differently from lane A: the fields of :class:`LaneConfig`, all of them optional.
    Changes = create_model("Changes", __base__=_NoFields, **_fields)


class RunConfig(_Frozen):
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
            _place(e["loc"]), _shown(e["input"]), _allowed(str(e["loc"][-1]) if e["loc"] else "", e)
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
        case _:
            return ".".join(map(str, loc)) or "configuration"


def _shown(value: Any) -> str:  # noqa: ANN401 - any input
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # more than 4,300 digits, or nested too deeply
        text = f"a {type(value).__name__} too large to show"
    return text if len(text) <= 60 else text[:57] + "..."


def _allowed(field: str, error: Any) -> str:  # noqa: ANN401 - pydantic's error dictionary
    """Say what a field takes: its choices, its range, or pydantic's own words."""
    if error["type"] == "extra_forbidden":
        return "no such field; the fields are " + ", ".join([*LaneConfig.model_fields, "steps"])
    if field in CHOICES:
        return "one of " + ", ".join(CHOICES[field])
    return limits(field) or error["msg"]


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
                    _shown(name),
                    _shown(value),
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
