"""Numbers as a sentence of a lesson has them."""

import math
from collections.abc import Iterable

from normviz.language import _


def number(value: float | int, digits: int = 2) -> str:
    """Write a number with so many digits, as Markdown; very small and very large ones as a power of ten."""
    value = float(value)
    if not math.isfinite(value):
        return _("not a number") if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        written = f"{value:.{digits}g}"
        return f"{float(written):,.0f}" if "e" in written else written
    leading, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"${leading} \\cdot 10^{{{int(exponent)}}}$"


def listed(parts: Iterable[str]) -> str:
    """Write a list with commas, or with what the language has in their place."""
    return _(", ").join(parts)


def joined(parts: Iterable[str]) -> str:
    """Write a list with "and" between its members."""
    first, *others = parts
    for other in others:
        first = _("{first} and {second}").format(first=first, second=other)
    return first
