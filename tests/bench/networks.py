"""Every normalization, depth and width: our steps, bare and with all quantities, against torch's own layers.

Three loops take turns: the bare one of torch's own layers, ours unseen, and the worker's with 30 frames/s.
"""

from typing import Any

from normviz import catalog
from normviz.config import LaneConfig
from normviz.train.lane import Lane
from tests.bench.bare import CHANNELS, UNITS, WEIGHTS, BareLoop, timed
from tests.bench.driven import DrivenWorker
from tests.bench.report import Result, Row, at_least, median

ROUNDS = 5
SECONDS = 0.3
#: A turn takes at least so many steps of a slow network.
STEPS = 12
#: Until here the held-out set is evaluated every ten steps.
WARM_STEPS = 110
#: No layer of ours is to be slower than torch's by more than a tenth.
TARGET = 0.90

MLP = LaneConfig(width=100)
CONVNET = LaneConfig(model="convnet", groups=4, activation="sigmoid")


class OurLoop:
    """A lane that nobody looks at."""

    def __init__(self, config: LaneConfig) -> None:
        self.lane = Lane(config, measure=False)

    def step(self) -> None:
        """One minibatch."""
        self.lane.update(measure=False)


def bench() -> Result:
    """Measure all of them."""
    rows: list[Row] = []
    raw: dict[str, Any] = {}
    for name, config, judged in cases():
        rounds = compare(config)
        raw[name] = rounds
        rows.append(_row(name, rounds, judged))
    return Result(rows, raw)


def cases() -> list[tuple[str, LaneConfig, bool]]:
    """Name and configuration of each line, and whether torch has its layer."""
    units = {*UNITS, *WEIGHTS, "none"}
    channels = {*CHANNELS, *WEIGHTS, "none"}
    return [
        *((f"MLP, {norm}", _with(MLP, norm=norm), norm in units) for norm in catalog.NORMS),
        *(
            (f"ConvNet, {norm}", _with(CONVNET, norm=norm), norm in channels)
            for norm in catalog.NORMS
        ),
        *((f"depth {depth}", _with(MLP, depth=depth), True) for depth in (10, 30, 100)),
        *((f"width {width}", _with(MLP, width=width), True) for width in (32, 100, 200, 512)),
    ]


def _with(config: LaneConfig, **changes: Any) -> LaneConfig:
    return config.model_copy(update=changes)


def compare(config: LaneConfig) -> list[dict[str, float]]:
    """Train all three in turns, in another order every round."""
    bare, ours, driven = BareLoop(config), OurLoop(config), DrivenWorker(config)
    while driven.step_count < WARM_STEPS:
        driven.timed(0.2)
    timed(ours, 0.2)  # pyright: ignore
    seconds = max(SECONDS, STEPS / rate(*timed(bare, 0.2)))
    turns = {
        "bare": lambda: rate(*timed(bare, seconds)),
        "ours": lambda: rate(*timed(ours, seconds)),  # pyright: ignore
        "instrumented": lambda: rate(*driven.timed(seconds)[:2]),
    }
    rounds = list[dict[str, float]]()
    for index in range(ROUNDS):
        order = list(turns)[index % 3 :] + list(turns)[: index % 3]
        rounds.append({name: turns[name]() for name in order})
    return rounds


def rate(steps: int, seconds: float) -> float:
    """Return steps a second."""
    return steps / seconds


def _row(name: str, rounds: list[dict[str, float]], judged: bool) -> Row:
    ratio = median([each["ours"] / each["bare"] for each in rounds])
    seen = median([each["instrumented"] / each["bare"] for each in rounds])
    steps = median([each["bare"] for each in rounds])
    note = f", with all quantities {seen:.3g} (bare {steps:.0f} steps/s)"
    if judged:
        return at_least(f"{name}: ours / torch's", ratio, TARGET, note)
    return Row(f"{name}: ours / torch's without it", f"{ratio:.3g}{note}")
