"""What came out, as a table for a terminal, as JSON, and as one HTML page that needs no network."""

import html
import json
import math
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from normviz.reproduce.figure import Band, Line, Plane, Real
from normviz.reproduce.running import Judged, Outcome

HEAD = ("", "published", "ours (mean ± sd)", "band", "")
VERDICT = {True: "inside", False: "OUTSIDE", None: ""}
#: Okabe & Ito's colours, which colour-blind people can tell apart
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C8C")
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .2rem .6rem; text-align: left; }
th { border-bottom: 2px solid #888; } td { border-bottom: 1px solid #ddd; }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; } .outside { font-weight: bold; }
.reason { color: #555; font-size: .85rem; }
"""


def shown(value: Real | str | None) -> str:
    """Write a number with four digits; words as they are; nothing for nothing."""
    return "" if value is None else value if isinstance(value, str) else f"{value:.4g}"


def measured(judged: Judged) -> str:
    """Write mean ± standard deviation, or one number alone."""
    spread = "" if judged.sd is None else f" ± {judged.sd:.2g}"
    return shown(judged.mean) + spread


def cells(judged: Judged) -> tuple[str, str, str, str, str]:
    """Return the cells of a row, in the order of :data:`HEAD`."""
    row = judged.row
    band = "" if row.band is None else str(row.band)
    return row.label, shown(row.published), measured(judged), band, VERDICT[judged.inside]


def table(outcome: Outcome) -> str:
    """Lay a figure out in columns, with its title, source and verdict."""
    lines = [HEAD, *map(cells, outcome.rows())]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    laid = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    rule = "  ".join("-" * width for width in widths[:4])
    return "\n".join([heading(outcome), "", laid[0], rule, *laid[1:], "", verdict(outcome)])


def heading(outcome: Outcome) -> str:
    """Return title and source."""
    return f"{outcome.name}: {outcome.entry.title}\n{outcome.entry.source}"


def verdict(outcome: Outcome) -> str:
    """Say in one sentence how many rows are inside."""
    judged = [row.inside for row in outcome.rows() if row.inside is not None]
    seeds = f"{len(outcome.seeds)} seed{'s' if len(outcome.seeds) > 1 else ''}"
    return f"{sum(judged)} of {len(judged)} inside their bands, {seeds}"


def as_json(outcomes: Sequence[Outcome]) -> str:
    """Write everything that was measured; a number that is not finite is null."""
    versions = {name: version(name) for name in ("torch", "numpy")}
    figures = [_figure(outcome) for outcome in outcomes]
    return json.dumps({"versions": versions, "figures": figures}, indent=1, allow_nan=False) + "\n"


def _figure(outcome: Outcome) -> dict[str, Any]:
    return {
        "name": outcome.name,
        "title": outcome.entry.title,
        "source": outcome.entry.source,
        "about": outcome.figure.about,
        "inside": outcome.inside,
        "seeds": list(outcome.seeds),
        "rows": [judged_row(judged) for judged in outcome.rows()],
        "numbers": [finite(sample) for sample in outcome.samples],
        "pooled": finite(outcome.pooled),
    }


def judged_row(judged: Judged) -> dict[str, Any]:
    """Return a row with what came out, as JSON has it."""
    row = judged.row
    return finite(
        {
            "key": row.key,
            "label": row.label,
            "published": row.published,
            "mean": judged.mean,
            "sd": judged.sd,
            "values": list(judged.values),
            "band": None if row.band is None else band_of(row.band),
            "inside": judged.inside,
        }
    )


def band_of(band: Band) -> dict[str, Any]:
    """Return a band, as JSON has it; an open end is infinite."""
    return {
        "low": band.low,
        "high": band.high,
        "every_seed": band.every_seed,
        "reason": band.reason,
    }


def finite(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Replace not-a-number and infinity by null, which is all that JSON has for them."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_html(outcomes: Sequence[Outcome]) -> str:
    """Return one page with tables and charts; Plotly's script is inside it."""
    title = outcomes[0].entry.title if len(outcomes) == 1 else "Published figures, run again"
    body = "\n".join(_section(outcome, first=not i) for i, outcome in enumerate(outcomes))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{html.escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _section(outcome: Outcome, first: bool) -> str:
    head = "".join(f"<th scope='col'>{html.escape(cell)}</th>" for cell in HEAD)
    rows = "\n".join(_html_row(judged) for judged in outcome.rows())
    return (
        f"<h1>{html.escape(outcome.entry.title)}</h1>\n"
        f"<p>{html.escape(outcome.entry.source)}. {html.escape(outcome.figure.about)}</p>\n"
        f"<p>{html.escape(verdict(outcome))}.</p>\n{_charts(outcome, first)}\n"
        f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    )


def _html_row(judged: Judged) -> str:
    label, published, ours, band, inside = map(html.escape, cells(judged))
    reason = html.escape(judged.row.band.reason) if judged.row.band else ""
    return (
        f"<tr><td>{label}</td><td class='number'>{published}</td><td class='number'>{ours}</td>"
        f"<td><span class='number'>{band}</span> <span class='reason'>{reason}</span></td>"
        f"<td class='{inside.lower()}'>{inside}</td></tr>"
    )


def _charts(outcome: Outcome, first: bool) -> str:
    """Draw every panel; the first one of the page brings Plotly's script along."""
    import plotly.graph_objects as go

    divs: list[str] = []
    for panel in outcome.figure.panels:
        figure = go.Figure(
            [trace for i, line in enumerate(panel.lines) for trace in _traces(outcome, line, i)]
        )
        figure.update_layout(
            title=panel.title,
            xaxis_title=panel.x,
            yaxis_title=panel.y,
            yaxis_type="log" if panel.log else "linear",
            yaxis_exponentformat="power",
            template="plotly_white",
            height=420,
        )
        script = first and not divs
        divs.append(
            figure.to_html(
                full_html=False,
                include_plotlyjs=script,
                div_id=f"{outcome.name}-{len(divs)}",
            )
        )
    for plane in outcome.figure.planes:
        figure = go.Figure(_dots(outcome, plane), {"title": plane.title, "height": 480})
        figure.update_layout(template="plotly_white", yaxis={"scaleanchor": "x"})
        divs.append(figure.to_html(full_html=False, include_plotlyjs=first and not divs))
    return "\n".join(divs)


def _dots(outcome: Outcome, plane: Plane) -> list[dict[str, Any]]:
    """Return the points of the first seed, and the places to compare them with as hollow circles."""
    sample = outcome.samples[0]
    points = [[sample[key] for key in keys] for keys in plane.keys]
    hollow = {"symbol": "circle-open", "size": 14, "color": COLOURS[6]}
    solid = {"size": 5, "color": COLOURS[0], "opacity": 0.6}
    return [
        {"type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "marker": marker}
        for name, (x, y), marker in (
            (plane.points, zip(*points, strict=True), solid),
            (plane.marked, zip(*plane.marks, strict=True), hollow),
        )
    ]


def _traces(outcome: Outcome, line: Line, index: int) -> list[dict[str, Any]]:
    """Return the mean over the seeds with its spread, and the published values as hollow circles."""
    colour = COLOURS[index % len(COLOURS)]
    judged = [outcome.values(key) for key in line.keys]
    means = [math.fsum(values) / len(values) for values in judged]
    ours: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": line.label,
        "x": list(line.x),
        "y": means,
        "line": {"color": colour},
    }
    if len(outcome.seeds) > 1:
        ours["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [max(v) - mean for v, mean in zip(judged, means, strict=True)],
            "arrayminus": [mean - min(v) for v, mean in zip(judged, means, strict=True)],
            "thickness": 1,
        }
    published: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": f"{line.label}, published",
        "x": list(line.x),
        "y": list(line.published),
        "marker": {"symbol": "circle-open", "size": 11, "color": colour},
    }
    return [ours, published] if line.published else [ours]
