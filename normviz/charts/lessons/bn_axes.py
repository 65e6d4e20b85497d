"""A small minibatch as squares: which values of it Batch Normalization averages over."""

import numpy as np
from jaxtyping import Float64

from normviz.language import _

#: The side of a value, the room between pictures, the room for names at the left and above.
SIDE, GAP, LEFT, TOP = 26, 22, 150, 44
#: The value that is shown in full colour.
FULL = 3.0

CSS = """
.drawing { font-family: var(--st-font); }
svg { display: block; width: 100%; max-width: 640px; height: auto; }
text { fill: var(--st-text-color); font-size: 22px; }
.channel { text-anchor: middle; }
.value { stroke: var(--st-background-color); stroke-width: 1.5; }
.value.other { opacity: 0.3; }
.value.high { fill: #d55e00; }
.value.low { fill: #0072b2; }
.ground { fill: var(--st-secondary-background-color); }
.together { fill: none; stroke: var(--st-text-color); stroke-width: 4; }
"""


def drawing(x: Float64[np.ndarray, "batch channels height width"], chosen: int) -> str:
    """Draw every value, orange above 0 and blue below, and a frame around those of one channel."""
    batch, channels, height, width = x.shape
    across, down = width * SIDE + GAP, height * SIDE + GAP
    total = LEFT + channels * across, TOP + batch * down
    parts = [
        f'<text class="channel" x="{LEFT + c * across + width * SIDE / 2:g}" y="28">'
        + _("channel {n}").format(n=c + 1)
        + "</text>"
        for c in range(channels)
    ]
    parts += [
        f'<text x="4" y="{TOP + n * down + height * SIDE / 2 + 8:g}">'
        + _("example {n}").format(n=n + 1)
        + "</text>"
        for n in range(batch)
    ]
    for (n, c, row, column), value in np.ndenumerate(x):
        place = LEFT + c * across + column * SIDE, TOP + n * down + row * SIDE
        parts.append(_square(float(value), *place, c == chosen))
    frame = LEFT + chosen * across - 7, TOP - 7
    parts.append(
        f'<rect class="together" x="{frame[0]}" y="{frame[1]}" width="{width * SIDE + 14}" '
        f'height="{batch * down - GAP + 14}" rx="8"/>'
    )
    words = _(
        "Values of {batch} examples in {channels} channels; those of channel {chosen} are framed"
    ).format(batch=batch, channels=channels, chosen=chosen + 1)
    return f'<svg viewBox="0 0 {total[0]} {total[1]}" role="img" aria-label="{words}">{"".join(parts)}</svg>'


def _square(value: float, x: int, y: int, chosen: bool) -> str:
    strength = min(1.0, abs(value) / FULL)
    kind = f"value {'high' if value > 0 else 'low'}{'' if chosen else ' other'}"
    at = f'x="{x:g}" y="{y:g}" width="{SIDE}" height="{SIDE}"'
    return f'<rect class="ground" {at}/><rect class="{kind}" fill-opacity="{strength:.2f}" {at}/>'
