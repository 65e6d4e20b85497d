"""What a bench returns, and the table that is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line of the table. ``met`` is None where there is no target."""

    name: str
    measured: str
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Result:
    """The rows of a bench and every raw figure behind them."""

    rows: list[Row]
    raw: dict[str, Any] = field(default_factory=dict)


def at_least(name: str, value: float, target: float, note: str = "") -> Row:
    """A ratio or rate that should be high."""
    return Row(name, f"{value:.3g}{note}", f">= {target:g}", value >= target)


def at_most(name: str, value: float, target: float, note: str = "") -> Row:
    """A ratio or time that should be low."""
    return Row(name, f"{value:.3g}{note}", f"<= {target:g}", value <= target)


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest-rank quantile; not a number of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two in the middle."""
    ordered, half = sorted(values), len(values) // 2
    if not ordered:
        return float("nan")
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def table(rows: Sequence[Row]) -> str:
    """Lay the rows out in columns."""
    cells = [("name", "measured", "target", "met?")]
    cells += [
        (r.name, r.measured, r.target, "" if r.met is None else "yes" if r.met else "NO")
        for r in rows
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
