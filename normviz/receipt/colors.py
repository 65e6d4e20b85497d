"""Colours of lanes and layers for a document that is read on light and on dark grounds: those of the live charts."""

import math

#: Okabe and Ito's colours, lighter ones on a dark ground.
LANES = (
    ("#0072B2", "#56B4E9"),
    ("#C04A00", "#F0A030"),
    ("#00795A", "#2CC59B"),
    ("#A8467E", "#E39BC4"),
)


def lane(index: int) -> str:
    """Return the CSS colour of a lane."""
    return _both(*LANES[index % len(LANES)])


def layers(n: int) -> list[str]:
    """Return CSS colours of n layers: lightness rises evenly with depth, from violet over teal to yellow-green."""
    shares = [i / (n - 1) if n > 1 else 0.0 for i in range(n)]
    return [
        _both(
            *(
                _oklch(lo + span * u, 0.15 - 0.01 * u, 305 - 195 * u)
                for lo, span in ((0.34, 0.3), (0.58, 0.34))
            )
        )
        for u in shares
    ]


def _both(light: str, dark: str) -> str:
    return f"light-dark({light},{dark})"


def _oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return #rrggbb of an OKLCH colour (B. Ottosson 2020), clipped to sRGB."""
    a, b = (chroma * f(math.radians(hue)) for f in (math.cos, math.sin))
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741 - the names of the source
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
    linear = (
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
    )
    return "#" + "".join(f"{_gamma(value):02x}" for value in linear)


def _gamma(value: float) -> int:
    encoded = 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(255 * min(1.0, max(0.0, encoded)))
