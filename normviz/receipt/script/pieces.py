"""What the parts of a script share: the configuration, the imports they ask for, and remarks for the head."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from normviz.config import LaneConfig


class Inexpressible(ValueError):
    """A setting that the script cannot repeat. The text names it."""


@dataclass
class Pieces:
    """A script in the making.

    Attributes:
        lane: what it repeats.
        steps: how many updates.
        turns: what the configuration becomes in the middle of the run, by the step after which it does.
        gpu: whether the run was trained on a GPU.
        notes: remarks for the head.
        needs: imports, as they are written.
    """

    lane: LaneConfig
    steps: int
    turns: Mapping[int, LaneConfig] = field(default_factory=dict)
    gpu: bool = False
    notes: list[str] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)

    def need(self, *imports: str) -> None:
        """Ask for imports."""
        self.needs.update(imports)

    def imports(self) -> list[str]:
        """Return the imports: the standard library's first, then the others."""
        standard = {line for line in self.needs if line.split()[1] in _STANDARD}
        others = self.needs - standard | {"import torch", "from torch import nn"}
        one_core = ['os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy starts', ""]
        return [
            *sorted(standard, key=_plain_first),
            "",
            *(one_core if "import os" in standard else []),
            *sorted(others, key=_plain_first),
            "",
        ]

    def packages(self) -> str:
        """Name the packages that it imports."""
        found = {"torch", "numpy"}
        for name, package in (("mlxtend", "mlxtend"), ("sklearn", "scikit-learn")):
            if any(line.split()[1].startswith(name) for line in self.needs):
                found.add(package)
        *others, last = sorted(found)
        return f"{', '.join(others)} and {last}"

    def constants(self) -> str:
        """Return what a person would change first, and how many threads compute."""
        lane = self.lane
        lines = [
            f"SEED = {lane.seed}",
            f"STEPS = {self.steps}",
            f"BATCH = {lane.batch_size}",
            f"LEARNING_RATE = {lane.lr!r}",
            "",
            "torch.set_num_threads(1)  # as the run: several threads add up in another order",
        ]
        if self.gpu:
            lines += ['device = torch.device("cuda" if torch.cuda.is_available() else "cpu")']
            lines += [
                "torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False"
            ]
        return "\n".join([*lines, _GENERATOR])

    def __post_init__(self) -> None:
        """Refuse settings that came after this script was written."""
        for name, value in self.lane.model_dump().items():
            if name not in _KNOWN and value != type(self.lane).model_fields[name].default:
                raise Inexpressible(f"{name} = {value} cannot be written as a plain script")

    @property
    def recurrent(self) -> bool:
        """Whether it is the recurrent network."""
        return self.lane.model == "rnn"

    @property
    def convolves(self) -> bool:
        """Whether it is the ConvNet."""
        return self.lane.model == "convnet"

    @property
    def gaps(self) -> bool:
        """Whether sequences end at different steps and the network knows it."""
        return self.lane.dataset == "recall" and self.recurrent

    @property
    def alone(self) -> bool:
        """Whether a minibatch, or what is left of it at a time step, can be a single example."""
        return self.lane.batch_size == 1 or self.gaps

    @property
    def weighted(self) -> bool:
        """Whether the weights are normalized, not what passes."""
        return self.lane.norm in ("weight", "weight_exp", "spectral")

    @property
    def lsuv(self) -> bool:
        """Whether the initial weights look at the first minibatch."""
        return self.lane.init == "lsuv"


def _plain_first(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line


#: The settings that some part of the script looks at, and those that change no number of the training.
_KNOWN = frozenset(
    (
        *(
            "dataset",
            "preprocessing",
            "whiten_eps",
            "noise",
            "model",
            "depth",
            "width",
            "blocks",
            "channels",
        ),
        *(
            "activation",
            "init",
            "init_std",
            "gain",
            "norm",
            "eps",
            "momentum",
            "groups",
            "r_max",
            "d_max",
        ),
        *(
            "warmup",
            "power_iterations",
            "lrn_n",
            "lrn_k",
            "lrn_alpha",
            "lrn_beta",
            "statistics",
            "place",
        ),
        *(
            "affine",
            "optimizer",
            "lr",
            "schedule",
            "weight_decay",
            "clip",
            "batch_size",
            "order",
            "seed",
        ),
        *("device", "meter"),
    )
)
_STANDARD = {"gzip", "hashlib", "itertools", "math", "os", "sys", "pathlib"}

_GENERATOR = '''

def generator(*purpose):
    """A random generator of its own for every purpose; its seed is the SHA-256 of SEED and the purpose."""
    digest = hashlib.sha256(repr((SEED, *purpose)).encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)
'''


def look_up(table: dict[str, Any], field_: str, value: str) -> Any:  # noqa: ANN401 - any table
    """Return the entry of a choice.

    Raises:
        Inexpressible: this script knows no such choice.
    """
    if value not in table:
        raise Inexpressible(f"{field_} = {value} cannot be written as a plain script")
    return table[value]


def call(name: str, *arguments: object, **settings: object) -> str:
    """Write a call."""
    given = [str(a) for a in arguments] + [f"{key}={value!r}" for key, value in settings.items()]
    return f"{name}({', '.join(given)})"
