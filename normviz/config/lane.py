"""The configuration of one network in training."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from normviz import catalog
from normviz.language import N_, _


def _one_of(table: catalog.Catalog) -> AfterValidator:
    def check(name: str) -> str:
        if name not in table:
            raise PydanticCustomError("choice", "one of {allowed}", {"allowed": ", ".join(table)})
        return name

    return AfterValidator(check)


class Frozen(BaseModel):
    """A model that cannot change and takes no unknown field, no infinity and no not-a-number."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __deepcopy__(self, memo: object = None) -> "Frozen":  # pyright: ignore
        """Return itself: what cannot change needs no copy."""
        return self


class LaneConfig(Frozen):
    """All that decides how one network trains; the controls show the fields' titles and descriptions."""

    dataset: Annotated[str, _one_of(catalog.DATASETS)] = Field(
        default="mnist",
        title=N_("Data set"),
        description=N_("What the network learns to classify: pairs $(x, y)$."),
    )
    preprocessing: Annotated[str, _one_of(catalog.PREPROCESSINGS)] = Field(
        default="raw",
        title=N_("Preprocessing"),
        description=N_(
            "Done once, with statistics of the training data: $x' = (x - \\bar x) / s$."
        ),
    )
    whiten_eps: float = Field(
        default=0.1,
        ge=1e-6,
        le=10.0,
        title=N_("Whitening epsilon"),
        description=N_(
            "A direction of variance $\\lambda$ is divided by $\\sqrt{\\lambda + \\epsilon}$: where $\\lambda$ "
            "is far below $\\epsilon$ it stays small, instead of being blown up into noise."
        ),
    )
    own: str = Field(
        default="",
        pattern="^([0-9a-f]{16})?$",
        title=N_("Own data"),
        description=N_(
            "Which data of your own: the first 16 digits of the SHA-256 of the pairs $(x, y)$."
        ),
    )
    noise: float = Field(
        default=0.0,
        ge=0.0,
        le=0.5,
        title=N_("Noise of the points"),
        description=N_(
            "How unclear the classes in the plane are, $0 \\le \\nu \\le \\frac12$, as TensorFlow Playground's "
            "0 to 50."
        ),
    )
    model: Annotated[str, _one_of(catalog.MODELS)] = Field(
        default="mlp",
        title=N_("Model"),
        description=N_(
            "How the layers $f_l$ are wired: $\\hat y = f_L \\circ \\dots \\circ f_1 (x)$."
        ),
    )
    depth: int = Field(
        default=10,
        ge=1,
        le=100,
        title=N_("Depth"),
        description=N_(
            "Hidden layers $L$: the gradient passes $L$ slopes, so it changes as $w^L$."
        ),
    )
    width: int = Field(
        default=200,
        ge=4,
        le=512,
        title=N_("Width"),
        description=N_(
            "Units in each hidden layer, $n$: each layer has an $n \\times n$ matrix $W$."
        ),
    )
    blocks: int = Field(
        default=4,
        ge=2,
        le=6,
        title=N_("Convolution blocks"),
        description=N_(
            "Convolutions of $3 \\times 3$; each halves height and width while they are above 3."
        ),
    )
    channels: int = Field(
        default=16,
        ge=4,
        le=64,
        title=N_("Channels"),
        description=N_(
            "Feature maps $C$ that each block computes; a channel has one value at every position."
        ),
    )
    activation: Annotated[str, _one_of(catalog.ACTIVATIONS)] = Field(
        default="sigmoid",
        title=N_("Activation"),
        description=N_("The nonlinearity of every hidden unit, $a = \\phi(z)$."),
    )
    init: Annotated[str, _one_of(catalog.INITIALIZERS)] = Field(
        default="xavier",
        title=N_("Initialization"),
        description=N_("Weights before the first step, $W \\sim p$; biases are 0."),
    )
    init_std: float = Field(
        default=0.1,
        ge=1e-4,
        le=10.0,
        title=N_("Size of the initial weights"),
        description=N_(
            "The $s$ of $W = s$, $W \\sim \\mathcal N(0, s^2)$ or $W \\sim \\mathcal U(-s, s)$."
        ),
    )
    gain: float = Field(
        default=1.0,
        ge=0.01,
        le=100.0,
        title=N_("Gain"),
        description=N_("Random initial weights are multiplied by it, $W_0 \\leftarrow g W_0$."),
    )
    norm: Annotated[str, _one_of(catalog.NORMS)] = Field(
        default="none",
        title=N_("Normalization"),
        description=N_(
            "$\\hat x = (x - \\mu) / \\sqrt{\\sigma^2 + \\epsilon}$; what $\\mu$ is taken over is the kind."
        ),
    )
    eps: float = Field(
        default=1e-5,
        ge=0.0,
        le=1.0,
        title=N_("Epsilon of the normalization"),
        description=N_(
            "The $\\epsilon$ in $\\sqrt{\\sigma^2 + \\epsilon}$; with 0 a constant unit is divided by zero."
        ),
    )
    momentum: float = Field(
        default=0.1,
        ge=0.0,
        le=1.0,
        title=N_("Momentum of the running averages"),
        description=N_(
            "$\\mu \\leftarrow (1 - \\rho) \\mu + \\rho \\mu_B$ after every minibatch; used in eval mode."
        ),
    )
    groups: int = Field(
        default=10,
        ge=1,
        le=512,
        title=N_("Groups"),
        description=N_(
            "$G$ groups of $n / G$ units; where $G$ does not divide $n$, the largest smaller number that does."
        ),
    )
    r_max: float = Field(
        default=3.0,
        ge=1.0,
        le=100.0,
        title=N_("Renorm r_max"),
        description=N_(
            "$r = \\sigma_B / \\sigma$ is clipped to $[1 / r_{max}, r_{max}]$; 1 with $d_{max} = 0$ is Batch."
        ),
    )
    d_max: float = Field(
        default=5.0,
        ge=0.0,
        le=100.0,
        title=N_("Renorm d_max"),
        description=N_("$d = (\\mu_B - \\mu) / \\sigma$ is clipped to $[-d_{max}, d_{max}]$."),
    )
    warmup: int = Field(
        default=100,
        ge=0,
        le=10_000,
        title=N_("Renorm warm-up"),
        description=N_(
            "Steps $T$ as Batch; then $r_{max}$ and $d_{max}$ grow linearly to their values in $T$ more."
        ),
    )
    power_iterations: int = Field(
        default=1,
        ge=1,
        le=20,
        title=N_("Power iterations"),
        description=N_(
            "Steps $v \\leftarrow W^\\top W v / \\lVert W^\\top W v \\rVert$ towards $\\sigma(W)$ a minibatch."
        ),
    )
    lrn_n: int = Field(
        default=5,
        ge=1,
        le=64,
        title=N_("Neighbours"),
        description=N_("Channels $n$ around each one whose squares are summed."),
    )
    lrn_k: float = Field(
        default=2.0,
        ge=0.01,
        le=10.0,
        title=N_("LRN k"),
        description=N_(
            "The $k$ of $(k + \\frac{\\alpha}{n} \\sum_j x_j^2)^\\beta$: what silence is divided by."
        ),
    )
    lrn_alpha: float = Field(
        default=5e-4,
        ge=1e-6,
        le=10.0,
        title=N_("LRN alpha"),
        description=N_(
            "The $\\alpha$ of $(k + \\frac{\\alpha}{n} \\sum_j x_j^2)^\\beta$: how much neighbours count."
        ),
    )
    lrn_beta: float = Field(
        default=0.75,
        ge=0.0,
        le=5.0,
        title=N_("LRN beta"),
        description=N_("The $\\beta$ of $(k + \\frac{\\alpha}{n} \\sum_j x_j^2)^\\beta$."),
    )
    statistics: Annotated[str, _one_of(catalog.STATISTICS)] = Field(
        default="running",
        title=N_("Statistics for inference"),
        description=N_(
            "What stands for $\\mu_B$ and $\\sigma_B^2$ in eval mode, where no minibatch is there."
        ),
    )
    place: Annotated[str, _one_of(catalog.PLACES)] = Field(
        default="before",
        title=N_("Place of the normalization"),
        description=N_("$\\phi(\\mathrm{norm}(z))$ or $\\mathrm{norm}(\\phi(z))$."),
    )
    affine: bool = Field(
        default=True,
        title=N_("Learn gamma and beta"),
        description=N_(
            "$y = \\gamma \\hat x + \\beta$ can undo the normalization; off: $\\gamma = 1$, $\\beta = 0$."
        ),
    )
    optimizer: Annotated[str, _one_of(catalog.OPTIMIZERS)] = Field(
        default="sgd",
        title=N_("Optimizer"),
        description=N_("How a gradient $g$ becomes a step of the weights $\\theta$."),
    )
    lr: float = Field(
        default=0.1,
        ge=1e-6,
        le=100.0,
        title=N_("Learning rate"),
        description=N_("The size $\\eta$ of a step, $\\theta \\leftarrow \\theta - \\eta g$."),
    )
    schedule: Annotated[str, _one_of(catalog.SCHEDULES)] = Field(
        default="constant",
        title=N_("Schedule"),
        description=N_(
            "How the learning rate $\\eta_t$ of step $t$ of $T$ follows from the learning rate $\\eta$."
        ),
    )
    weight_decay: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        title=N_("Weight decay"),
        description=N_(
            "$g \\leftarrow g + \\lambda \\theta$ for all parameters; AdamW takes it from $\\theta$ itself."
        ),
    )
    clip: float = Field(
        default=0.0,
        ge=0.0,
        le=1000.0,
        title=N_("Gradient clipping"),
        description=N_(
            "$g \\leftarrow g \\min(1, c / \\lVert g \\rVert)$, the norm over all parameters; 0: off. The "
            "charts show $g$ before it."
        ),
    )
    batch_size: int = Field(
        default=200,
        ge=1,
        le=1000,
        title=N_("Batch size"),
        description=N_("Examples $m$ in a minibatch: $\\mu_B = \\frac{1}{m} \\sum_{i=1}^m x_i$."),
    )
    order: Annotated[str, _one_of(catalog.ORDERS)] = Field(
        default="shuffled",
        title=N_("Order of the examples"),
        description=N_("Which examples $x_1 \\dots x_m$ come together in a minibatch."),
    )
    seed: int = Field(
        default=0,
        ge=0,
        le=2**31 - 1,
        title=N_("Seed"),
        description=N_(
            "Same seed, same numbers: initial weights $W_0$ and the order of the minibatches."
        ),
    )
    device: Annotated[str, _one_of(catalog.DEVICES)] = Field(
        default="auto",
        title=N_("Device"),
        description=N_("Where the tensors are and the matrix products $W x$ are computed."),
    )
    meter: Annotated[str, _one_of(catalog.METERS)] = Field(
        default="drift",
        title=N_("Covariate shift"),
        description=N_(
            "What is measured of it beside training, which it does not change: how far $p(z_t)$ is from "
            "$p(z_0)$."
        ),
    )


