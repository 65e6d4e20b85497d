"""A figure for a page: what is published of it, and a run of it that says how far it is, a line of JSON at a time.

``python -m normviz.reproduce.study`` tells what is published of every figure, in every language,
``python -m normviz.reproduce.study NAME SEEDS`` runs one. It works as long as its standard input is open, so it never
outlives whoever started it.
"""

import json
import math
import os
import statistics
import sys
import threading
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import torch

from normviz.language import LANGUAGES, language, speaking, told
from normviz.reproduce import FIGURES, running
from normviz.reproduce.figure import Band, Figure, Line, Numbers, Plane
from normviz.reproduce.report import band_of, finite, judged_row
from normviz.reproduce.running import Outcome


def published(name: str) -> dict[str, Any]:
    """Return what a figure is, and what its source says of each row and each line, in the language that is spoken."""
    entry, figure = FIGURES[name], FIGURES[name].load()
    rows = [
        {
            "label": told(row.label),
            "published": told(row.published) if isinstance(row.published, str) else row.published,
            "band": None if row.band is None else _band(row.band),
        }
        for row in figure.rows
    ]
    return finite(
        {
            "figure": name,
            "title": told(entry.title),
            "source": told(entry.source),
            "about": told(figure.about),
            "language": language(),
            "rows": rows,
            "panels": _panels(figure),
            "planes": [
                {
                    "title": told(plane.title),
                    "points": told(plane.points),
                    "marked": told(plane.marked),
                }
                | {
                    "marks": [list(map(float, mark)) for mark in plane.marks],
                    "notes": [told(note) for note in plane.notes],
                }
                for plane in figure.planes
            ],
        }
    )


def _band(band: Band) -> dict[str, Any]:
    return {**band_of(band), "reason": told(band.reason), "text": str(band)}


def _panels(figure: Figure) -> list[dict[str, Any]]:
    return [
        {
            "title": told(panel.title),
            "x": told(panel.x),
            "y": told(panel.y),
            "log": panel.log,
            "lines": [
                {
                    "label": told(line.label),
                    "x": [float(x) for x in line.x],
                    "published": [float(y) for y in line.published],
                }
                for line in panel.lines
            ],
        }
        for panel in figure.panels
    ]


def outcome(found: Outcome) -> dict[str, Any]:
    """Return what came out: a number for each row and each point of a line, in the order of :func:`published`."""
    return finite(
        {
            "seeds": list(found.seeds),
            "versions": {name: version(name) for name in ("torch", "numpy")},
            "rows": [judged_row(row) for row in found.rows()],
            "panels": [
                [_points(found, line) for line in panel.lines] for panel in found.figure.panels
            ],
            "planes": [_plane(found.samples[0], plane) for plane in found.figure.planes],
        }
    )


def _points(found: Outcome, line: Line) -> dict[str, list[float]]:
    """Return the mean over the seeds and the standard deviation (divided by n - 1) at every place of a line."""
    values = [found.values(key) for key in line.keys]
    return {"mean": [statistics.fmean(each) for each in values], "sd": list(map(_sd, values))}


def _plane(sample: Numbers, plane: Plane) -> dict[str, Any]:
    """Return the points of one seed to four decimals, and the notes."""
    places = [[round(sample[key], 4) for key in keys] for keys in plane.keys]
    return {"points": places, "notes": [sample[key] for key in plane.notes.values()]}


def _sd(values: Sequence[float]) -> float:
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return math.nan
    return statistics.stdev(values)


def say(**message: Any) -> None:  # noqa: ANN401 - whatever JSON takes
    """Write one line."""
    sys.stdout.write(json.dumps(message, allow_nan=False) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> None:
    """Tell what is published of all figures, or run the one that is named."""
    if not arguments:
        for each in LANGUAGES:
            with speaking(each):
                for name in FIGURES:
                    say(published=published(name))
        return
    name, seeds = arguments
    found = running.run(
        name, range(int(seeds)), lambda done, total: say(progress={"done": done, "total": total})
    )
    say(outcome=outcome(found))


def _end_when_left() -> None:
    """End this process when its standard input ends."""
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    os.nice(10)  # training comes first
    torch.set_num_threads(1)
    threading.Thread(target=_end_when_left, daemon=True).start()
    main(sys.argv[1:])
