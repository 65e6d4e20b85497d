"""The configuration of one network in training."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from normviz import catalog


def _one_of(table: catalog.Catalog) -> AfterValidator:
    def check(name: str) -> str:
        if name not in table:
            raise PydanticCustomError("choice", "one of {allowed}", {"allowed": ", ".join(table)})
        return name

    return AfterValidator(check)


class Frozen(BaseModel):
    """A model that cannot change and takes no unknown field, no infinity and no not-a-number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class LaneConfig(Frozen):
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
