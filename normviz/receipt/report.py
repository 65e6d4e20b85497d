"""A report of a run: one HTML file that opens offline, on light and on dark grounds."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from normviz.config import RunConfig, describe, matters
from normviz.frames import Frame, Schema, decode
from normviz.receipt import colors, svg

#: Points of a line, and layers of a chart, at most: more of them would be drawn over each other.
MOST_POINTS = 160
MOST_LAYERS = 20

_STYLE = """
:root { color-scheme: light dark; --text: light-dark(#16202a, #eef2f5); --ground: light-dark(#fff, #0f1519);
  --muted: light-dark(#55616c, #a9b4bd); --line: light-dark(#d5dbe0, #2c3740); }
body { font: 16px/1.45 system-ui, sans-serif; color: var(--text); background: var(--ground); max-width: 1340px;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; }
h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; margin: 0.5rem 0; } th, td { text-align: left; padding: 0.15rem 1rem 0.15rem 0;
  border-bottom: 1px solid var(--line); vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
a { color: inherit; overflow-wrap: anywhere; } code { overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 1rem 1.5rem; }
figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
svg text { fill: var(--text); font-size: 12px; } svg .name { fill: var(--muted); }
.line { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .grid { stroke: var(--line); }
.axis { stroke: var(--muted); fill: none; } .scroll { overflow-x: auto; }
.key::before { content: ""; display: inline-block; width: 1.6em; border-top: 3px solid currentColor;
  margin-right: 0.4em; vertical-align: middle; } .key.dashed::before { border-top-style: dashed; }
@media print { body { max-width: none; } figure { break-inside: avoid; } }
"""

#: The final numbers of a lane: field and what it is called.
_FINAL = (
    ("loss", "loss of the minibatch (nats)"),
    ("accuracy", "accuracy on the minibatch"),
    ("heldout_loss", "held-out loss (nats)"),
    ("heldout_accuracy", "held-out accuracy"),
    ("heldout_batch_accuracy", "held-out accuracy, batch statistics"),
)
#: Charts of every layer over the steps: field, title, unit, and whether the scale is logarithmic.
_LAYERED = (
    ("pre_mean", "Mean of the pre-activations", "", False),
    ("pre_std", "Standard deviation of the pre-activations", "", False),
    ("act_mean", "Mean of the activations", "", False),
    ("act_std", "Standard deviation of the activations", "", False),
    ("dw_spectral", "Spectral norm of the weight gradients", "loss per unit of weight", True),
    ("saturated", "Saturated share of the activations", "share", False),
)
_HISTOGRAMS = (
    ("pre", "Pre-activations"),
    ("act", "Activations"),
    ("grad", "Gradients by pre-activation"),
)


@dataclass(frozen=True)
class _Run:
    """What is reported of.

    Attributes:
        frames: those that are drawn.
        measured: of every lane and every number about held-out examples, all (step, value): few frames have one.
    """

    config: RunConfig
    schema: Schema
    frames: Sequence[Frame]
    measured: dict[tuple[int, str], list[tuple[float, float]]]

    def field(self, lane: int, name: str) -> Any:  # noqa: ANN401 - a placed field, or None
        return next(
            (p for p in self.schema.fields if p.lane == lane and p.field.name == name), None
        )

    def course(self, lane: int, name: str) -> Float[np.ndarray, "frames *axes"]:
        """Return a field of a lane in all frames."""
        return np.stack([np.asarray(frame.lanes[lane][name], float) for frame in self.frames])


def write(
    facts: dict[str, Any], config: RunConfig, schema: Schema, frames: Sequence[bytes], address: str
) -> Iterator[bytes]:
    """Yield the document, part by part; ``address`` is that of the app, for the link."""
    drawn = [decode(schema, data).frame for data in _spread(frames)]
    run = _Run(config, schema, drawn, _measured(schema, frames))
    title = f"normviz run {facts['run']}"
    yield (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
    ).encode()
    yield _about(facts, address).encode()
    yield _settings(run).encode()
    if drawn:
        yield _numbers(run).encode()
        yield _learning(run).encode()
        for lane in range(len(schema.lanes)):
            for part in _lane(run, lane):
                yield part.encode()
    yield f"<h2>Where it ran</h2>{_table(_machine(facts))}</body></html>\n".encode()


def _measured(
    schema: Schema, frames: Sequence[bytes]
) -> dict[tuple[int, str], list[tuple[float, float]]]:
    names = [p for p in schema.fields if p.field.name.startswith("heldout_") and not p.shape]
    found: dict[tuple[int, str], list[tuple[float, float]]] = {
        (p.lane, p.field.name): [] for p in names
    }
    for data in frames:
        frame = decode(schema, data).frame
        for lane, name in found:
            if math.isfinite(value := float(frame.lanes[lane][name])):
                found[lane, name].append((float(frame.step), value))
    return found


def _spread(frames: Sequence[bytes]) -> list[bytes]:
    """Return at most so many frames, evenly chosen, first and last among them."""
    if len(frames) <= MOST_POINTS:
        return list(frames)
    places = np.unique(np.linspace(0, len(frames) - 1, MOST_POINTS).round().astype(int))
    return [frames[i] for i in places]


def _about(facts: dict[str, Any], address: str) -> str:
    link = address + facts["link"]
    steps = f"{facts['first_step']} to {facts['last_step']}" if facts["frames"] else "none"
    lines = [
        ("Link", f'<a href="{escape(link)}">{escape(link)}</a>'),
        ("Key", f"<code>{escape(facts['key'])}</code>"),
        ("Status", escape(str(facts["status"]))),
        ("Recorded", f"{facts['frames']:,} frames, steps {steps}"),
    ]
    return _table(lines)


def _settings(run: _Run) -> str:
    lanes = [lane.model_dump() for lane in run.config.lanes()]
    shown = [name for name in lanes[0] if any(matters(name, values) for values in lanes)]
    head = "".join(f"<th>{escape(info.name)}</th>" for info in run.schema.lanes)
    body = list[str]()
    for name in shown:
        title = describe(name, lanes[0][name]).partition(":")[0]
        cells = "".join(
            f"<td>{escape(describe(name, v[name]).partition(': ')[2])}</td>" for v in lanes
        )
        body.append(f"<tr><th>{escape(title)}</th>{cells}</tr>")
    body.append(f'<tr><th>Steps</th><td colspan="{len(lanes)}">{run.config.steps:,}</td></tr>')
    turns = "".join(
        f"<li>Lane {escape(run.schema.lanes[flag.lane].name)}, after {flag.step:,} updates: {escape(flag.text)}</li>"
        for flag in run.schema.flags
    )
    changed = f"<p>Changed on the way:</p><ul>{turns}</ul>" if turns else ""
    return f'<h2>Settings</h2><div class="scroll"><table><tr><th></th>{head}</tr>{"".join(body)}</table></div>{changed}'


def _numbers(run: _Run) -> str:
    head = "".join(f"<th>{escape(info.name)}</th>" for info in run.schema.lanes)
    body = list[str]()
    for name, title in _FINAL:
        last = [_course(run, lane, name)[-1:] for lane in range(len(run.schema.lanes))]
        cells = "".join(
            f'<td class="n">{f"{pair[0][1]:.4f}" if pair else "–"}</td>' for pair in last
        )
        body.append(f"<tr><th>{title}</th>{cells}</tr>")
    note = "Each is the last finite one; of the held-out examples not every step is measured."
    return (
        f"<h2>Final numbers</h2><table><tr><th></th>{head}</tr>{''.join(body)}</table><p>{note}</p>"
    )


def _course(run: _Run, lane: int, name: str) -> list[tuple[float, float]]:
    """Return (step, value) of one number of a lane, where it is finite."""
    if (lane, name) in run.measured:
        return run.measured[lane, name]
    if run.field(lane, name) is None:
        return []
    return [pair for pair in _points(run, run.course(lane, name)) if math.isfinite(pair[1])]


def _learning(run: _Run) -> str:
    charts = list[str]()
    for name, title, unit in (("loss", "Loss", "nats"), ("accuracy", "Accuracy", "share right")):
        lines = [
            svg.Line(f"{info.name}, {words}", _course(run, lane, field), colors.lane(lane), dashed)
            for lane, info in enumerate(run.schema.lanes)
            for field, words, dashed in (
                (name, "minibatch", True),
                (f"heldout_{name}", "held out", False),
            )
        ]
        key = _key([(line.name, line.color, line.dashed) for line in lines])
        charts.append(f"<div>{svg.over_steps(title, unit, lines)}{key}</div>")
    return f'<h2>Loss and accuracy</h2><div class="charts">{"".join(charts)}</div>'


def _points(run: _Run, values: NDArray[Any]) -> list[tuple[float, float]]:
    """Return (step, value)."""
    return [
        (float(frame.step), float(value)) for frame, value in zip(run.frames, values, strict=True)
    ]


def _key(entries: Sequence[tuple[str, str, bool]]) -> str:
    keys = (
        f'<span class="key{" dashed" if dashed else ""}" style="color:{color}">{escape(name)}</span>'
        for name, color, dashed in entries
    )
    return f"<p>{' &nbsp; '.join(keys)}</p>"


def _lane(run: _Run, lane: int) -> Iterator[str]:
    info = run.schema.lanes[lane]
    named = escape(f"Lane {info.name}" + (f": {info.title}" if info.title else ""))
    yield f"<h2>{named}</h2><p>Saturated: {escape(info.saturation)}. Trained on: {escape(info.device)}.</p>"
    yield '<div class="charts">'
    for name, title, unit, log in _LAYERED:
        if placed := run.field(lane, name):
            yield _by_layer(run, lane, placed, title, unit or placed.field.unit, log)
    for name, title in _HISTOGRAMS:
        if placed := run.field(lane, f"{name}_hist"):
            yield _histograms(run, lane, placed, title)
    yield "</div>"


def _chosen(n: int) -> list[int]:
    return [int(i) for i in np.unique(np.linspace(0, n - 1, min(n, MOST_LAYERS)).round())]


def _layer_name(run: _Run, lane: int, index: int) -> str:
    return "out" if index == run.schema.lanes[lane].layers else str(index + 1)


def _layer_words(run: _Run, lane: int, index: int) -> str:
    name = _layer_name(run, lane, index)
    return "output layer" if name == "out" else f"layer {name}"


def _by_layer(run: _Run, lane: int, placed: Any, title: str, unit: str, log: bool) -> str:  # noqa: ANN401 - Placed
    course = run.course(lane, placed.field.name)
    n = course.shape[1]
    chosen, scale = _chosen(n), colors.layers(n)
    lines = [
        svg.Line(_layer_words(run, lane, i), _points(run, course[:, i]), scale[i]) for i in chosen
    ]
    some = f" ({len(chosen)} of {n} layers)" if len(chosen) < n else ""
    ends = [(lines[0].name, lines[0].color, False), (lines[-1].name, lines[-1].color, False)]
    return f"<div>{svg.over_steps(title + some, unit, lines, log=log)}{_key(ends[:n])}</div>"


def _histograms(run: _Run, lane: int, placed: Any, title: str) -> str:  # noqa: ANN401 - Placed
    bins, last = placed.field.bins, run.frames[-1]
    shares = last.lanes[lane][placed.field.name]
    n = len(shares)
    chosen, scale = _chosen(n), colors.layers(n)
    edges = np.linspace(bins.lo, bins.hi, bins.n + 1).tolist()
    unit = "magnitude (log scale)" if bins.log10 else "value"
    return svg.rows(
        f"{title} at step {last.step:,}, by layer",
        unit,
        [shares[i].tolist() for i in chosen],
        edges,
        [_layer_name(run, lane, i) for i in chosen],
        [scale[i] for i in chosen],
        log=bins.log10,
    )


def _machine(facts: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = {**facts["machine"], **facts["versions"]}
    return [(escape(name), escape(str(value))) for name, value in pairs.items()]


def _table(lines: Sequence[tuple[str, str]]) -> str:
    """Write a table of names and values; both are HTML already."""
    body = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in lines)
    return f'<div class="scroll"><table>{body}</table></div>'
