"""The plane under a lane whose examples have two features: which part of it is looked at, and on what grid."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float64

from normviz.config import LaneConfig
from normviz.data.dataset import Dataset
from normviz.frames import Cloud, Field, Plane, Values
from normviz.nn.network import Network
from normviz.probe import surface
from normviz.train.inputs import source_of, transform_of
from normviz.train.lane import Lane
from normviz.train.turning import DATA, SOURCE, differ

#: Points along a side of the grid: the most with which a pass takes no more multiplications than :data:`PRODUCTS`.
SIDES = (48, 32, 24, 16)
PRODUCTS = 2.2e8
#: Training points that are shown, at most.
SHOWN = 400
#: How far the grid reaches beyond the points, of their extent.
BORDER = 0.1

Turns = Mapping[int, LaneConfig]
Sources = dict[int, Dataset]
Corners = Float64[np.ndarray, "2 2"]


class Surface:
    """The decision surface of one lane.

    Attributes:
        side: points along a side of its grid.
        plane: what readers of its frames must know.
    """

    def __init__(self, index: int, lane: Lane, sources: Sources, corners: Corners) -> None:
        self.side, self._corners = _side(lane.model), corners
        first, (lo, hi) = sources[0], corners.tolist()
        inputs = first.features or ("x₁", "x₂")
        self.plane = Plane(
            index,
            (lo[0], lo[1]),
            (hi[0], hi[1]),
            (inputs[0], inputs[1]),
            first.labels or tuple(map(str, range(first.classes))),
            tuple(_cloud(step, source, corners) for step, source in sources.items()),
        )
        self._take(lane.config)

    def _take(self, config: LaneConfig) -> None:
        """Preprocess the grid as this configuration has it."""
        lo, hi = self._corners
        across, up = np.linspace(lo, hi, self.side).T
        points = np.stack(np.meshgrid(across, up), -1).reshape(-1, 2).astype(np.float32)
        self._config, self._inputs = config, torch.from_numpy(transform_of(config)(points))

    def fields(self) -> tuple[Field, ...]:
        """Return what is measured."""
        return surface.fields(self.side)

    def measure(self, lane: Lane) -> Values:
        """Measure the lane's surface as its network is now."""
        if differ(self._config, lane.config, DATA):
            self._take(lane.config)
        return surface.measure(lane.model, self._inputs.to(lane.device), *self._corners)


def surfaces(lanes: Sequence[Lane], turns: Sequence[Turns]) -> list[Surface | None]:
    """Return the surface of every lane whose examples have two features; lanes of one data set share a scale."""
    seen = [
        _sources(lane, changes) if lane.data.shape == (2,) else None
        for lane, changes in zip(lanes, turns, strict=True)
    ]
    shared: dict[str, list[Dataset]] = {}
    for lane, sources in zip(lanes, seen, strict=True):
        shared.setdefault(lane.config.dataset, []).extend((sources or {}).values())
    return [
        Surface(index, lane, sources, _corners(shared[lane.config.dataset])) if sources else None
        for index, (lane, sources) in enumerate(zip(lanes, seen, strict=True))
    ]


def _sources(lane: Lane, turns: Turns) -> Sources:
    """Return what a lane sees, by the step from which on it does."""
    sources, before = {0: source_of(lane.config)}, lane.config
    for step, config in sorted(turns.items()):
        if differ(before, config, SOURCE) and (source := source_of(config)).shape == (2,):
            sources[step] = source
        before = config
    return sources


def _side(model: Network) -> int:
    products = sum(linear.weight.numel() for linear in model.linears())
    return next((side for side in SIDES if side**2 * products <= PRODUCTS), SIDES[-1])


def _corners(sources: Iterable[Dataset]) -> Corners:
    """Return the lowest and the highest point of the grid: around all points that are ever trained on or held out."""
    points = np.concatenate([part for source in sources for part in (source.x, source.heldout_x)])
    lo, hi = points.min(0).astype(float), points.max(0).astype(float)
    border = BORDER * np.where(hi > lo, hi - lo, np.maximum(np.abs(hi), 1))
    return np.stack([lo - border, hi + border])


def _cloud(step: int, source: Dataset, corners: Corners) -> Cloud:
    """Take the first points, which come in random order, to a thousandth of the grid's extent or better."""
    digits = 3 - np.floor(np.log10(corners[1] - corners[0])).astype(int)
    x1, x2 = (
        tuple(round(value, int(places)) for value in column)
        for column, places in zip(source.x[:SHOWN].T.tolist(), digits, strict=True)
    )
    return Cloud(step, x1, x2, tuple(source.y[:SHOWN].tolist()))
