"""The computation graph of Batch Normalization as SVG: every node with its numbers and its gradient.

Two drawings of the same graph: a wide one for a screen, a tall one for a phone. Both take colours and font from the
page's style sheet.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from normviz.language import _

Numbers = Mapping[str, NDArray[np.float64]]

#: Each node's label and its place: how far along the graph, and whether on the main row (0) or beside it (1).
PLACES: dict[str, tuple[str, int, int]] = {
    "x": ("x", 0, 0),
    "mu": ("μ", 0, 1),
    "xmu": ("x − μ", 1, 0),
    "sq": ("(x − μ)²", 1, 1),
    "var": ("σ²", 2, 1),
    "std": ("√(σ² + ε)", 3, 1),
    "inv": ("1 / √(σ² + ε)", 4, 1),
    "xhat": ("x̂", 4, 0),
    "gamma": ("γ", 5, 1),
    "gx": ("γ x̂", 5, 0),
    "beta": ("β", 6, 1),
    "y": ("y = γ x̂ + β", 6, 0),
}
#: A card's width, the height of its title and of a line of numbers, and the room between cards.
CARD, TITLE, LINE, GAP = 180, 38, 30, 28


@dataclass(frozen=True)
class Shown:
    """What a drawing shows.

    Attributes:
        values: the values that have been computed.
        gradients: the gradients that have arrived.
        edges: from where to where values flow.
        current: the node whose step is being done or taken back; empty at the start.
        back: whether it is being taken back.
        steps: the number of the step that computes a node.
    """

    values: Numbers
    gradients: Numbers
    edges: Sequence[tuple[str, str]]
    current: str
    back: bool
    steps: Mapping[str, int]


@dataclass(frozen=True)
class Box:
    """Where a card is: its centre and its size."""

    x: float
    y: float
    height: float

    def border(self, other: "Box", room: float = 4.0) -> tuple[float, float]:
        """Return where the line between two centres leaves this card."""
        dx, dy = other.x - self.x, other.y - self.y
        shares = [
            (half + room) / abs(way) for half, way in ((CARD / 2, dx), (self.height / 2, dy)) if way
        ]
        share = min(shares)
        return self.x + dx * share, self.y + dy * share


def wide(shown: Shown, sizes: Mapping[str, int]) -> str:
    """Draw the graph from left to right; ``sizes`` are the lines of numbers of each node."""
    heights = [max(_height(sizes[n]) for n in PLACES if PLACES[n][2] == row) for row in (1, 0)]
    middles = {1: heights[0] / 2 + 4, 0: heights[0] + GAP + heights[1] / 2 + 4}
    boxes = {
        node: Box(CARD / 2 + 4 + along * (CARD + GAP), middles[row], _height(sizes[node]))
        for node, (_, along, row) in PLACES.items()
    }
    return _drawing("wide", boxes, shown, 7.0 * CARD + 6 * GAP + 8, sum(heights) + GAP + 8)


def tall(shown: Shown, sizes: Mapping[str, int]) -> str:
    """Draw the graph from top to bottom."""
    tops, top = list[tuple[float, float]](), 4.0
    for along in range(7):
        height = max(_height(sizes[n]) for n in PLACES if PLACES[n][1] == along)
        tops.append((top + height / 2, height))
        top += height + GAP
    boxes = {
        node: Box(CARD / 2 + 4 + row * (CARD + GAP), tops[along][0], _height(sizes[node]))
        for node, (_, along, row) in PLACES.items()
    }
    return _drawing("tall", boxes, shown, 2.0 * CARD + GAP + 8, top - GAP + 4)


def _height(lines: int) -> float:
    """Return the height of a card with so many lines of values and as many of gradients."""
    return float(TITLE + 2 * lines * LINE + 16)


def _drawing(name: str, boxes: Mapping[str, Box], shown: Shown, width: float, height: float) -> str:
    parts = [
        *(_edge(boxes, each, shown, name) for each in shown.edges),
        *(_card(node, box, shown) for node, box in boxes.items()),
    ]
    words = _(
        "Computation graph of Batch Normalization with the value and the gradient of every node"
    )
    return (
        f'<svg class="{name}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{words}">'
        f"<defs>{_head(name, 'value')}{_head(name, 'gradient')}{_head(name, 'rest')}</defs>"
        f"{''.join(parts)}</svg>"
    )


def _head(drawing: str, kind: str) -> str:
    return (
        f'<marker id="{drawing}-{kind}" class="{kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="14" '
        'markerHeight="14" markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
        '<path d="M0 0L10 5L0 10z"/></marker>'
    )


def _edge(boxes: Mapping[str, Box], edge: tuple[str, str], shown: Shown, drawing: str) -> str:
    start, end = (boxes[node] for node in edge)
    active = edge[1] == shown.current
    kind = ("gradient" if shown.back else "value") if active else "rest"
    (x1, y1), (x2, y2) = start.border(end), end.border(start)
    if active and shown.back:
        x1, y1, x2, y2 = x2, y2, x1, y1
    return (
        f'<line class="edge {kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'marker-end="url(#{drawing}-{kind})"/>'
    )


def _card(node: str, box: Box, shown: Shown) -> str:
    label = PLACES[node][0]
    left, top = box.x - CARD / 2, box.y - box.height / 2
    state = "open" if node not in shown.values else "done"
    if node == shown.current:
        state = "back" if shown.back else "now"
    number = f"{shown.steps[node]}" if node in shown.steps else ""
    lines = [
        f'<rect class="card {state}" x="{left:g}" y="{top:g}" width="{CARD}" height="{box.height:g}" rx="10"/>',
        f'<text class="name" x="{left + 12:g}" y="{top + 28:g}">{escape(label)}</text>',
        f'<text class="number" x="{left + CARD - 12:g}" y="{top + 27:g}">{number}</text>',
    ]
    half = (box.height - TITLE - 16) / 2
    lines += _rows("value", shown.values.get(node), left, top + TITLE)
    if node in shown.gradients:
        rule = top + TITLE + half + 8
        lines.append(
            f'<line class="rule" x1="{left + 10:g}" x2="{left + CARD - 10:g}" y1="{rule:g}" y2="{rule:g}"/>'
        )
        lines += _rows("gradient", shown.gradients[node], left, top + TITLE + half + 10)
    return f"<g>{''.join(lines)}</g>"


def _rows(kind: str, numbers: NDArray[np.float64] | None, left: float, top: float) -> Iterable[str]:
    if numbers is None:
        return
    rows = np.atleast_2d(numbers)
    width = (CARD - 20) / rows.shape[1]
    for (row, column), number in np.ndenumerate(rows):
        x, y = left + 10 + width * (column + 1) - 6, top + LINE * (row + 0.75)
        yield f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{written(float(number))}</text>'


def written(number: float) -> str:
    """Write a number in at most six characters."""
    size = abs(number)
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else f"{number}".replace("inf", "∞").replace("-", "−")
    if size < 5e-13:
        return "0"
    if size < 0.005 or size >= 99_999.5:
        return f"{number:.0e}".replace("e-0", "e-").replace("e+0", "e").replace("-", "−")
    digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
    return f"{number:.{digits}f}".replace("-", "−")