CHOICES: dict[str, catalog.Catalog] = {
    "dataset": catalog.DATASETS,
    "preprocessing": catalog.PREPROCESSINGS,
    "model": catalog.MODELS,
    "activation": catalog.ACTIVATIONS,
    "init": catalog.INITIALIZERS,
    "norm": catalog.NORMS,
    "statistics": catalog.STATISTICS,
    "place": catalog.PLACES,
    "optimizer": catalog.OPTIMIZERS,
    "order": catalog.ORDERS,
    "schedule": catalog.SCHEDULES,
    "device": catalog.DEVICES,
    "meter": catalog.METERS,
}


def describe(field: str, value: Any) -> str:  # noqa: ANN401 - any field's value
    """Name a setting for a legend, as "Normalization: Batch"."""
    return _("{field}: {value}").format(field=title(field), value=worded(field, value))


def worded(field: str, value: Any) -> str:  # noqa: ANN401 - any field's value
    """Name a setting without its field, as "Batch"."""
    if field in CHOICES:
        return _(CHOICES[field][value].label)
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return value if isinstance(value, str) else f"{value:g}"


def title(field: str) -> str:
    """Return what a field of a lane is called on the page."""
    return _(str(LaneConfig.model_fields[field].title))


def matters(field: str, values: Mapping[str, Any]) -> bool:
    """Tell whether a field has an effect beside these values: some belong to certain choices only."""
    users = [
        name for name, table in CHOICES.items() if any(c.touches(field) for c in table.values())
    ]
    return not users or any(CHOICES[name][values[name]].touches(field) for name in users)
