"""Numbers as a sentence of a lesson has them."""

import math


def number(value: float | int, digits: int = 2) -> str:
    """Write a number with so many digits, as Markdown; very small and very large ones as a power of ten."""
    value = float(value)
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        written = f"{value:.{digits}g}"
        return f"{float(written):,.0f}" if "e" in written else written
    leading, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"${leading} \\cdot 10^{{{int(exponent)}}}$"
