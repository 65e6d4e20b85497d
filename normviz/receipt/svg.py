"""Charts as inline SVG, for a document that needs nothing else: lines over steps, and histograms of layers."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640.0, 260.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 14.0, 12.0, 40.0
PITCH = 18.0
#: Numbers beyond it are not drawn: their differences would not be finite.
_FAR = 1e300

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """A line of a chart: its name, its points (step, value), its colour as CSS, and whether it is dashed."""

    name: str
    points: Points
    color: str
    dashed: bool = False


@dataclass(frozen=True)
class Scale:
    """From numbers to pixels; with ``log`` of positive numbers only."""

    lo: float
    hi: float
    start: float
    end: float
    log: bool = False

    def of(self, value: float) -> float | None:
        """Return the pixel; None where the number has none."""
        if not _drawable(value) or (self.log and value <= 0):
            return None
        lo, hi, at = (
            (math.log10(v) for v in (self.lo, self.hi, value))
            if self.log
            else (self.lo, self.hi, value)
        )
        return self.start + (at - lo) / ((hi - lo) or 1) * (self.end - self.start)


def over_steps(title: str, unit: str, lines: Sequence[Line], *, log: bool = False) -> str:
    """Draw lines over steps. Values that are not finite, and on a log scale those up to 0, leave gaps."""
    xs = [x for line in lines for x, _ in line.points]
    ys = [y for line in lines for _, y in line.points if _drawable(y) and (y > 0 or not log)]
    x = Scale(0.0, max([1.0, *xs]), LEFT, WIDTH - RIGHT)
    y = Scale(*(_decades(ys) if log else _around(ys)), HEIGHT - BOTTOM, TOP, log)
    paths = "".join(_path(line, x, y) for line in lines)
    return _framed(title, _axes(x, y, "step", unit) + paths)


def rows(
    title: str,
    unit: str,
    histograms: Sequence[Sequence[float]],
    edges: Sequence[float],
    names: Sequence[str],
    colors: Sequence[str],
    *,
    log: bool = False,
) -> str:
    """Draw one histogram a row, each as high as its own peak; ``edges`` in the values' unit, or their exponents."""
    height = TOP + PITCH * len(histograms) + BOTTOM
    x = Scale(edges[0], edges[-1], LEFT, WIDTH - RIGHT)
    body = list[str]()
    for index, (shares, name, color) in enumerate(zip(histograms, names, colors, strict=True)):
        base = TOP + PITCH * (index + 1)
        peak = max(shares) or 1.0
        corners = [(LEFT, base)]
        for left, right, share in zip(edges, edges[1:], shares, strict=False):
            top = base - share / peak * (PITCH - 2)
            corners += [(x.of(left) or LEFT, top), (x.of(right) or LEFT, top)]
        corners.append((WIDTH - RIGHT, base))
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
        body.append(
            f'<polygon points="{path}" style="fill:{color}"><title>{escape(name)}</title></polygon>'
        )
        body.append(
            f'<text class="tick" x="{LEFT - 6:.0f}" y="{base - 2:.0f}" text-anchor="end">{escape(name)}</text>'
        )
    y = Scale(0.0, 1.0, height - BOTTOM, TOP)
    return _framed(title, "".join(body) + _x_axis(x, y, unit, exponents=log), height)


def _drawable(value: float) -> bool:
    return math.isfinite(value) and abs(value) < _FAR


def _framed(title: str, body: str, height: float = HEIGHT) -> str:
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">{body}</svg></figure>'
    )


def _path(line: Line, x: Scale, y: Scale) -> str:
    parts, down = list[str](), False
    for step, value in line.points:
        at, to = x.of(step), y.of(value)
        if at is None or to is None:
            down = False
            continue
        parts.append(f"{'L' if down else 'M'}{at:.1f} {to:.1f}")
        down = True
    if not parts:
        return ""
    dashed = ' stroke-dasharray="5 4"' if line.dashed else ""
    drawn = f'd="{"".join(parts)}" style="stroke:{line.color}"{dashed}'
    return f'<path class="line" {drawn}><title>{escape(line.name)}</title></path>'


def _axes(x: Scale, y: Scale, x_name: str, y_name: str) -> str:
    parts = [_x_axis(x, y, x_name)]
    for value in _ticks(y):
        at = y.of(value)
        if at is not None:
            parts.append(f'<path class="grid" d="M{x.start:.0f} {at:.1f}H{x.end:.0f}"/>')
            parts.append(
                f'<text class="tick" x="{LEFT - 6:.0f}" y="{at + 4:.1f}" text-anchor="end">{number(value)}</text>'
            )
    middle = (y.start + y.end) / 2
    turned = f'transform="translate(12 {middle:.0f}) rotate(-90)" text-anchor="middle"'
    parts.append(f'<text class="name" {turned}>{escape(y_name)}</text>')
    return "".join(parts)


def _x_axis(x: Scale, y: Scale, name: str, exponents: bool = False) -> str:
    bottom = y.start
    parts = [f'<path class="axis" d="M{x.start:.0f} {y.end:.0f}V{bottom:.0f}H{x.end:.0f}"/>']
    for value in _ticks(x):
        at = x.of(value)
        label = number(10.0**value) if exponents else number(value)
        parts.append(
            f'<text class="tick" x="{at:.1f}" y="{bottom + 16:.0f}" text-anchor="middle">{label}</text>'
        )
    parts.append(
        f'<text class="name" x="{x.end:.0f}" y="{bottom + 34:.0f}" text-anchor="end">{escape(name)}</text>'
    )
    return "".join(parts)


def _ticks(scale: Scale) -> list[float]:
    if scale.log:
        first, last = round(math.log10(scale.lo)), round(math.log10(scale.hi))
        every = max(1, -(-(last - first) // 6))
        return [10.0**exponent for exponent in range(first, last + 1, every)]
    step = nice((scale.hi - scale.lo) / 5)
    first = math.ceil(scale.lo / step - 1e-9)
    return [i * step for i in range(first, first + 12) if i * step <= scale.hi + step * 1e-9]


def nice(size: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at or above a size."""
    if not size > 0 or not math.isfinite(size):
        return 1.0
    power = 10.0 ** math.floor(math.log10(size))
    return next((m * power for m in (1, 2, 5) if m * power >= size * 0.999), 10 * power)


def _around(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 1.0
    lo, hi = min(values), max(values)
    if hi - lo < 1e-9 * max(abs(lo), abs(hi), 1e-9):
        wide = abs(hi) / 10 or 1.0
        return (lo - wide, hi + wide) if lo else (0.0, 1.0)
    step = nice((hi - lo) / 5)
    return math.floor(lo / step) * step, math.ceil(hi / step) * step


def _decades(values: Iterable[float]) -> tuple[float, float]:
    exponents = [math.log10(value) for value in values]
    if not exponents:
        return 0.1, 1.0
    lo, hi = math.floor(min(exponents)), math.ceil(max(exponents))
    return 10.0**lo, 10.0 ** max(hi, lo + 1)


def number(value: float) -> str:
    """Write a number for a tick or a table."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    if not 1e-3 <= abs(value) < 1e5:
        exponent = math.floor(math.log10(abs(value)) + 1e-12)
        mantissa = f"{value / 10.0**exponent:.3g}"
        power = f'10<tspan baseline-shift="super" font-size="70%">{exponent}</tspan>'
        return power if mantissa == "1" else f"{mantissa}·{power}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
