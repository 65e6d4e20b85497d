"""A drawn guess beside the measured curve."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from normviz.charts.lessons.style import FIRST, SECOND, figure, logarithmic
from normviz.language import _, told
from normviz.lessons import Sketch


def beside(asked: Sketch, made: Sequence[float] | None, measured: Sequence[float]) -> go.Figure:
    """Return both curves over the places of the sketch; ``made`` is None where the guess was skipped."""
    drawn = figure(told(asked.x), told(asked.y))
    if made is not None:
        drawn.add_scatter(
            x=asked.at,
            y=made,
            name=_("your guess"),
            line={"color": SECOND, "dash": "dash", "width": 3},
        )
    drawn.add_scatter(
        x=asked.at,
        y=measured,
        name=_("this run"),
        mode="lines+markers",
        line={"color": FIRST, "width": 3},
    )
    return logarithmic(drawn) if asked.log else drawn


def distance(asked: Sketch, made: Sequence[float], measured: Sequence[float]) -> str:
    """Say how far the guess is from the measured curve, at a typical place (the median)."""
    ours, theirs = np.asarray(measured, float), np.asarray(made, float)
    if not np.isfinite(ours).any():
        return _("The run has no finite value to compare your curve with.")
    if not asked.log:
        return _("Your curve is {away:.2g} away from the measured one at a typical place.").format(
            away=np.nanmedian(abs(ours - theirs))
        )
    apart = abs(np.log10(np.maximum(ours, 1e-300)) - np.log10(theirs))
    return _("Your curve is off by a factor of {factor:.2g} at a typical place.").format(
        factor=10 ** float(np.nanmedian(apart))
    )
